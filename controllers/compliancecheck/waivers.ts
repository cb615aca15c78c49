/**
 * Waivers: which failure of which server is covered now, and how the waivers of a check stand. Pure. A waiver that cannot be understood covers
 * nothing.
 */
import type { CheckStatus, Waiver } from '../../api/index.ts';
import type { FindingRecord } from '../../checks/engine/record.ts';
import { isSelected, selectorProblems, type LabelledServer } from './scope.ts';

/** @returns the waiver in force that covers a failure of this check at this server; of several, the one that lasts longest. */
export function waiverFor(
  waivers: readonly Waiver[],
  check: string,
  labelled: LabelledServer,
  nowMs: number,
): FindingRecord['waiver'] {
  const [best] = waivers
    .filter((waiver) => waiver.check === check && isInForce(waiver, nowMs) && isSelected(waiver, labelled))
    .toSorted((one, other) => Date.parse(other.expiresAt) - Date.parse(one.expiresAt));
  if (best === undefined) return undefined;
  const { reason, owner, expiresAt } = best;
  return { reason, owner, expiresAt };
}

function isInForce(waiver: Waiver, nowMs: number): boolean {
  return isSound(waiver) && Date.parse(waiver.expiresAt) > nowMs;
}

/** The schema lets 31 February through, and knows no selectors. */
function isSound(waiver: Waiver): boolean {
  return !Number.isNaN(Date.parse(waiver.expiresAt)) && selectorProblems(waiver, '').length === 0;
}

/** What a waiver can be seen to cover. */
export interface WaivedFinding {
  readonly check: string;
  readonly labelled: LabelledServer;
}

/** @param waived every finding of the last verdict that a waiver covers. */
export function waiverFigures(
  waivers: readonly Waiver[],
  profileChecks: ReadonlySet<string>,
  waived: readonly WaivedFinding[],
  nowMs: number,
): NonNullable<CheckStatus['waivers']> {
  const figures = { active: 0, expired: 0, unused: 0, invalid: 0 };
  for (const waiver of waivers) figures[standing(waiver, profileChecks, waived, nowMs)] += 1;
  return figures;
}

function standing(
  waiver: Waiver,
  profileChecks: ReadonlySet<string>,
  waived: readonly WaivedFinding[],
  nowMs: number,
): keyof NonNullable<CheckStatus['waivers']> {
  if (!isSound(waiver) || !profileChecks.has(waiver.check)) return 'invalid';
  if (!isInForce(waiver, nowMs)) return 'expired';
  const covers = ({ check, labelled }: WaivedFinding): boolean =>
    check === waiver.check && isSelected(waiver, labelled);
  return waived.some(covers) ? 'active' : 'unused';
}

/** @returns when the next waiver ends after `ms`, in milliseconds of wall time: what it covered must then be judged anew. */
export function nextExpiryMs(waivers: readonly Waiver[], ms: number): number | undefined {
  const ends = waivers.map(({ expiresAt }) => Date.parse(expiresAt)).filter((end) => end > ms);
  return ends.length === 0 ? undefined : Math.min(...ends);
}
