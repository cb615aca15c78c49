/** Walking the ledger: every row against its hash and the row before, and the whole against checkpoints that were kept outside. */
import type { Executor } from '../executor.ts';
import { rowProblem, textIds, textProblem, type LedgerRow, type SideText } from './check-row.ts';
import type { Checkpoint } from './checkpoint.ts';
import { hex } from './entry.ts';

/** Rows in memory at a time. */
const BATCH = 500;

/** Where the chain ends. */
export interface LedgerHead {
  readonly chain: string;
  readonly seq: number;
  /** Hexadecimal; empty while there is no row. */
  readonly hash: string;
}

/** What walking the ledger gave. */
export type Verification =
  | {
      readonly kind: 'intact';
      readonly head: LedgerHead;
      readonly rows: number;
      /** How many checkpoints were compared. */
      readonly checkpoints: number;
    }
  /** The first row that is wrong. */
  | { readonly kind: 'badRow'; readonly head: LedgerHead; readonly seq: number; readonly problem: string }
  /** Every row follows from the one before, and yet this is not the ledger of which the checkpoint was taken. */
  | {
      readonly kind: 'badCheckpoint';
      readonly head: LedgerHead;
      readonly seq: number;
      readonly problem: string;
    };

/** A part of the chain, and what it begins after. */
export interface Stretch {
  readonly chain: string;
  /** The first and the last row. */
  readonly from: number;
  readonly to: number;
  readonly previous: Uint8Array;
}

/** The first row of a stretch that is wrong. */
export interface BadRow {
  readonly seq: number;
  readonly problem: string;
}

/** Reads the head together with the last row that is there. */
export async function readHead(
  executor: Executor,
): Promise<LedgerHead & { readonly hashBytes: Uint8Array; readonly lastSeq: number }> {
  return executor.snapshot(async (tx) => {
    const { chain } = await tx.selectFrom('store_state').select('chain').executeTakeFirstOrThrow();
    const { seq, hash } = await tx
      .selectFrom('ledger_head')
      .select(['seq', 'hash'])
      .executeTakeFirstOrThrow();
    const last = await tx
      .selectFrom('ledger')
      .select('seq')
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirst();
    return { chain, seq, hash: hex(hash), hashBytes: hash, lastSeq: last?.seq ?? 0 };
  });
}

/**
 * Verifies the whole ledger as it is when this begins.
 * @param checkpoints kept outside the database, in any order.
 */
export async function verifyLedger(
  executor: Executor,
  checkpoints: readonly Checkpoint[],
  signal: AbortSignal,
): Promise<Verification> {
  const { hashBytes, lastSeq, ...head } = await readHead(executor);
  const wanted = Map.groupBy(checkpoints, ({ seq }) => seq);
  const outside = checkpoints.find(({ chain, seq }) => chain !== head.chain || seq > head.seq);
  let mismatch: Checkpoint | undefined;
  const bad = await walk(
    executor,
    { chain: head.chain, from: 1, to: head.seq, previous: new Uint8Array() },
    signal,
    (row) => {
      mismatch ??= wanted.get(row.seq)?.find(({ hash }) => hash !== hex(row.hash));
      if (row.seq === head.seq && !Buffer.from(hashBytes).equals(row.hash))
        return 'is not the one that the head names';
      return undefined;
    },
  );
  if (bad !== undefined) return { kind: 'badRow', head, ...bad };
  if (lastSeq > head.seq) return { kind: 'badRow', head, seq: head.seq + 1, problem: 'comes after the head' };
  if (mismatch !== undefined)
    return {
      kind: 'badCheckpoint',
      head,
      seq: mismatch.seq,
      problem: 'another row was there when it was taken',
    };
  if (outside !== undefined) return { kind: 'badCheckpoint', head, ...outsideProblem(outside, head) };
  return { kind: 'intact', head, rows: head.seq, checkpoints: checkpoints.length };
}

/** @param also what else a row is held against. @returns the first row that is wrong. */
export async function walk(
  executor: Executor,
  stretch: Stretch,
  signal: AbortSignal,
  also: (row: LedgerRow) => string | undefined = () => undefined,
): Promise<BadRow | undefined> {
  const { chain, to } = stretch;
  let [seq, previous] = [stretch.from, stretch.previous];
  while (seq <= to) {
    signal.throwIfAborted();
    const rows = await batch(executor, seq, to);
    const texts = await textsOf(executor, rows);
    if (rows.length === 0) return { seq, problem: 'is missing' };
    for (const row of rows) {
      const problem = rowProblem(row, { chain, seq, previous }) ?? textProblem(row, texts) ?? also(row);
      if (problem !== undefined) return { seq, problem };
      previous = row.hash;
      seq += 1;
    }
  }
  return undefined;
}

function outsideProblem({ chain, seq }: Checkpoint, head: LedgerHead): BadRow {
  if (chain !== head.chain) return { seq, problem: `it is of another ledger, ${chain}` };
  return {
    seq,
    problem: `the ledger ends before it, at ${head.seq}: a restored backup, or rows were cut off`,
  };
}

async function batch(executor: Executor, from: number, to: number): Promise<readonly LedgerRow[]> {
  return executor.read((db) =>
    db
      .selectFrom('ledger')
      .selectAll()
      .where('seq', '>=', from)
      .where('seq', '<=', to)
      .orderBy('seq')
      .limit(BATCH)
      .execute(),
  );
}

async function textsOf(
  executor: Executor,
  rows: readonly LedgerRow[],
): Promise<ReadonlyMap<string, SideText>> {
  const ids = rows.flatMap(textIds);
  if (ids.length === 0) return new Map();
  const texts = await executor.read((db) =>
    db.selectFrom('ledger_text').selectAll().where('id', 'in', ids).execute(),
  );
  return new Map(texts.map((text) => [text.id, text]));
}
