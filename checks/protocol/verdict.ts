/** What replies mean for a check, and one verdict of several. */
import type { Exchange } from '../../mcp/index.ts';
import type { Verdict } from '../engine/check.ts';
import type { CheckContext } from '../engine/context.ts';
import { MAX_EXCHANGES, verdict } from '../engine/verdict.ts';
import type { Reply } from './reply.ts';

/** From the one that decides to the one that gives way: a failure is one whatever else happened, and untestable is never a pass. */
const WEIGHT: readonly Verdict['outcome'][] = [
  'Fail',
  'Error',
  'Warn',
  'Untestable',
  'Manual',
  'Pass',
  'NotApplicable',
];

/** What a reply without an answer means for a check that needed one. */
export function unanswered(reply: Extract<Reply, { kind: 'none' | 'refused' }>, exchange: Exchange): Verdict {
  if (reply.kind === 'none') {
    return verdict('Error', `A request of this check got no answer: ${reply.message}.`, [exchange]);
  }
  const why = reply.status === 429 ? 'asks to be asked less often' : 'wants other credentials';
  return verdict('Untestable', `The server ${why} (HTTP ${reply.status}) at a request of this check.`, [
    exchange,
  ]);
}

/**
 * The verdict of parts that must all hold: the worst outcome, what the parts of that outcome say, and what shows them.
 * @param passed says what holds when every part passes.
 */
export function combine(parts: readonly Verdict[], passed: string): Verdict {
  const outcome = WEIGHT.find((candidate) => parts.some((part) => part.outcome === candidate)) ?? 'Pass';
  const decisive = parts.filter((part) => part.outcome === outcome);
  const messages = outcome === 'Pass' ? [passed] : [...new Set(decisive.map((part) => part.message))];
  const exchanges = [...new Set(decisive.flatMap((part) => part.exchanges ?? []))].slice(0, MAX_EXCHANGES);
  const details = decisive.flatMap((part) => (part.details === undefined ? [] : [part.details]));
  return {
    outcome,
    message: messages.join(' '),
    ...(exchanges.length === 0 ? {} : { exchanges }),
    ...(details.length === 0 ? {} : { details: details.length === 1 ? details[0] : details }),
  };
}

/** The exchanges that opening the server in this era took, in order. */
export function openingExchanges({ opened, exchanges }: CheckContext): readonly Exchange[] {
  return (opened?.exchanges ?? []).flatMap((id) => exchanges.get(id) ?? []);
}

export const APPLIES = { applies: true } as const;
