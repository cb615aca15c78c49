/**
 * Checkpoints: where the ledger was at a time, kept outside the database. Who owns the database can rewrite a suffix of the chain with right
 * hashes; a checkpoint within the suffix shows it. A database that was restored from a backup ends before its last checkpoint.
 */
import { pause, type Clock } from '../../core/clock.ts';

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

/** How a store stands to what was kept of its ledger outside. */
export type LedgerStanding =
  /** Nobody has compared them, or the last try failed: nothing may rest on the ledger. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'continued' }
  /** Until a person acknowledges it (`kilo-mcp ledger acknowledge`): what the lost rows said was done would be done again by who acts on them. */
  | {
      readonly kind: 'broken';
      readonly continuity: Exclude<Continuity, 'continued'>;
      readonly checkpoint: Checkpoint;
    };

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

/** Compares once, for whoever acts on what the ledger says. @returns never `unknown`: what cannot be compared rejects. */
export async function compareLedger(
  source: Pick<CheckpointSource, 'continuity'>,
  sink: Pick<CheckpointSink, 'last'>,
  signal: AbortSignal,
): Promise<LedgerStanding> {
  const checkpoint = await sink.last(signal);
  return checkpoint === undefined ? { kind: 'continued' } : standingOf(source, checkpoint);
}

async function standingOf(
  source: Pick<CheckpointSource, 'continuity'>,
  checkpoint: Checkpoint,
): Promise<LedgerStanding> {
  const continuity = await source.continuity(checkpoint);
  return continuity === 'continued' ? { kind: 'continued' } : { kind: 'broken', continuity, checkpoint };
}

function isSamePlace(one: Checkpoint | undefined, other: Checkpoint | undefined): boolean {
  return one?.seq === other?.seq && one?.hash === other?.hash;
}

/** Takes checkpoints while it runs, and compares the ledger with the last place that is known: one process a store, the leader. */
export class Checkpointer {
  readonly #source: CheckpointSource;
  readonly #sink: CheckpointSink;
  readonly #clock: Clock;
  #standing: LedgerStanding = { kind: 'unknown' };
  /** The newest outside, as far as this process knows. */
  #last: Checkpoint | undefined;
  /** Where the ledger was at the last look: a restore of the minutes since the last checkpoint shows, too. */
  #seen: Checkpoint | undefined;
  #writtenMs: number;

  constructor(source: CheckpointSource, sink: CheckpointSink, clock: Clock) {
    this.#source = source;
    this.#sink = sink;
    this.#clock = clock;
    this.#writtenMs = clock.monotonicMs();
  }

  /** What the last look showed. */
  standing(): LedgerStanding {
    return this.#standing;
  }

  /**
   * Runs until the signal aborts, and takes a last one then.
   * @param onLook after every look, with the error of one that failed: the next one is tried all the same. {@link NotContinuedError} stays
   *   until somebody acts.
   */
  async run(onLook: (error?: unknown) => void, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.tick(signal).then(() => onLook(), onLook);
      await pause(this.#clock, LOOK_EVERY_MS, signal);
    }
  }

  /**
   * Looks at the head once, and writes a checkpoint when one is due.
   * @throws NotContinuedError when the store is not the one that was seen last, by this process or outside: no checkpoint is taken of it.
   */
  async tick(signal: AbortSignal): Promise<void> {
    try {
      const place = await this.#source.place();
      this.#standing = await this.#compare(signal);
      if (this.#standing.kind === 'broken')
        throw new NotContinuedError(this.#standing.continuity, this.#standing.checkpoint);
      this.#seen = place;
      if (place !== undefined && place.seq !== this.#last?.seq && this.#isDue(place))
        await this.#write(place, signal);
    } catch (error) {
      if (!(error instanceof NotContinuedError)) this.#standing = { kind: 'unknown' };
      throw error;
    }
  }

  async #compare(signal: AbortSignal): Promise<LedgerStanding> {
    const seen = this.#seen;
    if (seen !== undefined && (await this.#source.continuity(seen)) === 'continued')
      return { kind: 'continued' };
    const outside = await this.#sink.last(signal);
    const isAcknowledged = !isSamePlace(outside, this.#last);
    // Where it was seen is proof as well, and outlives this process; unless somebody has acknowledged the break before it was noticed here.
    if (seen === undefined || isAcknowledged || isSamePlace(seen, outside)) this.#last = outside;
    else await this.#write(seen, signal);
    this.#seen = undefined;
    return this.#last === undefined ? { kind: 'continued' } : standingOf(this.#source, this.#last);
  }

  async #write(checkpoint: Checkpoint, signal: AbortSignal): Promise<void> {
    await this.#sink.write(checkpoint, signal);
    this.#last = checkpoint;
    this.#writtenMs = this.#clock.monotonicMs();
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
