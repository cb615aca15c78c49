/**
 * Refused tries on their way into the ledger, whose rows are never deleted. Whoever may write requests or decisions can have any number refused, under
 * names that they make up, so the way is narrow: so many wait at most, of one person, request and verb one a second is taken, and of one person some at
 * once and then one a second. What does not fit is counted in the log, and no admission ever waits.
 */
import type { RefusedAttempt } from '../../approval/index.ts';
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/logger.ts';

/** Writes one into the ledger. */
export type RecordRefusal = (attempt: RefusedAttempt) => Promise<void>;

export interface RefusalsDependencies {
  /** Absent without a store: nothing is remembered then. */
  readonly record?: RecordRefusal | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

const MAX_WAITING = 256;
const MAX_KNOWN = 4_096;
const INTERVAL_MS = 1_000;
/** Of one person at once: more than anybody has refused by hand. */
const MOST_AT_ONCE = 32;

/** Takes refused tries, and writes them one after the other. */
export class Refusals {
  readonly #dependencies: RefusalsDependencies;
  readonly #waiting: RefusedAttempt[] = [];
  /** When one was last taken. */
  readonly #taken = new Map<string, number>();
  /** By person: when everything that was taken of them is worth one a second again. */
  readonly #paidOff = new Map<string, number>();
  #left = 0;
  #isWriting = false;

  constructor(dependencies: RefusalsDependencies) {
    this.#dependencies = dependencies;
  }

  /** Never fails, and waits for nothing. */
  add(attempt: RefusedAttempt): void {
    const { record } = this.#dependencies;
    if (record === undefined || this.#isRepeated(attempt)) return;
    if (this.#waiting.length >= MAX_WAITING || this.#isTooMuchOf(attempt.person)) {
      this.#left += 1;
      return;
    }
    this.#waiting.push(attempt);
    if (!this.#isWriting) void this.#write(record);
  }

  #isRepeated({ person, requestUid, name, namespace, verb }: RefusedAttempt): boolean {
    const nowMs = this.#dependencies.clock.monotonicMs();
    const key = JSON.stringify([person, requestUid, namespace, name, verb]);
    const lastMs = this.#taken.get(key);
    if (lastMs !== undefined && nowMs - lastMs < INTERVAL_MS) return true;
    if (this.#taken.size >= MAX_KNOWN) this.#forget(nowMs);
    this.#taken.set(key, nowMs);
    return false;
  }

  #isTooMuchOf(person: string): boolean {
    const nowMs = this.#dependencies.clock.monotonicMs();
    const paidOffMs = Math.max(this.#paidOff.get(person) ?? nowMs, nowMs) + INTERVAL_MS;
    if (paidOffMs > nowMs + MOST_AT_ONCE * INTERVAL_MS) return true;
    if (this.#paidOff.size >= MAX_KNOWN) this.#forgetPersons(nowMs);
    this.#paidOff.set(person, paidOffMs);
    return false;
  }

  #forgetPersons(nowMs: number): void {
    for (const [person, ms] of this.#paidOff) if (ms <= nowMs) this.#paidOff.delete(person);
    if (this.#paidOff.size >= MAX_KNOWN) this.#paidOff.clear();
  }

  /** Those of more than an interval ago; where there are too many even so, all. */
  #forget(nowMs: number): void {
    for (const [key, ms] of this.#taken) if (nowMs - ms >= INTERVAL_MS) this.#taken.delete(key);
    if (this.#taken.size >= MAX_KNOWN) this.#taken.clear();
  }

  async #write(record: RecordRefusal): Promise<void> {
    const { logger } = this.#dependencies;
    this.#isWriting = true;
    for (let attempt = this.#waiting.shift(); attempt !== undefined; attempt = this.#waiting.shift()) {
      const { namespace, name, verb, reason } = attempt;
      await record(attempt).catch((error: unknown) =>
        logger.warn('a refused attempt is not in the ledger', { namespace, name, verb, reason, error }),
      );
    }
    this.#isWriting = false;
    if (this.#left > 0) logger.warn('refused attempts were too many for the ledger', { left: this.#left });
    this.#left = 0;
  }
}
