import type { Check } from '../engine/check.ts';
import { FOREIGN_HOST, harmlessRequest, isRefusedAnyway } from './requests.ts';
import { verdict } from '../engine/verdict.ts';
import { noAnswer, reactionOf } from './verdicts.ts';

/**
 * MCP-S09. A warning only: many servers stand behind something that looks at Host for them. Never asked of somebody else's server, where the
 * name may lead a shared front end to another tenant.
 */
export const foreignHost: Check = {
  id: 'MCP-S09',
  family: 'S',
  title: 'a foreign Host is refused',
  severity: 'medium',
  eras: ['legacy', 'modern'],
  withoutOpening: true,
  scored: false,
  cost: { requests: 1 },
  rationale:
    'After DNS rebinding a browser sends the attacker’s name as Host. A server that knows its own names notices even where Origin is missing.',
  remediation: {
    kind: 'gateway',
    text: 'Answer requests whose Host is none of the names of the server with HTTP 403 or 421.',
  },
  references: ['OWASP AISVS 10.3.3', 'RFC 9110 section 7.2', 'GHSA-w48q-cv73-mx4w'],
  upstreamChecks: ['localhost-host-rebinding-rejected'],
  applies: ({ declared }) =>
    declared.source === 'remote' || (declared.source === 'url' && declared.exposed)
      ? { applies: false, reason: 'A foreign Host is not sent to servers that somebody else runs.' }
      : { applies: true },
  run: async (context) => {
    const exchange = await context.ask.send(harmlessRequest(context, { headers: { host: FOREIGN_HOST } }));
    const reaction = reactionOf(exchange);
    if (reaction === 'broken') return noAnswer(exchange, 'A request with a foreign Host');
    if (reaction === 'accepted') return verdict('Warn', 'A foreign Host is accepted.', [exchange]);
    // A redirect, to the right name perhaps, is no refusal.
    if ((exchange.response?.status ?? 0) < 400)
      return verdict('Warn', 'A foreign Host is redirected.', [exchange]);
    return isRefusedAnyway(context, exchange)
      ? verdict('Untestable', 'It is refused in the same way with its own Host.', [exchange])
      : verdict('Pass', 'A foreign Host is refused.', [exchange]);
  },
};
