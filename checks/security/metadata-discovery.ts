import type { Check, Verdict } from '../engine/check.ts';
import { demandForCredentials } from './anonymous.ts';
import { bearerChallenge } from './challenge.ts';
import { findResourceMetadata, METADATA_PROBLEMS, type ResourceMetadata } from './resource-metadata.ts';
import { verdict } from '../engine/verdict.ts';

/** MCP-S02. What the document says is for MCP-S03 to judge. */
export const metadataDiscovery: Check = {
  id: 'MCP-S02',
  family: 'S',
  title: 'a 401 leads to the protected resource metadata',
  severity: 'medium',
  eras: ['legacy', 'modern'],
  withoutOpening: true,
  scored: true,
  cost: { requests: 0 },
  rationale:
    'Clients learn from this document where to get a token. Without it people paste long-lived tokens into configurations by hand.',
  remediation: {
    kind: 'gateway',
    text: 'Name the document in the challenge (WWW-Authenticate: Bearer resource_metadata="…"), or serve it at /.well-known/oauth-protected-resource.',
  },
  references: [
    'RFC 9728 section 3',
    'RFC 9728 section 5.1',
    'RFC 6750 section 3',
    'MCP 2026-07-28 basic/authorization/authorization-server-discovery',
  ],
  applies: () => ({ applies: true }),
  run: async (context) => {
    const demand = await demandForCredentials(context);
    if (demand.kind === 'not') return demand.verdict;
    const { exchange } = demand;
    const metadata = await findResourceMetadata(context, exchange);
    const namesScope = bearerChallenge(exchange.response.headers['www-authenticate'])?.parameters.has(
      'scope',
    );
    return {
      ...judge(metadata),
      exchanges: [exchange.id, ...metadata.exchanges.map(({ id }) => id)],
      details: { namesScope: namesScope === true },
    };
  },
};

function judge({ document, problem }: ResourceMetadata): Verdict {
  if (document !== undefined) return verdict('Pass', 'A 401 leads to the protected resource metadata.');
  const message = METADATA_PROBLEMS[problem ?? 'NotFound'];
  if (problem === 'Elsewhere') return verdict('Untestable', message);
  return verdict(problem === 'Unanswered' ? 'Error' : 'Fail', message);
}
