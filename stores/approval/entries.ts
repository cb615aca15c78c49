/** What the ledger says of a request: what became of it, and what was refused. */
import type { Transaction } from 'kysely';
import type { Phase } from '../../approval/phase.ts';
import type { ApprovalLedgerEntry, RefusedEntries } from '../../approval/store.ts';
import type { Executor } from '../executor.ts';
import { hex } from '../ledger/entry.ts';
import { textsOf } from '../ledger/texts.ts';
import type { Tables } from '../tables.ts';

/** Whoever may write decisions can have any number refused. */
const MOST_REFUSED = 100;
/** Stands where a text was erased. */
const ERASED = 'erased';

/** A row of the ledger. */
interface LedgerRow {
  readonly seq: number;
  readonly entry: Uint8Array;
  readonly hash: Uint8Array;
}

/** What its bytes say. */
interface StoredEntry {
  readonly time: string;
  readonly kind: string;
  readonly body: StoredBody;
  readonly personal: Readonly<Record<string, { readonly text: string; readonly hash: string }>>;
}

/** Of an ApprovalChanged, or (`request`, `verb` and `reason`) of an ApprovalRefused. */
interface StoredBody {
  readonly event?: string;
  readonly phase?: Phase;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly request?: string;
  readonly verb?: string;
  readonly reason?: string;
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
    return shownRows(tx, rows);
  });
}

/** @see ApprovalReader.refusalsOf */
export async function refusalsOf(
  executor: Executor,
  namespace: string,
  name: string,
): Promise<RefusedEntries> {
  return executor.snapshot(async (tx) => {
    const newest = await tx
      .selectFrom('approval_refusals')
      .innerJoin('ledger', 'ledger.seq', 'approval_refusals.seq')
      .select(['ledger.seq as seq', 'ledger.entry as entry', 'ledger.hash as hash'])
      .where('approval_refusals.namespace', '=', namespace)
      .where('approval_refusals.name', '=', name)
      .orderBy('approval_refusals.seq', 'desc')
      .limit(MOST_REFUSED + 1)
      .execute();
    const entries = await shownRows(tx, newest.slice(0, MOST_REFUSED).toReversed());
    return { entries, hasOlder: newest.length > MOST_REFUSED };
  });
}

async function shownRows(
  tx: Transaction<Tables>,
  rows: readonly LedgerRow[],
): Promise<readonly ApprovalLedgerEntry[]> {
  const entries = rows.map(({ entry, ...row }) => ({
    ...row,
    stored: JSON.parse(Buffer.from(entry).toString('utf8')) as StoredEntry,
  }));
  const textOf = await textsOf(
    tx,
    entries.flatMap(({ stored }) => Object.values(stored.personal).map(({ text }) => text)),
  );
  return entries.map((entry) => shown(entry, textOf));
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
    details: body.details ?? refusalIn(body),
  };
}

/** Of a refused try, whose body is flat. */
function refusalIn({ request, verb, reason }: StoredBody): Readonly<Record<string, unknown>> {
  return verb === undefined ? {} : { verb, reason, request };
}
