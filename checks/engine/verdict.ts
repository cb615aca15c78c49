/** Making a verdict of what was seen. */
import type { Exchange } from '../../mcp/index.ts';
import type { Verdict } from './check.ts';

/** As many as a person looks at: an evidence blob is bounded too. */
export const MAX_EXCHANGES = 10;

/** @param exchanges what shows it, the first {@link MAX_EXCHANGES}. */
export function verdict(
  outcome: Verdict['outcome'],
  message: string,
  exchanges: readonly Exchange[] = [],
  details?: unknown,
): Verdict {
  return {
    outcome,
    message,
    ...(exchanges.length === 0 ? {} : { exchanges: exchanges.slice(0, MAX_EXCHANGES).map(({ id }) => id) }),
    ...(details === undefined ? {} : { details }),
  };
}
