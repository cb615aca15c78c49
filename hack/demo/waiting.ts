/** Waiting in front of a person: until nothing is left to wait for, saying meanwhile what is. */
import type { Clock } from '../../core/clock.ts';
import { TerminalError } from '../../core/errors.ts';
import type { Progress } from '../cluster/report.ts';

const DEADLINE_MS = 180_000;
const INTERVAL_MS = 1_000;

/** How the demo waits. */
export interface Waiting {
  readonly clock: Clock;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/**
 * Looks every second until nothing is left.
 * @param subject what the error says is not as promised: "the servers are".
 * @param look names what is left, one short text each.
 */
export async function waitForAll(
  subject: string,
  look: () => Promise<readonly string[]>,
  { clock, progress, signal }: Waiting,
): Promise<void> {
  const deadline = clock.monotonicMs() + DEADLINE_MS;
  for (;;) {
    const left = (await look()).join(', ');
    if (left === '') return;
    if (clock.monotonicMs() > deadline)
      throw new TerminalError(`after ${DEADLINE_MS / 1000} s ${subject} not as promised: ${left}`);
    progress(`waiting for ${left}`);
    await clock.sleep(INTERVAL_MS, signal);
  }
}
