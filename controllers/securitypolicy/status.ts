/** From verdicts to the `status` of a policy. Pure; what did not change keeps its time stamps, so that nothing is written. */
import type { MCPSecurityPolicy, MCPSecurityPolicyStatus, PolicyCondition } from '../../api/index.ts';
import { timestamp, transitionTime } from '../timestamps.ts';
import type { PolicyDecision } from './decide.ts';
import { AUDIT_PERIOD_MS, type Observed } from './observed.ts';
import type { Figures } from './tally.ts';

/** The whole status. */
export function buildStatus(observed: Observed, decision: PolicyDecision): MCPSecurityPolicyStatus {
  const { policy, nowMs } = observed;
  const { generation } = policy.metadata;
  return {
    ...(generation !== undefined && { observedGeneration: generation }),
    conditions: conditions(policy, decision, timestamp(nowMs)),
    ...figures(observed),
  };
}

const CONDITION_TYPES = ['Accepted', 'Enforced'] as const;

function conditions(policy: MCPSecurityPolicy, decision: PolicyDecision, now: string): PolicyCondition[] {
  return CONDITION_TYPES.map((type) => {
    const previous = policy.status?.conditions?.find((condition) => condition.type === type);
    const { status, reason, message } = decision[type];
    const lastTransitionTime = transitionTime(previous, status, now);
    const observedGeneration = policy.metadata.generation ?? 0;
    // A boundary: the mapped type knows that `decision[type]` fits `type`, its union does not.
    return { type, status, reason, message, observedGeneration, lastTransitionTime } as PolicyCondition;
  });
}

type StatusFigures = Pick<
  MCPSecurityPolicyStatus,
  'matchedServers' | 'violatingServers' | 'violations' | 'lastEvaluated'
>;

/** None for a policy that judges nobody: 0 would read as if all were well. */
function figures(observed: Observed): StatusFigures {
  const { evaluation } = observed;
  if (evaluation.kind === 'impossible') return {};
  const { matchedServers, violatingServers } = evaluation;
  const counted = { matchedServers, violatingServers, violations: countViolations(evaluation) };
  return { ...counted, lastEvaluated: lastEvaluated(observed, counted, evaluation.auditedAtMs) };
}

/** Broken rules, each once a server. */
function countViolations({ serversByRule }: Figures): number {
  return [...serversByRule.values()].reduce((sum, servers) => sum + servers, 0);
}

function lastEvaluated(
  { policy: { status }, nowMs }: Observed,
  counted: Omit<StatusFigures, 'lastEvaluated'>,
  auditedAtMs: number | undefined,
): string {
  const previous = status?.lastEvaluated;
  const isSame = (Object.keys(counted) as (keyof typeof counted)[]).every(
    (name) => status?.[name] === counted[name],
  );
  // The first evaluation of a process is as good as an audit, but it must not cost a write at each restart.
  const isOld = previous !== undefined && nowMs - Date.parse(previous) >= AUDIT_PERIOD_MS;
  if (previous === undefined || !isSame || isOld) return timestamp(nowMs);
  const audited = timestamp(auditedAtMs ?? 0);
  return audited > previous ? audited : previous;
}
