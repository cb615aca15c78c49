/** From what was observed to one verdict a condition of the check. Pure. */
import {
  ANNOTATIONS,
  CHECK_REASONS,
  type CheckConditionType,
  type CheckReasonOf,
  type ConditionStatus,
} from '../../api/index.ts';
import { excerpt } from '../../core/excerpt.ts';
import { isTime } from './schedule.ts';
import { selectorProblems } from './scope.ts';
import type { Observed } from './observed.ts';

/** A conclusion about one condition. */
export interface Conclusion<Type extends CheckConditionType> {
  readonly status: ConditionStatus;
  readonly reason: CheckReasonOf[Type];
  readonly message: string;
}

export type Conclusions = { readonly [Type in CheckConditionType]: Conclusion<Type> };

const MAX_MESSAGE = 1_000;

export function concludeAll(observed: Observed): Conclusions {
  return {
    Ready: ready(observed),
    Recorded: recorded(observed),
    ReportsPublished: reportsPublished(observed),
  };
}

/** Whether the check can run, or is only kept from it by a request that makes no sense. */
export function canRun({ reason }: Conclusion<'Ready'>): boolean {
  return reason === 'Ready' || reason === 'InvalidRunRequest';
}

type ReadyRule = (observed: Observed) => Conclusion<'Ready'> | undefined;

/** The first that has something to say decides. */
const READY_RULES: readonly ReadyRule[] = [
  storeIsMissing,
  profileIsOfNoUse,
  selectorIsInvalid,
  scheduleIsInvalid,
  isSuspended,
  requestIsInvalid,
];

function ready(observed: Observed): Conclusion<'Ready'> {
  for (const rule of READY_RULES) {
    const conclusion = rule(observed);
    if (conclusion !== undefined) return conclusion;
  }
  return conclude('Ready', 'Ready', 'the check runs when it is time');
}

function storeIsMissing({ memory }: Observed): Conclusion<'Ready'> | undefined {
  if (memory !== undefined) return undefined;
  const message = 'the operator runs without a store: set the chart value store.mode';
  return conclude('Ready', 'StoreRequired', message);
}

function profileIsOfNoUse({ check, profile }: Observed): Conclusion<'Ready'> | undefined {
  const { name } = check.spec.profileRef;
  if (profile.kind === 'missing')
    return conclude('Ready', 'ProfileNotFound', `spec.profileRef: there is no ComplianceProfile ${name}`);
  if (profile.kind === 'invalid')
    return conclude('Ready', 'ProfileInvalid', `ComplianceProfile ${name}: ${profile.message}`);
  return undefined;
}

function selectorIsInvalid({ check }: Observed): Conclusion<'Ready'> | undefined {
  const problems = selectorProblems(check.spec, 'spec');
  if (problems.length === 0) return undefined;
  const message = problems.map((problem) => `${problem.path}: ${problem.message}`).join('; ');
  return conclude('Ready', 'InvalidSelector', message);
}

function scheduleIsInvalid({ schedule, nowMs }: Observed): Conclusion<'Ready'> | undefined {
  if (schedule === undefined) return undefined;
  if (schedule.kind === 'invalid') return conclude('Ready', 'InvalidSchedule', schedule.message);
  if (schedule.schedule.nextMs(nowMs) !== undefined) return undefined;
  const message = 'spec.schedule: no time fits it, such as the 31st of February';
  return conclude('Ready', 'InvalidSchedule', message);
}

function isSuspended({ check }: Observed): Conclusion<'Ready'> | undefined {
  if (!check.spec.suspend) return undefined;
  return conclude('Ready', 'Suspended', 'spec.suspend is true: no runs are started');
}

function requestIsInvalid({ check }: Observed): Conclusion<'Ready'> | undefined {
  const request = check.metadata.annotations?.[ANNOTATIONS.runRequestedAt];
  if (request === undefined || isTime(request)) return undefined;
  const message = `the annotation ${ANNOTATIONS.runRequestedAt} must be a time in RFC 3339, such as 2026-12-01T08:00:00Z`;
  return conclude('Ready', 'InvalidRunRequest', message);
}

function recorded({ check, memory }: Observed): Conclusion<'Recorded'> {
  if (memory === undefined)
    return conclude('Recorded', 'StoreRequired', 'the operator runs without a store: nothing is recorded');
  if (memory.storeProblem !== undefined)
    return conclude('Recorded', 'StoreUnavailable', `work waits for the store: ${memory.storeProblem}`);
  if (memory.last !== undefined)
    return conclude('Recorded', 'Recorded', 'what the last run found is in the store');
  return (
    carried(check, 'Recorded', ['Recorded']) ?? conclude('Recorded', 'NotRunYet', 'no run has ended yet')
  );
}

const REPORT_PROBLEMS = [
  ['failed', 'PublishFailed', 'a report could not be written: the next run tries again'],
  ['suspended', 'PublishFailed', 'writing reports pauses after failures: the next run tries again'],
  [
    'foreign',
    'ForeignReport',
    'the report of a server has the name of somebody else’s object, which was left alone',
  ],
  ['noAPI', 'NoReportAPI', 'the cluster serves no API for reports: the findings are in the store alone'],
] as const;

function reportsPublished(observed: Observed): Conclusion<'ReportsPublished'> {
  const { check, memory, servers } = observed;
  if (memory?.hasPublished !== true)
    return (
      carried(check, 'ReportsPublished', ['Published', 'NoReportAPI', 'ForeignReport', 'PublishFailed']) ??
      conclude('ReportsPublished', 'NotRunYet', 'no run has ended yet')
    );
  const kinds = new Set(servers.map(({ server }) => memory.reports.get(server.metadata.uid ?? '')));
  const problem = REPORT_PROBLEMS.find(([kind]) => kinds.has(kind));
  if (problem !== undefined) return conclude('ReportsPublished', problem[1], problem[2]);
  return conclude('ReportsPublished', 'Published', 'each server has a report with what the last run found');
}

/** What a process before this one concluded stands until there is something newer. */
function carried<Type extends CheckConditionType>(
  check: Observed['check'],
  type: Type,
  reasons: readonly CheckReasonOf[Type][],
): Conclusion<Type> | undefined {
  const before = check.status?.conditions?.find((condition) => condition.type === type);
  const reason = reasons.find((candidate) => candidate === before?.reason);
  return reason === undefined || before === undefined
    ? undefined
    : { status: before.status, reason, message: before.message };
}

/** The status of a reason is the one in the table. */
function conclude<Type extends CheckConditionType>(
  type: Type,
  reason: CheckReasonOf[Type],
  message: string,
): Conclusion<Type> {
  const table: Readonly<Record<string, { readonly status: ConditionStatus }>> = CHECK_REASONS[type];
  return { status: table[reason]?.status ?? 'Unknown', reason, message: excerpt(message, MAX_MESSAGE) };
}
