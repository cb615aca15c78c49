/**
 * Checkpoints: where the ledger was at a time, kept outside the database. Who owns the database can rewrite a suffix of the chain with right
 * hashes; a checkpoint within the suffix shows it. A database that was restored from a backup ends before its last checkpoint.
 */
import type { Clock } from '../../core/clock.ts';

/** A place in the chain, as it is kept outside. */
export interface Checkpoint {
  /** Of the store. */
  readonly chain: string;
  readonly seq: number;
  /** Hexadecimal. */
  readonly hash: string;
  /** ISO 8601: when it was taken. */
  readonly at: string;
}

/** Where checkpoints are kept: outside the database, and where its administrators cannot change them. */
export interface CheckpointSink {
  /** Adds one. Idempotent. */
  write(checkpoint: Checkpoint, signal: AbortSignal): Promise<void>;
  /** The newest one; undefined when there is none. */
  last(signal: AbortSignal): Promise<Checkpoint | undefined>;
}

/** What a store is to its checkpoint: `restored` ends before it, `rewritten` has another row there, `other` is another store. */
export type Continuity = 'continued' | 'restored' | 'rewritten' | 'other';

/** What of the ledger checkpoints are taken of. */
export interface CheckpointSource {
  /** Where it is now; undefined while it is empty. */
  place(): Promise<Checkpoint | undefined>;
  continuity(checkpoint: Checkpoint): Promise<Continuity>;
}

/** When a checkpoint is due. */
const CHECKPOINT_EVERY_ROWS = 1_000;
const CHECKPOINT_EVERY_MS = 300_000;
/** How often the head is looked at. */
const LOOK_EVERY_MS = 15_000;

/** Takes checkpoints while it runs: one process a store, the leader. */
export class Checkpointer {
  readonly #source: CheckpointSource;
  readonly #sink: CheckpointSink;
  readonly #clock: Clock;
  #last: Checkpoint | undefined;
  #lookedBack = false;
  #writtenMs: number;

  constructor(source: CheckpointSource, sink: CheckpointSink, clock: Clock) {
    this.#source = source;
    this.#sink = sink;
    this.#clock = clock;
    this.#writtenMs = clock.monotonicMs();
  }

  /**
   * Runs until the signal aborts, and takes a last one then.
   * @param onTrouble a look that failed: the next one is tried all the same. {@link NotContinuedError} stays until somebody acts.
   */
  async run(onTrouble: (error: unknown) => void, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.tick(signal).catch(onTrouble);
      // Rejects with the signal's reason, which is what ends the loop.
      await this.#clock.sleep(LOOK_EVERY_MS, signal).catch(() => undefined);
    }
  }

  /**
   * Looks at the head once, and writes a checkpoint when one is due.
   * @throws NotContinuedError when the store is not the one that the last checkpoint was taken of: nothing is written then.
   */
  async tick(signal: AbortSignal): Promise<void> {
    if (!this.#lookedBack) await this.#lookBack(signal);
    const place = await this.#source.place();
    if (place === undefined || place.seq === this.#last?.seq || !this.#isDue(place)) return;
    await this.#sink.write(place, signal);
    this.#last = place;
    this.#writtenMs = this.#clock.monotonicMs();
  }

  async #lookBack(signal: AbortSignal): Promise<void> {
    const last = await this.#sink.last(signal);
    if (last !== undefined) {
      const continuity = await this.#source.continuity(last);
      if (continuity !== 'continued') throw new NotContinuedError(continuity, last);
    }
    this.#last = last;
    this.#lookedBack = true;
  }

  /** The first one at once: until then nothing shows what happens to the ledger. */
  #isDue({ seq }: Checkpoint): boolean {
    if (this.#last === undefined || seq - this.#last.seq >= CHECKPOINT_EVERY_ROWS) return true;
    return this.#clock.monotonicMs() - this.#writtenMs >= CHECKPOINT_EVERY_MS;
  }
}

/** The store's ledger does not go on from its last checkpoint outside. */
export class NotContinuedError extends Error {
  override readonly name = 'NotContinuedError';
  readonly continuity: Exclude<Continuity, 'continued'>;

  constructor(continuity: Exclude<Continuity, 'continued'>, { seq }: Checkpoint) {
    super(
      {
        restored: `the ledger ends before its checkpoint ${seq}: the database was restored from a backup`,
        rewritten: `the ledger has another row at its checkpoint ${seq}: rows were rewritten, or a restored database went on`,
        other: `checkpoint ${seq} was taken of another store`,
      }[continuity],
    );
    this.continuity = continuity;
  }
}
