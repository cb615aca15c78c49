/**
 * Which changes of servers and rules an approval is behind. Pure. A server's spec is recorded at each run of a compliance check; of the
 * generations that went by in between it is known that there were changes, and not what they were.
 */
import type { ApprovalRow } from '../../approval/index.ts';
import { parseServerChangeKey, type ChangeRecord } from '../../checks/engine/history.ts';

/** A request that was executed, or tried. */
export interface ApprovalBehind {
  readonly namespace: string;
  readonly name: string;
  readonly phase: ApprovalRow['phase'];
  readonly ledgerSeq: number;
}

/** A change, and what is behind it. */
export interface JudgedChange {
  readonly change: ChangeRecord;
  readonly approvals: readonly ApprovalBehind[];
  /** Whether something of it is not covered by the approvals. */
  readonly isUnapproved: boolean;
  /** Generations of an MCPServer that no approval is behind; empty for other kinds. */
  readonly generations: readonly number[];
}

/** At most so many generations of a gap are named. */
const MOST_GENERATIONS = 100;

/**
 * @param changes from the beginning of the record, the oldest first.
 * @param rows every request; those that changed nothing do not matter.
 * @returns the changes since `from` (ISO 8601). A server that was there before the record begins is judged from its second entry on.
 */
export function judgeChanges(
  changes: readonly ChangeRecord[],
  rows: readonly ApprovalRow[],
  from: string,
): readonly JudgedChange[] {
  const approved = approvedGenerations(rows);
  const waived = Map.groupBy(
    rows.filter(({ action, phase }) => action.kind === 'Waive' && phase === 'Executed'),
    ({ action }) => action.target.uid,
  );
  const seen = new Map<string, number>();
  const judged = changes.flatMap((change) => {
    const place = parseServerChangeKey(change.key);
    if (place === undefined) return [judgeRule(change, waived.get(change.object.uid) ?? [])];
    const before = seen.get(place.uid);
    seen.set(place.uid, Math.max(place.generation, before ?? 0));
    return judgeServer(change, place, before, approved.get(place.uid) ?? new Map());
  });
  return judged.filter(({ change }) => change.at >= from);
}

type ByGeneration = ReadonlyMap<number, ApprovalBehind>;

/** An executed patch makes the generation after its pre-image's; what is taken back makes one more. */
function approvedGenerations(rows: readonly ApprovalRow[]): ReadonlyMap<string, ByGeneration> {
  const byServer = new Map<string, Map<number, ApprovalBehind>>();
  for (const row of rows) {
    const { preImage, phase, action, derived } = row;
    if (preImage === undefined || derived.plan.effect.kind !== 'Patch') continue;
    const generations = byServer.get(action.target.uid) ?? new Map<number, ApprovalBehind>();
    byServer.set(action.target.uid, generations);
    generations.set(preImage.generation + 1, behind(row));
    if (phase === 'RolledBack') generations.set(preImage.generation + 2, behind(row));
  }
  return byServer;
}

function behind({ namespace, name, phase, ledgerSeq }: ApprovalRow): ApprovalBehind {
  return { namespace, name, phase, ledgerSeq };
}

/** Nobody asks for an approval to change a rule, but for a waiver that it makes count. */
function judgeRule(change: ChangeRecord, waives: readonly ApprovalRow[]): JudgedChange {
  const approvals = change.kind === 'WaiverChanged' ? waives.map(behind) : [];
  return { change, approvals, isUnapproved: approvals.length === 0, generations: [] };
}

function judgeServer(
  change: ChangeRecord,
  { generation }: { readonly generation: number },
  before: number | undefined,
  approved: ByGeneration,
): readonly JudgedChange[] {
  if (before === undefined && generation > 1 && !approved.has(generation)) return [];
  const first = before === undefined ? generation : before + 1;
  const count = Math.max(0, Math.min(generation - first + 1, MOST_GENERATIONS));
  const made = Array.from({ length: count }, (_, index) => generation - index).toReversed();
  const approvals = made.flatMap((each) => approved.get(each) ?? []);
  const generations = made.filter((each) => !approved.has(each));
  return [{ change, approvals, isUnapproved: generations.length > 0, generations }];
}
