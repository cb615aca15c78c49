import type { Check, Verdict } from '../engine/check.ts';
import type { CheckContext } from '../engine/context.ts';
import { FOREIGN_ORIGIN, harmlessRequest, openingExchange } from './requests.ts';
import { isAnswered, noAnswer, parameter, reactionOf, verdict, type Answered } from './verdicts.ts';

/** The first revision that says with which status a foreign Origin is refused. */
const STATES_STATUS = '2025-11-25';
const FOREIGN = 'A request with a foreign Origin';

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
    const judged = isAnswered(foreign) ? judgeForeign(context, foreign) : noAnswer(foreign, FOREIGN);
    const allowedOrigin = parameter(context, 'allowedOrigin', '');
    if (judged.outcome !== 'Pass' || allowedOrigin === '') return judged;
    const allowed = await send(context, allowedOrigin);
    return { ...judgeAllowed(context, allowed, judged), exchanges: [foreign.id, allowed.id] };
  },
};

function send(context: CheckContext, origin: string): ReturnType<CheckContext['ask']['send']> {
  return context.ask.send(harmlessRequest(context, { headers: { origin } }));
}

function judgeForeign(context: CheckContext, exchange: Answered): Verdict {
  const { status } = exchange.response;
  const say = (outcome: Verdict['outcome'], message: string): Verdict =>
    verdict(outcome, message, [exchange]);
  switch (reactionOf(exchange.response)) {
    case 'accepted':
      return say('Fail', 'A foreign Origin is accepted (expected HTTP 403).');
    case 'broken':
      return noAnswer(exchange, FOREIGN);
    case 'unauthorized':
      if (isLockedOut(context))
        return say('Untestable', 'It asks for credentials before it looks at the Origin.');
      break;
    case 'refused':
      if (isLockedOut(context) && !changedAnswer(context, status)) {
        return say('Untestable', 'It is refused in the same way without an Origin.');
      }
  }
  if (status === 403 || isOlder(context)) return say('Pass', 'A foreign Origin is refused.');
  return say('Fail', 'A foreign Origin is refused, but not with HTTP 403.');
}

/** Nothing of ours opens the server. */
function isLockedOut({ opened, declared }: CheckContext): boolean {
  return opened === undefined || !declared.hasCredential;
}

/** Whether the status is another than what the same request got without an Origin. */
function changedAnswer(context: CheckContext, status: number): boolean {
  return context.opened !== undefined || openingExchange(context)?.response?.status !== status;
}

/** Revisions are dates. Of a server that is not open nobody knows its own. */
function isOlder({ opened }: CheckContext): boolean {
  return opened !== undefined && opened.protocolVersion < STATES_STATUS;
}

function judgeAllowed(
  context: CheckContext,
  exchange: Awaited<ReturnType<typeof send>>,
  passed: Verdict,
): Verdict {
  if (!isAnswered(exchange)) return noAnswer(exchange, 'A request with the allowed Origin');
  switch (reactionOf(exchange.response)) {
    case 'accepted':
      return verdict('Pass', 'A foreign Origin is refused, and the allowed one accepted.');
    case 'broken':
      return noAnswer(exchange, 'A request with the allowed Origin');
    case 'unauthorized':
      return isLockedOut(context) ? passed : verdict('Fail', 'The allowed Origin is refused.');
    case 'refused':
      return verdict('Fail', 'The allowed Origin is refused.');
  }
}
