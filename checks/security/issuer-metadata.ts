import type { Exchange } from '../../mcp/index.ts';
import type { Check, Verdict } from '../engine/check.ts';
import type { CheckContext } from '../engine/context.ts';
import { demandForCredentials } from './anonymous.ts';
import { jsonObject } from './requests.ts';
import { findResourceMetadata } from './resource-metadata.ts';
import { verdict } from '../engine/verdict.ts';
import { isAnswered } from './verdicts.ts';

/** Issuers that are looked at: each may take three requests. */
const MAX_ISSUERS = 2;
/** How bad a verdict on one issuer is beside another's. */
const WORST_FIRST = ['Fail', 'Untestable', 'Pass'] as const;

/** MCP-S04. Nothing that the probed server names is fetched: only what its owner declared. */
export const issuerMetadata: Check = {
  id: 'MCP-S04',
  family: 'S',
  title:
    'declared authorization servers publish metadata with their own issuer, over https, and support PKCE with S256',
  severity: 'high',
  eras: ['legacy', 'modern'],
  withoutOpening: true,
  scored: true,
  cost: { requests: 0 },
  rationale:
    'A client that is led to metadata of another issuer, or to a server without PKCE, hands its authorization codes to whoever stands in between.',
  remediation: {
    kind: 'none',
    text: 'Publish RFC 8414 metadata whose issuer is identical to the declared one and whose code_challenge_methods_supported has S256; declare the issuers of the server.',
  },
  references: [
    'RFC 8414 section 3.3',
    'RFC 9207 section 2.3',
    'RFC 7636 section 4.2',
    'MCP 2026-07-28 basic/authorization/authorization-server-discovery',
  ],
  applies: () => ({ applies: true }),
  run: async (context) => {
    const { issuers } = context.declared;
    const demand = await demandForCredentials(context);
    if (issuers.length === 0) {
      if (demand.kind === 'not') return demand.verdict;
      return verdict('Untestable', 'No authorization server is declared, and nothing else is asked.');
    }
    const verdicts = await Promise.all(issuers.slice(0, MAX_ISSUERS).map((issuer) => judge(context, issuer)));
    const strangers = demand.kind === 'not' ? [] : await undeclared(context, demand.exchange);
    if (strangers.length > 0 || issuers.length > MAX_ISSUERS) verdicts.push(NOT_ALL);
    const worst = WORST_FIRST.flatMap((outcome) => verdicts.filter((each) => each.outcome === outcome))[0];
    const exchanges = verdicts.flatMap((each) => each.exchanges ?? []);
    return { ...(worst ?? NOT_ALL), exchanges };
  },
};

const NOT_ALL = verdict(
  'Untestable',
  'It names authorization servers that are not declared, or too many: they are not asked.',
);

/** Authorization servers that the metadata of the server names and its owner does not. */
async function undeclared(
  context: CheckContext,
  demand: Parameters<typeof findResourceMetadata>[1],
): Promise<readonly unknown[]> {
  const { document } = await findResourceMetadata(context, demand);
  const named: unknown = document?.['authorization_servers'];
  const declared: readonly unknown[] = context.declared.issuers;
  return Array.isArray(named) ? named.filter((server) => !declared.includes(server)) : [];
}

async function judge(context: CheckContext, issuer: string): Promise<Verdict> {
  if (!URL.canParse(issuer) || new URL(issuer).protocol !== 'https:') {
    return verdict('Fail', 'A declared issuer is not an https URL.');
  }
  const seen: Exchange[] = [];
  for (const url of metadataUrls(new URL(issuer))) {
    const exchange = await context.ask.once(`security/issuer-metadata ${url.href}`, (ask) =>
      ask.fetchMetadata(url),
    );
    seen.push(exchange);
    const { status } = exchange.response ?? {};
    // A client goes on where there is nothing; everything else is the answer.
    if (status === undefined || status < 400 || status >= 500) return judgeAnswer(exchange, issuer, seen);
  }
  return verdict('Fail', 'A declared authorization server publishes no metadata.', seen);
}

/** In the order in which MCP clients must try them. */
function metadataUrls({ origin, pathname }: URL): readonly URL[] {
  const path = pathname.replace(/\/$/, '');
  const places = [
    `/.well-known/oauth-authorization-server${path}`,
    `/.well-known/openid-configuration${path}`,
  ];
  if (path !== '') places.push(`${path}/.well-known/openid-configuration`);
  return places.map((place) => new URL(place, origin));
}

function judgeAnswer(exchange: Exchange, issuer: string, seen: readonly Exchange[]): Verdict {
  if (!isAnswered(exchange)) {
    const { reason, message } = exchange.failure ?? { reason: 'Internal', message: 'nothing came back' };
    const outcome = reason === 'TLSFailed' ? 'Fail' : 'Untestable';
    return verdict(outcome, `A declared authorization server cannot be asked: ${message}.`, seen);
  }
  const { status, truncated, body } = exchange.response;
  if (status >= 300) {
    return verdict(
      'Untestable',
      'A declared authorization server redirects or breaks: neither is followed.',
      seen,
    );
  }
  const document = truncated ? undefined : jsonObject(body);
  if (document === undefined) {
    return verdict(
      'Fail',
      'The metadata of a declared authorization server is no JSON object, or too large.',
      seen,
    );
  }
  return judgeDocument(document, issuer, seen);
}

function judgeDocument(
  document: Readonly<Record<string, unknown>>,
  issuer: string,
  seen: readonly Exchange[],
): Verdict {
  // Identical, code point by code point: RFC 8414, section 3.3.
  if (document['issuer'] !== issuer) {
    return verdict('Fail', 'The metadata of a declared authorization server names another issuer.', seen);
  }
  const endpoints = [document['authorization_endpoint'], document['token_endpoint']];
  if (endpoints.some((endpoint) => typeof endpoint === 'string' && !endpoint.startsWith('https://'))) {
    return verdict('Fail', 'A declared authorization server has an endpoint that is not https.', seen);
  }
  const methods: unknown = document['code_challenge_methods_supported'];
  if (!Array.isArray(methods) || !methods.includes('S256')) {
    return verdict('Fail', 'A declared authorization server does not list S256 for PKCE.', seen);
  }
  const namesIssuer = document['authorization_response_iss_parameter_supported'] === true;
  return verdict('Pass', 'Declared authorization servers publish valid metadata.', seen, { namesIssuer });
}
