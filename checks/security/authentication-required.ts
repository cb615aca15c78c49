import type { Exchange } from '../../mcp/index.ts';
import type { Check, Verdict } from '../engine/check.ts';
import type { CheckContext } from '../engine/context.ts';
import { anonymousList, anonymousOpening } from './anonymous.ts';
import { openingExchange } from './requests.ts';
import { verdict } from '../engine/verdict.ts';
import { noAnswer, reactionOf } from './verdicts.ts';

/**
 * MCP-S01. The letter of the rule is 401 for both requests. A refusal by another status lets nobody in, so that it is a warning; a 2xx is
 * a failure whatever the body says.
 */
export const authenticationRequired: Check = {
  id: 'MCP-S01',
  family: 'S',
  title: 'who brings no token is answered 401',
  severity: 'critical',
  eras: ['legacy', 'modern'],
  withoutOpening: true,
  scored: true,
  cost: { requests: 0 },
  rationale:
    'A server that others can reach and that asks nobody who they are gives its tools, and whatever credentials stand behind them, to everyone on the network.',
  remediation: {
    kind: 'approval',
    text: 'Let the server ask for a token, put an authenticating proxy in front of it, or close what exposes it.',
  },
  references: [
    'OWASP MCP Top 10: MCP07',
    'OWASP AISVS 10.2.1',
    'MCP 2026-07-28 basic/authorization: Error Handling',
    'RFC 6750 section 3',
  ],
  applies: ({ declared }) =>
    declared.authRequired || declared.exposed
      ? { applies: true }
      : { applies: false, reason: 'The server is neither declared to ask for credentials nor exposed.' },
  run: async (context) => {
    if (openingExchange(context) === undefined) return judgeDeprecated(context);
    const opening = await anonymousOpening(context);
    const first = judge(opening, 'The opening request');
    if (first.outcome === 'Fail' || first.outcome === 'Error') return first;
    const list = await anonymousList(context);
    if (list === undefined) return first;
    const second = judge(list, 'A list');
    const worst = second.outcome === 'Pass' ? first : second;
    return { ...worst, exchanges: [opening.id, list.id] };
  },
};

/** A server of the deprecated transport is opened by a probe, which keeps no exchanges: only that it opened is known. */
function judgeDeprecated({ opened, declared }: CheckContext): Verdict {
  return opened !== undefined && !declared.hasCredential
    ? verdict('Fail', 'The server opens without credentials.')
    : verdict('Untestable', 'Servers of the deprecated transport are not asked without credentials.');
}

function judge(exchange: Exchange, request: string): Verdict {
  const reaction = reactionOf(exchange);
  if (reaction === 'unauthorized') {
    return verdict('Pass', 'Requests without credentials are answered with HTTP 401.', [exchange]);
  }
  if (reaction === 'accepted') {
    return verdict('Fail', `${request} is answered without credentials.`, [exchange]);
  }
  if (reaction === 'refused') {
    return verdict('Warn', `${request} without credentials is refused, but not with HTTP 401.`, [exchange]);
  }
  return noAnswer(exchange, `${request} without credentials`);
}
