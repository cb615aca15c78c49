/** What the server says to somebody without credentials: asked once a run and era, and not at all where our probe has none to send. */
import type { Exchange, ExchangeRequest } from '../../mcp/index.ts';
import type { Verdict } from '../engine/check.ts';
import type { Asking, CheckContext } from '../engine/context.ts';
import { listMethod, openingExchange, openingRequest, sentMessage } from './requests.ts';
import { verdict } from '../engine/verdict.ts';
import { isAnswered, noAnswer, reactionOf, type Answered } from './verdicts.ts';

/** The opening and a list. One more where the opening succeeds against the rules: the session that came of it is ended. */
const ANONYMOUS_REQUESTS = 2;
/** The most requests for protected resource metadata in one run. */
const METADATA_REQUESTS = 2;
/** The requests to a conforming server that security checks share in one era, beside what each publishes as its cost. */
export const SHARED_REQUESTS = ANONYMOUS_REQUESTS + METADATA_REQUESTS;

type Overrides = Partial<ExchangeRequest>;

/** The opening request without credentials, and what came of it. */
export async function anonymousOpening(context: CheckContext): Promise<Exchange> {
  const gathered = openingExchange(context);
  if (!context.declared.hasCredential && gathered !== undefined) return gathered;
  return context.ask.once(`security/anonymous/${context.era ?? ''}`, (ask) =>
    sendOpening(context, ask, { credentials: false }),
  );
}

/**
 * A list without credentials, in the session of our own where there is one: its id is no credential. Undefined when the server declares
 * none.
 */
export async function anonymousList(context: CheckContext): Promise<Exchange | undefined> {
  const { opened, declared } = context;
  if (!declared.hasCredential && opened !== undefined) return gatheredRefusal(context);
  const method = opened === undefined ? 'tools/list' : listMethod(opened);
  if (method === undefined) return undefined;
  return context.ask.once(`security/anonymous-list/${context.era ?? ''}`, (ask) =>
    ask.send(context.request(method, {}, { credentials: false })),
  );
}

/** Sends the opening request, and ends the session that it may have got: nobody will use it. */
async function sendOpening(context: CheckContext, ask: Asking, overrides: Overrides): Promise<Exchange> {
  const exchange = await ask.send(openingRequest(context, overrides));
  const session = exchange.response?.headers['mcp-session-id'];
  if (context.era === 'legacy' && session !== undefined) {
    const headers = { ...overrides.headers, 'mcp-session-id': session };
    await ask.send({ ...overrides, method: 'DELETE', headers });
  }
  return exchange;
}

/** A server that wants credentials said so with 401; of every other server, what a check on authorization says of it. */
export type Demand =
  | {
      readonly kind: 'demanded';
      /** The 401. */
      readonly exchange: Answered;
      /** Sends what was refused once more, with `overrides`; at most two requests. */
      readonly sendAgain: (overrides: Overrides) => Promise<Exchange>;
    }
  | { readonly kind: 'not'; readonly verdict: Verdict };

/**
 * Asks without credentials: to open, and where everybody may, for a list. A failed prerequisite is Untestable where credentials were
 * promised, and of no concern elsewhere.
 */
export async function demandForCredentials(context: CheckContext): Promise<Demand> {
  if (openingExchange(context) === undefined) return { kind: 'not', verdict: DEPRECATED };
  const exchange = await anonymousOpening(context);
  const reaction = reactionOf(exchange);
  if (reaction === 'unauthorized' && isAnswered(exchange)) {
    const sendAgain = (overrides: Overrides): Promise<Exchange> =>
      sendOpening(context, context.ask, overrides);
    return { kind: 'demanded', exchange, sendAgain };
  }
  if (reaction === 'accepted') return demandAtList(context, exchange);
  const refused = 'It refuses requests without credentials, but not with HTTP 401.';
  return {
    kind: 'not',
    verdict:
      reaction === 'refused'
        ? verdict('Untestable', refused, [exchange])
        : noAnswer(exchange, 'The opening request without credentials'),
  };
}

async function demandAtList(context: CheckContext, opening: Exchange): Promise<Demand> {
  const exchange = await anonymousList(context);
  if (exchange !== undefined && isAnswered(exchange) && reactionOf(exchange) === 'unauthorized') {
    const { method } = sentMessage(exchange);
    const sendAgain = (overrides: Overrides): Promise<Exchange> =>
      context.ask.send(context.request(method, {}, overrides));
    return { kind: 'demanded', exchange, sendAgain };
  }
  return {
    kind: 'not',
    verdict: context.declared.authRequired
      ? verdict('Untestable', 'It does not ask for credentials, although it is declared to.', [opening])
      : verdict('NotApplicable', 'It asks for no credentials.', [opening]),
  };
}

/** A list that was refused while everything was read without credentials. */
function gatheredRefusal({ opened, exchanges }: CheckContext): Exchange | undefined {
  const read = (opened?.exchanges ?? []).map((id) => exchanges.get(id));
  return read.find((exchange) => exchange !== undefined && reactionOf(exchange) === 'unauthorized');
}

/** A server of the deprecated transport is opened by a probe, which keeps no exchanges. */
const DEPRECATED = verdict(
  'Untestable',
  'Servers of the deprecated transport are not asked without credentials.',
);
