/**
 * The open requests, as the store has them: kept in memory while this process leads, because the questions that all of them have a part in (which
 * is the newest, how many wait) come up with each look at one.
 */
import { isFinal, type ApprovalRow } from '../../approval/index.ts';
import { formatKey, type ObjectKey } from '../../operator/runtime/index.ts';

/** @see module header */
export class OpenRows {
  readonly #rows = new Map<string, ApprovalRow>();
  readonly #byTarget = new Map<string, Set<string>>();
  readonly #byName = new Map<string, Set<string>>();

  /** Notes the row as it is now. @returns whether that is news. */
  put(row: ApprovalRow): boolean {
    const known = this.#rows.get(row.requestUid);
    if (known !== undefined && known.version >= row.version) return false;
    if (isFinal(row.phase)) this.#remove(row);
    else this.#insert(row);
    return true;
  }

  /** Knows nothing any more: a database that was restored has older versions of rows. */
  clear(): void {
    this.#rows.clear();
    this.#byTarget.clear();
    this.#byName.clear();
  }

  get(requestUid: string): ApprovalRow | undefined {
    return this.#rows.get(requestUid);
  }

  list(): readonly ApprovalRow[] {
    return [...this.#rows.values()];
  }

  /** Those of that name: a request may be deleted and made again. */
  named(key: ObjectKey): readonly ApprovalRow[] {
    return this.#rowsOf(this.#byName.get(formatKey(key)));
  }

  /** Those about the object with this uid. */
  about(targetUid: string): readonly ApprovalRow[] {
    return this.#rowsOf(this.#byTarget.get(targetUid));
  }

  /**
   * Others that are open for the same target, kind and check. The very same Quarantine is none: whoever may ask for one could stall another, with its
   * approvals, by asking again.
   */
  rivalsOf(row: ApprovalRow): readonly ApprovalRow[] {
    return this.about(row.action.target.uid).filter(
      (other) => other.requestUid !== row.requestUid && isSameThing(row, other),
    );
  }

  #insert(row: ApprovalRow): void {
    this.#rows.set(row.requestUid, row);
    insert(this.#byTarget, row.action.target.uid, row.requestUid);
    insert(this.#byName, formatKey(row), row.requestUid);
  }

  #remove(row: ApprovalRow): void {
    this.#rows.delete(row.requestUid);
    erase(this.#byTarget, row.action.target.uid, row.requestUid);
    erase(this.#byName, formatKey(row), row.requestUid);
  }

  #rowsOf(uids: Iterable<string> = []): readonly ApprovalRow[] {
    return [...uids].flatMap((uid) => this.#rows.get(uid) ?? []);
  }
}

function insert(index: Map<string, Set<string>>, value: string, uid: string): void {
  const uids = index.get(value);
  if (uids === undefined) index.set(value, new Set([uid]));
  else uids.add(uid);
}

function erase(index: Map<string, Set<string>>, value: string, uid: string): void {
  const uids = index.get(value);
  uids?.delete(uid);
  if (uids?.size === 0) index.delete(value);
}

function isSameThing(row: ApprovalRow, rival: ApprovalRow): boolean {
  const [one, other] = [row.action, rival.action];
  if (one.kind === 'Quarantine' && row.derived.digest === rival.derived.digest) return false;
  return one.kind === other.kind && one.parameters['check'] === other.parameters['check'];
}

/** Whether `row` is the newest of the two. */
export function isNewer(row: ApprovalRow, other: ApprovalRow): boolean {
  const difference = Date.parse(row.createdAt) - Date.parse(other.createdAt);
  if (difference !== 0) return difference > 0;
  // Made within one second: any order will do that is the same for everybody.
  return row.requestUid > other.requestUid;
}
