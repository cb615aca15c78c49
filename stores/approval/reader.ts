/** Reading requests, and what the ledger says of one. */
import type { Phase } from '../../approval/phase.ts';
import type { ApprovalRow } from '../../approval/request.ts';
import type { ApprovalLedgerEntry, ApprovalReader, ExecutedAction } from '../../approval/store.ts';
import type { Executor } from '../executor.ts';
import { hex } from '../ledger/entry.ts';
import { rowOf } from './rows.ts';

const MAX_RELATED = 50;
/** Stands where a text was erased. */
const ERASED = 'erased';

/** @see ApprovalReader.request */
export async function request(executor: Executor, requestUid: string): Promise<ApprovalRow | undefined> {
  const row = await executor.read((db) =>
    db.selectFrom('approval_requests').selectAll().where('request_uid', '=', requestUid).executeTakeFirst(),
  );
  return row && rowOf(row);
}

/** @see ApprovalReader.requestNamed */
export async function requestNamed(
  executor: Executor,
  namespace: string,
  name: string,
): Promise<ApprovalRow | undefined> {
  const row = await executor.read((db) =>
    db
      .selectFrom('approval_requests')
      .selectAll()
      .where('namespace', '=', namespace)
      .where('name', '=', name)
      .orderBy('created_at', 'desc')
      .limit(1)
      .executeTakeFirst(),
  );
  return row && rowOf(row);
}

/** @see ApprovalReader.openRequests */
export async function openRequests(executor: Executor): Promise<readonly ApprovalRow[]> {
  const rows = await executor.read((db) =>
    db
      .selectFrom('approval_requests')
      .selectAll()
      .where('is_final', '=', false)
      .orderBy('created_at')
      .orderBy('request_uid')
      .execute(),
  );
  return rows.map(rowOf);
}

/** @see ApprovalReader.requestsChangedSince */
export async function requestsChangedSince(
  executor: Executor,
  ledgerSeq: number,
  limit: number,
): Promise<readonly ApprovalRow[]> {
  const rows = await executor.read((db) =>
    db
      .selectFrom('approval_requests')
      .selectAll()
      .where('ledger_seq', '>', ledgerSeq)
      .orderBy('ledger_seq')
      .limit(limit)
      .execute(),
  );
  return rows.map(rowOf);
}

/** @see ApprovalReader.requestsFor */
export async function requestsFor(
  executor: Executor,
  { targetUid, kind, check }: Parameters<ApprovalReader['requestsFor']>[0],
): Promise<readonly ApprovalRow[]> {
  const rows = await executor.read((db) =>
    db
      .selectFrom('approval_requests')
      .selectAll()
      .where('target_uid', '=', targetUid)
      .where('action_kind', '=', kind)
      .where('check_id', '=', check)
      .orderBy('created_at', 'desc')
      .limit(MAX_RELATED)
      .execute(),
  );
  return rows.map(rowOf);
}

/** @see ApprovalReader.executedActions */
export async function executedActions(
  executor: Executor,
  targetUid: string,
): Promise<readonly ExecutedAction[]> {
  const rows = await executor.read((db) =>
    db
      .selectFrom('approval_requests')
      .selectAll()
      .where('target_uid', '=', targetUid)
      .where('phase', '=', 'Executed')
      .where('action_kind', 'in', ['AcceptDefinitions', 'Quarantine', 'Waive'])
      .orderBy('ledger_seq')
      .execute(),
  );
  const executed = rows.map(rowOf).map(actionOf);
  const last = (kind: ExecutedAction['kind']) => executed.findLast((action) => action.kind === kind) ?? [];
  return [
    last('AcceptDefinitions'),
    last('Quarantine'),
    executed.filter(({ kind }) => kind === 'Waive'),
  ].flat();
}

function actionOf(row: ApprovalRow): ExecutedAction {
  const { requestUid, namespace, name, action, derived, ledgerSeq } = row;
  return {
    requestUid,
    namespace,
    requestName: name,
    kind: action.kind,
    targetUid: action.target.uid,
    effect: derived.plan.effect,
    executedAt: row.executedAt ?? row.createdAt,
    ledgerSeq,
  };
}

interface StoredEntry {
  readonly time: string;
  readonly kind: string;
  readonly body: {
    readonly event?: string;
    readonly phase?: Phase;
    readonly details?: Readonly<Record<string, unknown>>;
  };
  readonly personal: Readonly<Record<string, { readonly text: string; readonly hash: string }>>;
}

/** @see ApprovalReader.entriesOf */
export async function entriesOf(
  executor: Executor,
  requestUid: string,
): Promise<readonly ApprovalLedgerEntry[]> {
  return executor.snapshot(async (tx) => {
    const rows = await tx
      .selectFrom('approval_entries')
      .innerJoin('ledger', 'ledger.seq', 'approval_entries.seq')
      .select(['ledger.seq as seq', 'ledger.entry as entry', 'ledger.hash as hash'])
      .where('approval_entries.request_uid', '=', requestUid)
      .orderBy('ledger.seq')
      .execute();
    const entries = rows.map(({ entry, ...row }) => ({
      ...row,
      stored: JSON.parse(Buffer.from(entry).toString('utf8')) as StoredEntry,
    }));
    const ids = entries.flatMap(({ stored }) => Object.values(stored.personal).map(({ text }) => text));
    const texts =
      ids.length === 0
        ? []
        : await tx.selectFrom('ledger_text').select(['id', 'text']).where('id', 'in', ids).execute();
    const textOf = new Map(texts.map(({ id, text }) => [id, text]));
    return entries.map((entry) => shown(entry, textOf));
  });
}

function shown(
  { seq, hash, stored }: { readonly seq: number; readonly hash: Uint8Array; readonly stored: StoredEntry },
  textOf: ReadonlyMap<string, string>,
): ApprovalLedgerEntry {
  const { time, kind, body, personal } = stored;
  const text = (name: string): string => {
    const reference = personal[name];
    return reference === undefined ? '' : (textOf.get(reference.text) ?? ERASED);
  };
  const reason = text('reason');
  return {
    seq,
    at: time,
    hash: hex(hash),
    kind,
    event: body.event ?? '',
    phase: body.phase,
    person: text('person'),
    ...(reason !== '' && { reason }),
    details: body.details ?? {},
  };
}
