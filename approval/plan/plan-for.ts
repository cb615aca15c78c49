/** The plan of any action. */
import type { Action } from '../action.ts';
import { type Planned, refusal } from './plan.ts';
import { type RequestedWaiver, planAcceptance, planQuarantine, planWaiver } from './records.ts';
import { type RemediationFacts, planRemediation } from './remediate.ts';

/** What is known of the target of an action. */
export type PlanFacts =
  | (RemediationFacts & {
      readonly target: 'MCPServer';
      /** The hash of definitions that is accepted now. */
      readonly acceptedHash: string | undefined;
      readonly isQuarantined: boolean;
    })
  | {
      readonly target: 'ComplianceCheck';
      /** `namespace/name`. */
      readonly owner: string;
      readonly waivers: readonly RequestedWaiver[];
      /** Of the ApprovalRequest. */
      readonly requestName: string;
    };

/** @returns the plan at `now`, or why there is none. */
export function planFor({ kind, parameters }: Action, facts: PlanFacts, now: Date): Planned {
  if (kind === 'Waive') {
    if (facts.target !== 'ComplianceCheck') return wrongTarget(kind, 'a ComplianceCheck');
    return planWaiver({ ...facts, check: parameters['check'] }, now);
  }
  if (facts.target !== 'MCPServer') return wrongTarget(kind, 'an MCPServer');
  if (kind === 'Remediate') return remediation(parameters['check'], facts);
  if (kind === 'AcceptDefinitions')
    return planAcceptance(facts.server, parameters['hash'], facts.acceptedHash);
  return planQuarantine(facts.server, parameters['operation'], facts.isQuarantined);
}

function remediation(check: string | undefined, facts: RemediationFacts): Planned {
  if (check === undefined)
    return refusal('InvalidParameters', 'parameters.check is missing: write the id of a check');
  return planRemediation(check, facts);
}

function wrongTarget(kind: string, target: string): Planned {
  return refusal('InvalidParameters', `the target of ${kind} is ${target}`);
}
