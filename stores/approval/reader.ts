/** Reading requests. */
import type { ApprovalRow } from '../../approval/request.ts';
import type { ApprovalReader, ExecutedAction } from '../../approval/store.ts';
import type { Executor } from '../executor.ts';
import { rowOf } from './rows.ts';

const MAX_RELATED = 50;

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
