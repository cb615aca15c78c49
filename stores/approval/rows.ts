/** A request on its way into and out of its columns. */
import type { Selectable } from 'kysely';
import { isFinal } from '../../approval/phase.ts';
import type { ApprovalRow } from '../../approval/request.ts';
import { TerminalError } from '../../core/errors.ts';
import { storable, storableTime } from '../history/values.ts';
import type { ApprovalRequestTable } from '../tables.ts';

/** The table's own limit, in UTF-8. */
const MAX_BODY_BYTES = 262_144;

/** What changes with every write. */
export function changingColumns(row: Omit<ApprovalRow, 'ledgerSeq'>) {
  const { version, phase, derived } = row;
  return { phase, is_final: isFinal(phase), version, digest: derived.digest, body: bodyOf(row) };
}

/** What a request is found by, and never changes. */
export function constantColumns({ requestUid, namespace, name, createdAt, action }: ApprovalRow) {
  return {
    request_uid: requestUid,
    namespace,
    name,
    created_at: storableTime(createdAt, 'createdAt'),
    target_uid: action.target.uid,
    action_kind: action.kind,
    check_id: checkOf(action.parameters),
  };
}

/** @returns the check that an action is about, empty where there is none: what `requestsFor` looks for. */
function checkOf(parameters: ApprovalRow['action']['parameters']): string {
  return parameters['check'] ?? '';
}

/** Version and place in the ledger are columns, so that a body cannot contradict them. */
export function rowOf({ body, version, ledger_seq }: Selectable<ApprovalRequestTable>): ApprovalRow {
  const stored = JSON.parse(body) as Omit<ApprovalRow, 'version' | 'ledgerSeq'>;
  return { ...stored, version, ledgerSeq: ledger_seq };
}

/** @throws TerminalError when it is too long to be kept. */
function bodyOf({ version: _version, ...row }: Omit<ApprovalRow, 'ledgerSeq'>): string {
  const body = JSON.stringify(storable(row));
  if (Buffer.byteLength(body) > MAX_BODY_BYTES)
    throw new TerminalError(
      `the request ${row.namespace}/${row.name} is longer than ${MAX_BODY_BYTES} bytes: ask for less at once`,
    );
  return body;
}
