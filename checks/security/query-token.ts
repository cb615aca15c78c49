import type { Check } from '../engine/check.ts';
import { demandForCredentials } from './anonymous.ts';
import { verdict } from '../engine/verdict.ts';
import { noAnswer, reactionOf } from './verdicts.ts';

/** MCP-S06. The token is the target's own, sent to its own origin, once. */
export const queryToken: Check = {
  id: 'MCP-S06',
  family: 'S',
  title: 'a token in the query does not authenticate',
  severity: 'high',
  eras: ['legacy', 'modern'],
  withoutOpening: true,
  scored: true,
  cost: { requests: 1, toConfirm: 1 },
  rationale: 'URLs are kept in logs, histories and Referer headers, and a token in them with them.',
  remediation: {
    kind: 'gateway',
    text: 'Take tokens from the Authorization header alone, or strip access_token from the query in front of the server.',
  },
  references: [
    'MCP 2026-07-28 basic/authorization: Token Requirements',
    'OAuth 2.1 section 5.1',
    'RFC 6750 section 2.3',
    'RFC 9700 section 4.3.2',
  ],
  applies: () => ({ applies: true }),
  run: async (context) => {
    const demand = await demandForCredentials(context);
    if (demand.kind === 'not') return demand.verdict;
    if (!context.declared.hasCredential || context.opened === undefined) {
      return verdict('Untestable', 'There is no credential that opens the server.', [demand.exchange]);
    }
    const exchange = await demand.sendAgain({ credentials: 'query' });
    if (exchange.failure?.reason === 'InvalidTarget') {
      return verdict('Untestable', 'The credential is not a Bearer token.', [exchange]);
    }
    const reaction = reactionOf(exchange);
    if (reaction === 'broken') return noAnswer(exchange, 'A request with the token in its query');
    return reaction === 'accepted'
      ? verdict('Fail', 'A token in the query (access_token) authenticates.', [exchange])
      : verdict('Pass', 'A token in the query does not authenticate.', [exchange]);
  },
};
