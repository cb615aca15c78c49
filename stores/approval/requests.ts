/** Requests for approval: a row that moves by compare-and-set, in one transaction with its entries in the ledger and the messages that leave with it. */
import type { Transaction } from 'kysely';
import type { ApprovalRow, NewApprovalRow } from '../../approval/request.ts';
import {
  ApprovalConflictError,
  type ApprovalEvent,
  type ApprovalFence,
  type ApprovalMessage,
} from '../../approval/store.ts';
import { TerminalError } from '../../core/errors.ts';
import type { Executor, Write } from '../executor.ts';
import { storable, storableText } from '../history/values.ts';
import { personalText, type LedgerEntry } from '../ledger/entry.ts';
import { enqueue } from '../outbox/outbox.ts';
import type { Tables } from '../tables.ts';
import { changingColumns, constantColumns, rowOf } from './rows.ts';

const FIRST_VERSION = 1;

/** @see ApprovalStore.openRequest */
export async function openRequest(
  executor: Executor,
  row: NewApprovalRow,
  event: ApprovalEvent,
  messages: readonly ApprovalMessage[],
  fence: ApprovalFence,
): Promise<ApprovalRow> {
  const first: ApprovalRow = { ...row, version: FIRST_VERSION, ledgerSeq: 0 };
  await executor.write(fence, async (write) => {
    const inserted = await write.tx
      .insertInto('approval_requests')
      .values({ ...constantColumns(first), ...changingColumns(first), ledger_seq: 0 })
      .onConflict((conflict) => conflict.column('request_uid').doNothing())
      .returning('request_uid')
      .executeTakeFirst();
    if (inserted !== undefined) await tell(write, first, [event], messages);
  });
  return stored(executor, row.requestUid);
}

/** @see ApprovalStore.advanceRequest */
export async function advanceRequest(
  executor: Executor,
  row: ApprovalRow,
  events: readonly ApprovalEvent[],
  messages: readonly ApprovalMessage[],
  fence: ApprovalFence,
): Promise<ApprovalRow> {
  const { ledgerSeq: _seq, ...next } = { ...row, version: row.version + 1 };
  await executor.write(fence, async (write) => {
    const updated = await write.tx
      .updateTable('approval_requests')
      .set(changingColumns(next))
      .where('request_uid', '=', row.requestUid)
      .where('version', '=', row.version)
      .returning('request_uid')
      .executeTakeFirst();
    if (updated === undefined)
      throw new ApprovalConflictError(
        `the request ${row.namespace}/${row.name} is no longer at version ${row.version}`,
      );
    await tell(write, { ...next, ledgerSeq: row.ledgerSeq }, events, messages);
  });
  return stored(executor, row.requestUid);
}

/** A write without an event would show nowhere: nobody who follows the ledger would see it. */
async function tell(
  { tx, record }: Write,
  row: ApprovalRow,
  events: readonly ApprovalEvent[],
  messages: readonly ApprovalMessage[],
): Promise<void> {
  if (events.length === 0) throw new TerminalError('a request does not change without an event');
  for (const event of events)
    record(entryOf(row, event), async (seq) => {
      await place(tx, row.requestUid, seq);
    });
  for (const message of messages) await enqueue(tx, message);
}

async function place(tx: Transaction<Tables>, requestUid: string, seq: number): Promise<void> {
  await tx.insertInto('approval_entries').values({ request_uid: requestUid, seq }).execute();
  await tx
    .updateTable('approval_requests')
    .set({ ledger_seq: seq })
    .where('request_uid', '=', requestUid)
    .execute();
}

function entryOf(row: ApprovalRow, { event, person, reason = '', details }: ApprovalEvent): LedgerEntry {
  const { requestUid, namespace, name, phase, version } = row;
  const texts = Object.entries({ person, reason }).filter(([, text]) => text !== '');
  return {
    kind: 'ApprovalChanged',
    body: storable({ request: requestUid, namespace, name, event, phase, version, details }),
    personal: Object.fromEntries(texts.map(([key, text]) => [key, personalText(storableText(text))])),
  };
}

async function stored(executor: Executor, requestUid: string): Promise<ApprovalRow> {
  const row = await executor.read((db) =>
    db
      .selectFrom('approval_requests')
      .selectAll()
      .where('request_uid', '=', requestUid)
      .executeTakeFirstOrThrow(),
  );
  return rowOf(row);
}
