/** What security checks have in common when they judge one answer: what kind of reaction it is, and the verdict when there is none. */
import type { Exchange, ExchangeResponse } from '../../mcp/index.ts';
import type { Verdict } from '../engine/check.ts';
import type { CheckContext } from '../engine/context.ts';
import { verdict } from '../engine/verdict.ts';

/** An exchange that came to an answer. */
export type Answered = Exchange & { readonly response: ExchangeResponse };

/** How a server met a request, by its status alone: what it says in the body cannot undo a status that let the request in. */
type Reaction = 'accepted' | 'unauthorized' | 'refused' | 'broken';

export function isAnswered(exchange: Exchange): exchange is Answered {
  return exchange.response !== undefined;
}

/** The verdict on a server that did not answer, or answered that it broke: an Error, lest a crash look better than a refusal. */
export function noAnswer(exchange: Exchange, request: string): Verdict {
  const { failure, response } = exchange;
  const why = failure?.message ?? `it answers with HTTP ${response?.status ?? 0}`;
  return verdict('Error', `${request} ends without a verdict: ${why}.`, [exchange]);
}

/** No answer is a broken one. */
export function reactionOf({ response }: Exchange): Reaction {
  const status = response?.status ?? 0;
  if (status === 401) return 'unauthorized';
  if (status >= 500 || status < 200) return 'broken';
  return status < 300 ? 'accepted' : 'refused';
}

/**
 * @returns what the profile sets, or `fallback`. Profiles hold texts and whole numbers.
 * @throws Error naming the parameter when it is another kind of value.
 */
export function parameter<T extends string | number>(context: CheckContext, name: string, fallback: T): T {
  const value = context.parameters[name] ?? fallback;
  if (isLike(value, fallback)) return value;
  throw new Error(`the parameter ${name} must be a ${typeof fallback}`);
}

function isLike<T>(value: unknown, example: T): value is T {
  return typeof value === typeof example;
}
