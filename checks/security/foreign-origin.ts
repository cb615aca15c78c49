import type { Exchange } from '../../mcp/index.ts';
import type { Check, Verdict } from '../engine/check.ts';
import type { CheckContext } from '../engine/context.ts';
import { FOREIGN_ORIGIN, harmlessRequest, isRefusedAnyway } from './requests.ts';
import { verdict } from '../engine/verdict.ts';
import { noAnswer, parameter, reactionOf } from './verdicts.ts';

/** The first revision that says with which status a foreign Origin is refused. */
const STATES_STATUS = '2025-11-25';

/** MCP-S08. That requests without an Origin are accepted is known from gathering, which sends none. */
export const foreignOrigin: Check = {
  id: 'MCP-S08',
  family: 'S',
  title: 'a foreign Origin is refused',
  severity: 'high',
  eras: ['legacy', 'modern'],
  withoutOpening: true,
  scored: true,
  cost: { requests: 2 },
  rationale:
    'A web page may send requests to any address that its visitor can reach, by DNS rebinding also with answers. The Origin header is how a server can tell.',
  remediation: {
    kind: 'gateway',
    text: 'Answer requests whose Origin is not on a list of allowed ones with HTTP 403; requests without Origin stay allowed.',
  },
  references: [
    'MCP 2026-07-28 basic/transports/streamable-http: Security Warning',
    'MCP 2025-11-25 basic/transports: Security Warning',
    'GHSA-w48q-cv73-mx4w',
    'OWASP AISVS 10.3.3',
  ],
  upstreamChecks: ['localhost-host-rebinding-rejected'],
  parameters: {
    allowedOrigin: {
      description:
        'An Origin that the server must accept, such as https://chat.example.com. Empty: that side is not tried.',
      default: '',
    },
  },
  applies: () => ({ applies: true }),
  run: async (context) => {
    const foreign = await send(context, FOREIGN_ORIGIN);
    const judged = judgeForeign(context, foreign);
    const allowedOrigin = parameter(context, 'allowedOrigin', '');
    if (judged.outcome !== 'Pass' || allowedOrigin === '') return judged;
    const allowed = await send(context, allowedOrigin);
    return { ...judgeAllowed(context, allowed, judged), exchanges: [foreign.id, allowed.id] };
  },
};

function send(context: CheckContext, origin: string): Promise<Exchange> {
  return context.ask.send(harmlessRequest(context, { headers: { origin } }));
}

function judgeForeign(context: CheckContext, exchange: Exchange): Verdict {
  const reaction = reactionOf(exchange);
  if (reaction === 'broken') return noAnswer(exchange, 'A request with a foreign Origin');
  if (reaction === 'accepted') {
    return verdict('Fail', 'A foreign Origin is accepted (expected HTTP 403).', [exchange]);
  }
  if (reaction === 'unauthorized' && !context.declared.hasCredential) {
    return verdict('Untestable', 'It asks for credentials before it looks at the Origin.', [exchange]);
  }
  if (isRefusedAnyway(context, exchange)) {
    return verdict('Untestable', 'It is refused in the same way without an Origin.', [exchange]);
  }
  const { status = 0 } = exchange.response ?? {};
  if (status === 403 || (status >= 400 && isOlder(context))) {
    return verdict('Pass', 'A foreign Origin is refused.', [exchange]);
  }
  return verdict('Fail', 'A foreign Origin is refused, but not with HTTP 403.', [exchange]);
}

/** Revisions are dates. Of a server that is not open nobody knows its own. */
function isOlder({ opened }: CheckContext): boolean {
  return opened !== undefined && opened.protocolVersion < STATES_STATUS;
}

/** @param passed the verdict on the foreign side, which stands where credentials hide the allowed one. */
function judgeAllowed({ declared }: CheckContext, exchange: Exchange, passed: Verdict): Verdict {
  const reaction = reactionOf(exchange);
  if (reaction === 'broken') return noAnswer(exchange, 'A request with the allowed Origin');
  if (reaction === 'accepted') {
    return verdict('Pass', 'A foreign Origin is refused, and the allowed one accepted.');
  }
  if (reaction === 'unauthorized' && !declared.hasCredential) return passed;
  return verdict('Fail', 'The allowed Origin is refused.');
}
