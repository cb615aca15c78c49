/** Combines ApprovalPolicies: everything that matches counts, and the strictest of each field wins. */
import type { LabelSelector } from '../api/index.ts';
import { isMet, requirementProblems, requirementsOf } from '../checks/policy/selector.ts';
import { digest } from '../core/canonical-json.ts';
import { type ActionKind, type Risk, isAtLeast } from './action.ts';
import { durationSeconds } from './duration.ts';
import type { PolicySnapshot } from './policy-snapshot.ts';

/** What is read of an ApprovalPolicy; defaults are filled in. Durations are texts such as `24h`. */
export interface PolicySource {
  readonly metadata: { readonly name: string; readonly uid: string; readonly generation: number };
  readonly spec: {
    readonly namespaceSelector: LabelSelector;
    readonly match: { readonly actionKinds: readonly ActionKind[]; readonly minRisk: Risk };
    readonly auto?: { readonly actionKinds: readonly ActionKind[]; readonly maxRisk: Risk };
    readonly quorum: PolicySnapshot['quorum'];
    readonly required?: PolicySnapshot['required'];
    readonly separationOfDuties: boolean;
    readonly allowServiceAccounts?: readonly string[];
    readonly requireReason: PolicySnapshot['requireReason'];
    readonly ttl: { readonly approval: string; readonly execution: string };
    readonly freeze?: readonly {
      readonly schedule: string;
      readonly timeZone: string;
      readonly duration: string;
    }[];
  };
}

/** What policies are asked about. */
export interface PolicyQuestion {
  readonly action: { readonly kind: ActionKind };
  readonly risk: Risk;
  readonly namespaceLabels: Readonly<Record<string, string>> | undefined;
}

/**
 * @returns the snapshot of all policies that match, by name; undefined when none does.
 * @throws TerminalError when a duration cannot be understood: it names policy, field and fix.
 */
export function policySnapshot(
  policies: readonly PolicySource[],
  question: PolicyQuestion,
): PolicySnapshot | undefined {
  const matching = policies
    .filter((policy) => matches(policy, question))
    .toSorted((one, other) => (one.metadata.name < other.metadata.name ? -1 : 1));
  if (matching.length === 0) return undefined;
  const combined = {
    policies: matching.map(({ metadata: { name, uid, generation } }) => ({ name, uid, generation })),
    ...combine(matching, question),
  };
  return { ...combined, hash: digest(combined) };
}

/** A condition of the selector that cannot be evaluated is left out: somebody relies on the policy, and it then matches more. */
function matches({ spec }: PolicySource, { action, risk, namespaceLabels }: PolicyQuestion): boolean {
  const requirements = requirementsOf(spec.namespaceSelector, 'spec.namespaceSelector');
  const sound = requirements.filter((requirement) => requirementProblems(requirement).length === 0);
  return (
    spec.match.actionKinds.includes(action.kind) &&
    isAtLeast(risk, spec.match.minRisk) &&
    sound.every((requirement) => isMet(requirement, namespaceLabels))
  );
}

function combine(
  policies: readonly PolicySource[],
  { action, risk }: PolicyQuestion,
): Omit<PolicySnapshot, 'policies' | 'hash'> {
  const specs = policies.map(({ spec }) => spec);
  return {
    auto: risk !== 'critical' && specs.every((spec) => letsRun(spec, action.kind, risk)),
    quorum: {
      approvals: Math.max(...specs.map(({ quorum }) => quorum.approvals)),
      denials: Math.min(...specs.map(({ quorum }) => quorum.denials)),
    },
    required: strictestGroups(specs.flatMap(({ required = [] }) => required)),
    // No policy can switch it off for what is critical.
    separationOfDuties: risk === 'critical' || specs.some(({ separationOfDuties }) => separationOfDuties),
    allowServiceAccounts: allowedByAll(specs.map(({ allowServiceAccounts = [] }) => allowServiceAccounts)),
    requireReason: {
      approve: specs.some(({ requireReason }) => requireReason.approve),
      deny: specs.some(({ requireReason }) => requireReason.deny),
      override: specs.some(({ requireReason }) => requireReason.override),
    },
    ...timesOf(policies),
  };
}

function letsRun({ auto }: PolicySource['spec'], kind: ActionKind, risk: Risk): boolean {
  return auto?.actionKinds.includes(kind) === true && isAtLeast(auto.maxRisk, risk);
}

function strictestGroups(required: PolicySnapshot['required']): PolicySnapshot['required'] {
  return [...Map.groupBy(required, ({ group }) => group)]
    .map(([group, demands]) => ({ group, count: Math.max(...demands.map(({ count }) => count)) }))
    .toSorted((one, other) => (one.group < other.group ? -1 : 1));
}

function allowedByAll([first = [], ...others]: readonly (readonly string[])[]): readonly string[] {
  return [...new Set(first)].filter((name) => others.every((list) => list.includes(name))).toSorted();
}

function timesOf(policies: readonly PolicySource[]): Pick<PolicySnapshot, 'ttl' | 'freeze'> {
  const shortest = (field: 'approval' | 'execution'): number =>
    Math.min(
      ...policies.map(({ metadata: { name }, spec: { ttl } }) =>
        durationSeconds(ttl[field], `ApprovalPolicy ${name}: spec.ttl.${field}`),
      ),
    );
  return {
    ttl: { approval: shortest('approval'), execution: shortest('execution') },
    freeze: policies.flatMap(({ metadata: { name }, spec: { freeze = [] } }) =>
      freeze.map(({ schedule, timeZone, duration }, index) => ({
        schedule,
        timeZone,
        duration: durationSeconds(duration, `ApprovalPolicy ${name}: spec.freeze[${index}].duration`),
      })),
    ),
  };
}
