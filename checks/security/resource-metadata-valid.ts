import type { Check, Verdict } from '../engine/check.ts';
import type { Declared } from '../engine/context.ts';
import { demandForCredentials } from './anonymous.ts';
import { bearerChallenge } from './challenge.ts';
import { findResourceMetadata } from './resource-metadata.ts';
import { verdict } from '../engine/verdict.ts';

type Document = Readonly<Record<string, unknown>>;

/** MCP-S03. */
export const resourceMetadataValid: Check = {
  id: 'MCP-S03',
  family: 'S',
  title:
    'the protected resource metadata names this server, authorization servers over https, and no wildcard scope',
  severity: 'high',
  eras: ['legacy', 'modern'],
  withoutOpening: true,
  scored: true,
  cost: { requests: 0 },
  rationale:
    'Clients ask for tokens for the resource and at the servers that this document names: a wrong one sends tokens to the wrong audience, and a wildcard scope makes every stolen token a master key.',
  remediation: {
    kind: 'gateway',
    text: 'Set resource to the canonical URI of the server, list authorization servers by their https issuers, and name only the scopes that basic use needs.',
  },
  references: [
    'RFC 9728 section 2',
    'RFC 9728 section 3.3',
    'RFC 8707 section 2',
    'MCP 2026-07-28 basic/authorization: Canonical Server URI',
    'MCP security best practices: Scope Minimization',
  ],
  applies: () => ({ applies: true }),
  run: async (context) => {
    const demand = await demandForCredentials(context);
    if (demand.kind === 'not') return demand.verdict;
    const { document, exchanges, atRoot } = await findResourceMetadata(context, demand.exchange);
    if (document === undefined) {
      return verdict('Untestable', 'It has no protected resource metadata to judge.', exchanges);
    }
    const challenge = bearerChallenge(demand.exchange.response.headers['www-authenticate']);
    const challenged = (challenge?.parameters.get('scope') ?? '').split(' ');
    return {
      ...judge(document, context.declared, atRoot, challenged),
      exchanges: exchanges.map(({ id }) => id),
    };
  },
};

function judge(
  document: Document,
  declared: Declared,
  atRoot: boolean,
  challenged: readonly string[],
): Verdict {
  const problems = [
    resourceProblem(document['resource'], expectedResources(declared, atRoot)),
    serversProblem(document['authorization_servers']),
    scopesProblem(document['scopes_supported']),
  ].filter((problem) => problem !== undefined);
  if (problems.length > 0) return verdict('Fail', problems.join(' '));
  const scopes = [...challenged, ...listOf(document['scopes_supported'])];
  if (scopes.includes('offline_access')) {
    return verdict(
      'Warn',
      'It asks for offline_access, which is between clients and the authorization server.',
    );
  }
  return verdict('Pass', 'The protected resource metadata is valid.');
}

/**
 * @returns what `resource` may be; undefined where nobody declared it: the address of pods inside the cluster is not how their clients
 * know them.
 */
function expectedResources(
  { audience, source, url }: Declared,
  atRoot: boolean,
): readonly string[] | undefined {
  if (audience !== undefined) return [audience];
  if (source === 'pods') return undefined;
  // What is found at the root is the metadata of the origin (RFC 9728, section 3.3), which MCP allows for every path below it.
  return atRoot ? [url, new URL(url).origin] : [url];
}

function resourceProblem(resource: unknown, expected: readonly string[] | undefined): string | undefined {
  if (typeof resource !== 'string' || !URL.canParse(resource)) return 'resource is not an absolute URI.';
  // The text and not URL.hash: that is empty for a bare `#` too.
  if (resource.includes('#')) return 'resource has a fragment.';
  if (expected === undefined) return undefined;
  const isExpected = expected.some((each) => canonical(each) === canonical(resource));
  return isExpected ? undefined : 'resource is not the address or audience of this server.';
}

/** Scheme and host in lower case, no default port, no slash at the end. An audience need not be a URL. */
function canonical(uri: string): string {
  return (URL.canParse(uri) ? new URL(uri).href : uri).replace(/\/$/, '');
}

function serversProblem(servers: unknown): string | undefined {
  if (!Array.isArray(servers) || servers.length === 0) return 'authorization_servers names none.';
  return servers.every(isIssuer) ? undefined : 'authorization_servers names one that is not an https URL.';
}

/** RFC 8414, section 2: https, without query and fragment. */
function isIssuer(value: unknown): boolean {
  if (typeof value !== 'string' || !URL.canParse(value) || /[?#]/.test(value)) return false;
  const { protocol, username, password } = new URL(value);
  return protocol === 'https:' && username === '' && password === '';
}

function scopesProblem(scopes: unknown): string | undefined {
  if (scopes === undefined) return undefined;
  if (!Array.isArray(scopes) || !scopes.every((scope) => typeof scope === 'string')) {
    return 'scopes_supported is not a list of scopes.';
  }
  return scopes.some(isWildcard) ? 'scopes_supported has a scope that stands for everything.' : undefined;
}

function isWildcard(scope: string): boolean {
  return scope.includes('*') || /^(?:all|full[-_]access)$/i.test(scope);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
