/** What the server says to somebody without credentials: asked once a run and era, and not at all where our probe has none to send. */
import type { Exchange } from '../../mcp/index.ts';
import type { Verdict } from '../engine/check.ts';
import type { Asking, CheckContext } from '../engine/context.ts';
import { openingExchange, openingRequest } from './requests.ts';
import { isAnswered, noAnswer, reactionOf, verdict, type Answered } from './verdicts.ts';

/** The most requests of {@link anonymousOpening} in one era: the opening, and the end of a session that it was not supposed to get. */
const ANONYMOUS_REQUESTS = 2;
/** The most requests for protected resource metadata in one run. */
const METADATA_REQUESTS = 2;
/** The most requests to the server that security checks share in one era, beside what each publishes as its cost. */
export const SHARED_REQUESTS = ANONYMOUS_REQUESTS + METADATA_REQUESTS;

/** The opening request without credentials, and what came of it. */
export async function anonymousOpening(context: CheckContext): Promise<Exchange> {
  const gathered = openingExchange(context);
  if (!context.declared.hasCredential && gathered !== undefined) return gathered;
  return context.ask.once(`security/anonymous/${context.era ?? ''}`, (ask) =>
    sendOpening(context, ask, { credentials: false }),
  );
}

/** Sends the opening request, and ends the session that it may have got: nobody will use it. */
export async function sendOpening(
  context: CheckContext,
  ask: Asking,
  overrides: Parameters<typeof openingRequest>[1],
): Promise<Exchange> {
  const exchange = await ask.send(openingRequest(context, overrides));
  const session = exchange.response?.headers['mcp-session-id'];
  if (context.era === 'legacy' && session !== undefined) {
    const { authorization } = overrides?.headers ?? {};
    const headers = { 'mcp-session-id': session, ...(authorization === undefined ? {} : { authorization }) };
    await ask.send({ method: 'DELETE', credentials: false, headers });
  }
  return exchange;
}

/** A server that wants credentials said so with 401; of every other server, what a check on authorization says of it. */
type Demand =
  | { readonly kind: 'demanded'; readonly exchange: Answered }
  | { readonly kind: 'not'; readonly verdict: Verdict };

/** Asks without credentials. A failed prerequisite is Untestable where credentials were promised, and of no concern elsewhere. */
export async function demandForCredentials(context: CheckContext): Promise<Demand> {
  if (openingExchange(context) === undefined) return { kind: 'not', verdict: DEPRECATED };
  const exchange = await anonymousOpening(context);
  const not = (outcome: Verdict['outcome'], message: string): Demand => ({
    kind: 'not',
    verdict: verdict(outcome, message, [exchange]),
  });
  const reaction = reactionOf(exchange);
  if (reaction === 'unauthorized' && isAnswered(exchange)) return { kind: 'demanded', exchange };
  if (reaction === 'refused') {
    return not('Untestable', 'It refuses requests without credentials, but not with HTTP 401.');
  }
  if (reaction !== 'accepted') {
    return { kind: 'not', verdict: noAnswer(exchange, 'The opening request without credentials') };
  }
  return context.declared.authRequired
    ? not('Untestable', 'It does not ask for credentials, although it is declared to.')
    : not('NotApplicable', 'It asks for no credentials.');
}

/** A server of the deprecated transport is opened by a probe, which keeps no exchanges. */
const DEPRECATED = verdict(
  'Untestable',
  'Servers of the deprecated transport are not asked without credentials.',
);
