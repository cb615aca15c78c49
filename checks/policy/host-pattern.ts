/**
 * Patterns of `remotes.hosts`, held against the host of a URL as every URL parser of the web reads it: in lower case, names in ASCII, and
 * IP addresses in one notation, whatever they were written like.
 * @see https://url.spec.whatwg.org/#host-parsing
 */

const SUBDOMAINS = '*.';

/** @returns the URL, with the dot behind a host taken away, which names the same host; undefined when it is none. */
export function parseRemoteURL(
  text: string,
): { readonly scheme: string; readonly host: string; readonly origin: string } | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, hostname, origin } = new URL(text);
  return { scheme: protocol, host: hostname.replace(/\.$/, ''), origin };
}

/** Whether one of the patterns is this host. A pattern with a problem is none. */
export function isHostAllowed(patterns: readonly string[], host: string): boolean {
  return patterns.some((pattern) => {
    if (!pattern.startsWith(SUBDOMAINS)) return pattern === host;
    const parent = pattern.slice(1);
    return host.endsWith(parent) && host.length > parent.length;
  });
}

/** @returns what is wrong with the pattern, and what would be right; undefined when it can be used. */
export function hostPatternProblem(pattern: string): string | undefined {
  const name = pattern.startsWith(SUBDOMAINS) ? pattern.slice(SUBDOMAINS.length) : pattern;
  if (name.includes('*'))
    return 'has * elsewhere than in front: only *.example.com is possible, for one label or more';
  if (/[/?#@\s\\]|:(?![^[]*\])/.test(name))
    return 'is more than a host: write mcp.example.com, without scheme, port and path';
  const host = parseRemoteURL(`https://${pattern.replace('*', 'any')}/`)?.host.replace(/^any\./, SUBDOMAINS);
  if (host === undefined || name === '') return 'is not a host name: write one like mcp.example.com';
  return host === pattern ? undefined : `is not how a URL has that host: write ${host}`;
}
