/**
 * Remembers in which times admission was whole, so that a decision that was made while nobody was asked never counts. It reads the objects of the
 * locks themselves, not a cache of them: uid and generation tell whether anything happened to one since the last look.
 */
import type { ApprovalFence } from '../../approval/index.ts';
import type { ApprovalStore } from '../../approval/index.ts';
import { pause, type Clock } from '../../core/clock.ts';
import { errorMessage } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type { KubernetesClient, Leadership, Runnable } from '../../operator/runtime/index.ts';
import { fingerprintOf, succession, type LockObject } from './fingerprint.ts';
import type { LockPiece } from './lock.ts';

/** How often it looks by itself: what a decision can lose when the operator ends at the wrong moment. */
const LOOK_MS = 10_000;

export interface AdmissionWatchDependencies {
  readonly client: Pick<KubernetesClient, 'list'>;
  /** Absent without a store: then nothing can be decided anyway. */
  readonly store?: Pick<ApprovalStore, 'recordAdmission' | 'admissionIntervals'>;
  /** Who writes, once this process leads. */
  readonly fence: () => Promise<ApprovalFence>;
  /** Everything that must be whole; none where the operator serves no webhooks, so that admission never is. */
  readonly pieces: readonly LockPiece[];
  readonly clock: Clock;
  readonly logger: Logger;
}

/** @see module header */
export interface AdmissionWatch extends Runnable {
  /** Resolves once somebody has looked that began at `ms` of wall time, which is past, or later; a failed look counts, and has recorded nothing. */
  observeSince(ms: number, signal: AbortSignal): Promise<void>;
}

/** @see module header */
export function createAdmissionWatch(dependencies: AdmissionWatchDependencies): AdmissionWatch {
  return new RecordedAdmission(dependencies);
}

class RecordedAdmission implements AdmissionWatch {
  readonly #dependencies: AdmissionWatchDependencies;
  /** Undefined until it is known what was recorded last, and after a write that may or may not have happened. */
  #last: string | undefined;
  #lookedMs = Number.NEGATIVE_INFINITY;
  #looking: Promise<void> | undefined;

  constructor(dependencies: AdmissionWatchDependencies) {
    this.#dependencies = dependencies;
  }

  async run(stop: AbortSignal, _abort: AbortSignal, leadership: Leadership): Promise<void> {
    const { clock } = this.#dependencies;
    const signal = AbortSignal.any([stop, leadership.signal]);
    while (!signal.aborted) {
      await this.observeSince(clock.now().getTime(), signal);
      await pause(clock, LOOK_MS, signal);
    }
  }

  async observeSince(ms: number, signal: AbortSignal): Promise<void> {
    // One look serves everybody who waits for it; who came after it began waits for the next.
    if (this.#lookedMs < ms) await this.#looking;
    if (this.#lookedMs >= ms) return;
    // Begun after the question, it is late enough, also when somebody has set the clock back meanwhile.
    this.#looking ??= this.#look(signal).finally(() => (this.#looking = undefined));
    await this.#looking;
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#dependencies;
    const startMs = clock.now().getTime();
    try {
      const objects = await this.#read(signal);
      if (objects !== undefined) await this.#record(objects, new Date(startMs).toISOString());
    } catch (error) {
      this.#last = undefined;
      if (!signal.aborted) logger.warn('admission could not be looked at', { error: errorMessage(error) });
    }
    this.#lookedMs = startMs;
  }

  /** @returns nothing while something is wrong with one of them. */
  async #read(signal: AbortSignal): Promise<readonly LockObject[] | undefined> {
    const { client, pieces, store } = this.#dependencies;
    if (pieces.length === 0 || store === undefined) return undefined;
    const read = pieces.map(async ({ type, name, problemOf }) => {
      const { items } = await client.list(type, { fieldSelector: `metadata.name=${name}` }, signal);
      const [object] = items;
      return problemOf(object) === undefined ? object : undefined;
    });
    const objects = (await Promise.all(read)).filter((object) => object !== undefined);
    return objects.length === pieces.length ? objects : undefined;
  }

  async #record(objects: readonly LockObject[], at: string): Promise<void> {
    const { store, fence } = this.#dependencies;
    if (store === undefined) return;
    const who = await fence();
    const before = this.#last ?? (await store.admissionIntervals(LONG_AGO)).at(-1)?.fingerprint;
    const fingerprint = fingerprintOf(objects);
    const kind = before === undefined ? 'broken' : succession(before, fingerprint);
    // The operator's own certificate was renewed: what was whole until now ends now, and goes on in the same moment.
    if (kind === 'renewed' && before !== undefined)
      await store.recordAdmission({ fingerprint: before, at, isContinuous: true }, who);
    await store.recordAdmission({ fingerprint, at, isContinuous: kind === 'same' }, who);
    this.#last = fingerprint;
  }
}

const LONG_AGO = new Date(0).toISOString();
