/**
 * Messages that leave with the transaction that caused them. Delivery is at least once: who takes a message has it for a lease, and loses it to the
 * next one when the lease ends. All times are the database's, so that clocks of replicas do not matter.
 */
import { randomUUID } from 'node:crypto';
import { sql, type Transaction } from 'kysely';
import type { Fence } from '../../checks/engine/history.ts';
import { TerminalError } from '../../core/errors.ts';
import type { Executor } from '../executor.ts';
import { storable, storableTime } from '../history/values.ts';
import type { Tables } from '../tables.ts';

/** The table's own limit, in UTF-8. */
const MAX_PAYLOAD_BYTES = 262_144;

/** A message to be delivered. */
export interface OutboxMessage {
  /** Which kind of delivery. */
  readonly topic: string;
  /** Within the topic: a message whose key was there before is not added, and receivers tell repeats by it. */
  readonly key: string;
  /** JSON. */
  readonly payload: unknown;
  /** ISO 8601: not delivered after this. */
  readonly expiresAt: string;
}

/** A message that somebody has taken. */
export interface LeasedMessage extends OutboxMessage {
  readonly id: number;
  /** This one included. */
  readonly attempts: number;
  readonly lease: string;
}

/** How many messages wait, and how many were given up. */
export interface OutboxDepth {
  readonly pending: number;
  readonly dead: number;
}

/** Adds a message in the transaction of what it tells of. @throws TerminalError when it is too long. */
export async function enqueue(tx: Transaction<Tables>, message: OutboxMessage): Promise<void> {
  const { topic, key } = message;
  const payload = JSON.stringify(storable(message.payload));
  if (Buffer.byteLength(payload) > MAX_PAYLOAD_BYTES)
    throw new TerminalError(`the message ${topic} ${key} is longer than ${MAX_PAYLOAD_BYTES} bytes`);
  await tx
    .insertInto('outbox')
    .values({
      topic,
      key,
      payload,
      expires_at: storableTime(message.expiresAt, 'expiresAt'),
      lease: null,
      trouble: null,
    })
    .onConflict((conflict) => conflict.columns(['topic', 'key']).doNothing())
    .execute();
}

/** @see module header */
export class Outbox {
  readonly #executor: Executor;

  constructor(executor: Executor) {
    this.#executor = executor;
  }

  /** Adds a message on its own. */
  async add(message: OutboxMessage, fence: Fence): Promise<void> {
    return this.#executor.write(fence, ({ tx }) => enqueue(tx, message));
  }

  /**
   * Takes messages that are due, the oldest first, and counts an attempt of each. Those that are past their time are left to {@link expire}.
   * @param leaseMs they are others' after this.
   */
  async take(limit: number, leaseMs: number): Promise<readonly LeasedMessage[]> {
    const lease = randomUUID();
    return this.#executor.update(async (tx) => {
      const { rows } = await sql<
        Omit<LeasedMessage, 'payload' | 'expiresAt'> & { payload: string; expires_at: Date }
      >`
        UPDATE kilo_mcp.outbox SET attempts = attempts + 1, lease = ${lease},
          leased_until = now() + ${leaseMs}::int * interval '1 millisecond'
        WHERE id IN (
          SELECT id FROM kilo_mcp.outbox
          WHERE delivered_at IS NULL AND dead_at IS NULL AND due_at <= now() AND expires_at > now()
            AND (leased_until IS NULL OR leased_until <= now())
          ORDER BY due_at, id LIMIT ${limit}::int FOR UPDATE SKIP LOCKED)
        RETURNING id, topic, key, payload, attempts, lease, expires_at`.execute(tx);
      return rows
        .map(({ payload, expires_at, ...row }) => ({
          ...row,
          payload: JSON.parse(payload) as unknown,
          expiresAt: expires_at.toISOString(),
        }))
        .toSorted((one, other) => one.id - other.id);
    });
  }

  /** Gives up messages that are past their time, and that nobody has. @returns them, at most `limit`. */
  async expire(limit: number): Promise<readonly Pick<OutboxMessage, 'topic' | 'key'>[]> {
    return this.#executor.update(async (tx) => {
      const { rows } = await sql<Pick<OutboxMessage, 'topic' | 'key'>>`
        UPDATE kilo_mcp.outbox SET dead_at = now(), trouble = 'Expired', lease = NULL WHERE id IN (
          SELECT id FROM kilo_mcp.outbox
          WHERE delivered_at IS NULL AND dead_at IS NULL AND expires_at <= now()
            AND (leased_until IS NULL OR leased_until <= now())
          ORDER BY due_at, id LIMIT ${limit}::int FOR UPDATE SKIP LOCKED)
        RETURNING topic, key`.execute(tx);
      return rows;
    });
  }

  /** It was delivered. @returns false when the lease had ended: another one has the message, and it is delivered twice. */
  async delivered(message: LeasedMessage): Promise<boolean> {
    return this.#settle(message, sql`delivered_at = now()`);
  }

  /** It was not, and is due again later. @param trouble of our own words. */
  async failed(message: LeasedMessage, trouble: string, againInMs: number): Promise<boolean> {
    return this.#settle(
      message,
      sql`trouble = ${trouble}, leased_until = NULL, due_at = now() + ${againInMs}::int * interval '1 millisecond'`,
    );
  }

  /** Nobody will try again. */
  async dead(message: LeasedMessage, trouble: string): Promise<boolean> {
    return this.#settle(message, sql`trouble = ${trouble}, dead_at = now()`);
  }

  async depth(): Promise<OutboxDepth> {
    const { rows } = await this.#executor.read((db) =>
      sql<OutboxDepth>`
        SELECT count(*) FILTER (WHERE dead_at IS NULL) AS pending, count(*) FILTER (WHERE dead_at IS NOT NULL) AS dead
        FROM kilo_mcp.outbox WHERE delivered_at IS NULL`.execute(db),
    );
    return rows[0] ?? { pending: 0, dead: 0 };
  }

  /**
   * Deletes messages that were delivered or given up and are older than `before` (ISO 8601): from then on their keys may be used again.
   * @returns how many, at most `limit`.
   */
  async prune(before: string, limit: number): Promise<number> {
    const time = new Date(storableTime(before, 'before'));
    return this.#executor.update(async (tx) => {
      const { numAffectedRows } = await sql`
        DELETE FROM kilo_mcp.outbox WHERE id IN (
          SELECT id FROM kilo_mcp.outbox
          WHERE (delivered_at IS NOT NULL OR dead_at IS NOT NULL) AND created_at < ${time}
          ORDER BY created_at LIMIT ${limit}::int FOR UPDATE SKIP LOCKED)`.execute(tx);
      return Number(numAffectedRows ?? 0);
    });
  }

  /** Deletes messages that nobody has, undelivered: for when there is nobody to tell. @returns how many, at most `limit`. */
  async discard(limit: number): Promise<number> {
    return this.#executor.update(async (tx) => {
      const { numAffectedRows } = await sql`
        DELETE FROM kilo_mcp.outbox WHERE id IN (
          SELECT id FROM kilo_mcp.outbox
          WHERE delivered_at IS NULL AND dead_at IS NULL AND (leased_until IS NULL OR leased_until <= now())
          ORDER BY due_at, id LIMIT ${limit}::int FOR UPDATE SKIP LOCKED)`.execute(tx);
      return Number(numAffectedRows ?? 0);
    });
  }

  async #settle({ id, lease }: LeasedMessage, change: ReturnType<typeof sql>): Promise<boolean> {
    return this.#executor.update(async (tx) => {
      const { numAffectedRows } = await sql`
        UPDATE kilo_mcp.outbox SET lease = NULL, ${change} WHERE id = ${id} AND lease = ${lease}`.execute(tx);
      return numAffectedRows === 1n;
    });
  }
}
