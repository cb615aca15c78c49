/** What others do with the ledger: read its head, prove a period, verify it, erase personal text. */
import type { Fence, LedgerProof } from '../../checks/engine/history.ts';
import type { Clock } from '../../core/clock.ts';
import type { Executor } from '../executor.ts';
import { periodOf } from '../history/values.ts';
import type { Checkpoint, CheckpointSource, Continuity, LedgerStanding } from './checkpoint.ts';
import { hex, personalText } from './entry.ts';
import { readHead, verifyLedger, walk, type LedgerHead, type Verification } from './verify.ts';

/** @see module header */
export class Ledger implements CheckpointSource {
  readonly #executor: Executor;
  readonly #clock: Clock;

  constructor(executor: Executor, clock: Clock) {
    this.#executor = executor;
    this.#clock = clock;
  }

  async head(): Promise<LedgerHead> {
    const { chain, seq, hash } = await readHead(this.#executor);
    return { chain, seq, hash };
  }

  /** @see CheckpointSource.place */
  async place(): Promise<Checkpoint | undefined> {
    const { chain, seq, hash } = await this.head();
    return seq === 0 ? undefined : { chain, seq, hash, at: this.#clock.now().toISOString() };
  }

  /** @see CheckpointSource.continuity */
  async continuity(checkpoint: Checkpoint): Promise<Continuity> {
    const head = await this.head();
    if (head.chain !== checkpoint.chain) return 'other';
    if (head.seq < checkpoint.seq) return 'restored';
    const hash = await this.#hashAt(checkpoint.seq);
    return hash !== undefined && hex(hash) === checkpoint.hash ? 'continued' : 'rewritten';
  }

  /** @returns those of the checkpoints, all of one ledger, that this one still goes through. */
  async through(checkpoints: readonly Checkpoint[]): Promise<readonly Checkpoint[]> {
    const { chain } = await this.head();
    const seqs = checkpoints.map(({ seq }) => seq);
    if (seqs.length === 0) return [];
    const rows = await this.#executor.read((db) =>
      db.selectFrom('ledger').select(['seq', 'hash']).where('seq', 'in', seqs).execute(),
    );
    const hashes = new Map(rows.map(({ seq, hash }) => [seq, hex(hash)]));
    return checkpoints.filter((each) => each.chain === chain && hashes.get(each.seq) === each.hash);
  }

  /**
   * Records that a person has looked at a ledger that does not go on from its checkpoint: who, why, and where both ended.
   * @returns where it is after that.
   */
  async acknowledge(
    { continuity, checkpoint }: Extract<LedgerStanding, { kind: 'broken' }>,
    person: { readonly by: string; readonly reason: string },
  ): Promise<Checkpoint> {
    const { seq, hash } = await this.head();
    await this.#executor.amend({
      kind: 'RestoreAcknowledged',
      body: { continuity, checkpoint, head: { seq, hash } },
      personal: { by: personalText(person.by), reason: personalText(person.reason) },
    });
    const place = await this.place();
    if (place === undefined) throw new Error('the ledger is empty after a row was added to it');
    return place;
  }

  /** @see verifyLedger */
  async verify(checkpoints: readonly Checkpoint[], signal: AbortSignal): Promise<Verification> {
    return verifyLedger(this.#executor, checkpoints, signal);
  }

  /** @see RunReader.ledgerProof */
  async proof(period: { readonly from: string; readonly to: string }): Promise<LedgerProof> {
    const { chain, ...head } = await this.head();
    const [first, last] = await this.#ends(period, head.seq);
    if (first === undefined || last === undefined) return { chain, head, intact: true };
    const previous = first.seq === 1 ? new Uint8Array() : await this.#hashAt(first.seq - 1);
    const bad =
      previous === undefined ||
      (await walk(
        this.#executor,
        { chain, from: first.seq, to: last.seq, previous },
        new AbortController().signal,
      )) !== undefined;
    return { chain, head, first, last, intact: !bad };
  }

  /**
   * Erases a personal text, such as the name of somebody who left, wherever the ledger refers to it. The chain stays whole.
   * @returns how many there were.
   */
  async erase(text: string, fence: Fence): Promise<number> {
    return this.#executor.write(fence, async ({ tx, record }) => {
      const erased = await tx.deleteFrom('ledger_text').where('text', '=', text).returning('id').execute();
      if (erased.length > 0) record({ kind: 'TextErased', body: { texts: erased.length } });
      return erased.length;
    });
  }

  async #hashAt(seq: number): Promise<Uint8Array | undefined> {
    const row = await this.#executor.read((db) =>
      db.selectFrom('ledger').select('hash').where('seq', '=', seq).executeTakeFirst(),
    );
    return row?.hash;
  }

  /** The first and the last row of the period, up to the head. */
  async #ends(
    period: { readonly from: string; readonly to: string },
    headSeq: number,
  ): Promise<readonly { readonly seq: number; readonly hash: string }[]> {
    const { from, to } = periodOf(period);
    const end = (direction: 'asc' | 'desc') =>
      this.#executor.read((db) =>
        db
          .selectFrom('ledger')
          .select(['seq', 'hash'])
          .where('at', '>=', from)
          .where('at', '<', to)
          .where('seq', '<=', headSeq)
          .orderBy('at', direction)
          .orderBy('seq', direction)
          .limit(1)
          .executeTakeFirst(),
      );
    const found = [await end('asc'), await end('desc')];
    return found.flatMap((row) => (row === undefined ? [] : [{ seq: row.seq, hash: hex(row.hash) }]));
  }
}
