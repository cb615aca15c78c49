/** Controls: which findings bear on each, and whether it is satisfied. */
import type { FindingRecord } from '../../checks/engine/record.ts';
import { isFailure } from '../run-report.ts';
import { controlId } from './names.ts';

/** A control with what was found about it. */
export interface ControlFindings {
  readonly id: string;
  readonly framework: string;
  /** As the framework writes it. */
  readonly control: string;
  readonly findings: readonly FindingRecord[];
}

/** @returns every control that a finding names, by its id. */
export function controlsOf(findings: readonly FindingRecord[]): readonly ControlFindings[] {
  const named = findings.flatMap((finding) =>
    Object.entries(finding.controls).flatMap(([framework, controls]) =>
      controls.map((control) => ({ id: controlId(framework, control), framework, control, finding })),
    ),
  );
  return [...Map.groupBy(named, ({ id }) => id).values()]
    .flatMap((group) => {
      const [first] = group;
      return first === undefined ? [] : [{ ...first, findings: group.map(({ finding }) => finding) }];
    })
    .toSorted((one, other) => one.id.localeCompare(other.id, 'en'));
}

/** Why a control is (not) satisfied, in OSCAL's words. */
export interface ControlStatus {
  readonly state: 'satisfied' | 'not-satisfied';
  readonly reason: 'pass' | 'fail' | 'other';
  readonly remarks: string;
}

/** A waived failure is a deviation that somebody accepted, and no satisfied control; what nobody could judge satisfies nothing either. */
export function controlStatus(findings: readonly FindingRecord[]): ControlStatus {
  const scored = findings.filter(({ scored }) => scored);
  const has = (outcome: FindingRecord['outcome']): boolean =>
    scored.some((finding) => finding.outcome === outcome);
  const failures = scored.filter(isFailure).length;
  if (has('Fail')) return notSatisfied('fail', `${failures} of ${scored.length} scored results fail.`);
  if (has('Error')) return notSatisfied('other', 'A check could not be completed.');
  if (has('Waived')) return notSatisfied('other', 'A failure is covered by a waiver.');
  if (has('Pass')) return { state: 'satisfied', reason: 'pass', remarks: 'Every scored result passes.' };
  return notSatisfied('other', 'Nothing that counts could be judged.');
}

function notSatisfied(reason: 'fail' | 'other', remarks: string): ControlStatus {
  return { state: 'not-satisfied', reason, remarks };
}
