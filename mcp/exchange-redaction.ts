/**
 * What of an exchange may be kept: everything but credentials. A request is recorded with placeholders, and where a server repeats a
 * credential of ours, in a body or a header, its answer is changed before anybody sees it.
 */

/** Stands for what is not kept. */
export const REDACTED = '[redacted]';

/** Shorter texts occur by chance: replacing them would ruin an answer and hide nothing. */
const MIN_SECRET_LENGTH = 8;

const SECRET_HEADERS: ReadonlySet<string> = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
]);
const SECRET_NAME = /token|secret|passw|credential|api-?_?key|auth|session|signature|^key$|^sig$|^code$/i;

type HeaderRecord = Readonly<Record<string, string>>;

/** Whether the value of a header (lower case) or a query parameter of this name is a credential, whoever made it. */
export function isSecretName(name: string): boolean {
  return SECRET_HEADERS.has(name) || SECRET_NAME.test(name);
}

/** Headers of a request that look like credentials by name and are none. */
const HARMLESS_REQUEST_HEADERS: ReadonlySet<string> = new Set(['mcp-session-id']);

/** @param ours names (lower case) of the headers that the target's owner gave: credentials, whatever they are called. */
export function redactHeaders(headers: HeaderRecord, ours: ReadonlySet<string>): HeaderRecord {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      const isSecret = ours.has(name) || (isSecretName(name) && !HARMLESS_REQUEST_HEADERS.has(name));
      return [name, isSecret ? REDACTED : value];
    }),
  );
}

/** @returns the URL with the values of secret query parameters replaced. */
export function redactUrl(url: URL): string {
  const shown = new URL(url);
  shown.username = '';
  shown.password = '';
  for (const name of new Set(shown.searchParams.keys())) {
    if (isSecretName(name.toLowerCase())) shown.searchParams.set(name, REDACTED);
  }
  return shown.href;
}

/** @returns a function that replaces every credential among `headers` in a text, as it is and as JSON and URLs write it. */
export function createScrubber(headers: HeaderRecord): (text: string) => string {
  const secrets = Object.values(headers)
    .flatMap((value) => [value, ...value.split(/\s+/).slice(1)])
    .flatMap((value) => [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value)])
    .filter((value) => value.length >= MIN_SECRET_LENGTH);
  const unique = [...new Set(secrets)].toSorted((one, other) => other.length - one.length);
  return (text) => unique.reduce((scrubbed, secret) => scrubbed.replaceAll(secret, REDACTED), text);
}
