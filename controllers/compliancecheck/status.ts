/** The status of a check: its conditions, and the last verdict over the servers that it covers. Pure. */
import type { CheckCondition, CheckStatus } from '../../api/index.ts';
import type { RunRecord } from '../../checks/engine/record.ts';
import { timestamp, transitionTime } from '../timestamps.ts';
import type { Conclusions } from './conditions.ts';
import { lastFullRun } from './decide.ts';
import { uidOf, waiversOf } from './kinds.ts';
import type { CheckMemory } from './memory.ts';
import type { Observed } from './observed.ts';
import type { CoveredServer } from './server-evaluator.ts';
import { changesOf, countsOf, judgeAll, worstOf, type ServerSummary } from './summary.ts';
import { waiverFigures } from './waivers.ts';

const CONDITION_TYPES = ['Ready', 'Recorded', 'ReportsPublished'] as const;

/** The whole status. What is not known before history was asked stays as it is. */
export function buildStatus(observed: Observed, conclusions: Conclusions): CheckStatus {
  const { check, memory } = observed;
  const { generation } = check.metadata;
  return {
    ...(memory?.isRestored === true ? verdictOf(observed, memory) : carried(check.status)),
    ...(generation !== undefined && { observedGeneration: generation }),
    conditions: conditions(observed, conclusions),
  };
}

function carried(status: CheckStatus = {}): CheckStatus {
  const { conditions: _, observedGeneration: __, ...rest } = status;
  return { phase: 'Pending', ...rest };
}

function conditions({ check, nowMs }: Observed, conclusions: Conclusions): CheckCondition[] {
  const now = timestamp(nowMs);
  return CONDITION_TYPES.map((type) => {
    const previous = check.status?.conditions?.find((condition) => condition.type === type);
    const { status, reason, message } = conclusions[type];
    const lastTransitionTime = transitionTime(previous, status, now);
    const observedGeneration = check.metadata.generation ?? 0;
    // A boundary: the mapped type knows that `conclusions[type]` fits `type`, its union does not.
    return { type, status, reason, message, observedGeneration, lastTransitionTime } as CheckCondition;
  });
}

function verdictOf(observed: Observed, memory: CheckMemory): CheckStatus {
  const { check, servers } = observed;
  const request = memory.answered ?? check.status?.lastRunRequest;
  const full = lastFullRun(check, memory);
  return {
    phase: phaseOf(memory),
    ...figures(observed, memory),
    servers: servers.length,
    ...lastRun(memory),
    ...nextRun(observed, memory),
    ...(request !== undefined && { lastRunRequest: request }),
    ...(full && {
      lastFullRun: timestamp(Date.parse(full.startedAt)),
      evaluatedGeneration: full.generation,
    }),
  };
}

function phaseOf({ current, openRun, last }: CheckMemory): NonNullable<CheckStatus['phase']> {
  if (current !== undefined) return current.phase;
  if (openRun !== undefined) return 'Running';
  return last === undefined ? 'Pending' : 'Done';
}

type Figures = Pick<
  CheckStatus,
  'result' | 'score' | 'coverage' | 'counts' | 'changes' | 'worst' | 'waivers'
>;

/** While servers are checked, the figures of before: half a run is no verdict. */
function figures(observed: Observed, memory: CheckMemory): Figures {
  const { check } = observed;
  if (memory.current !== undefined || memory.openRun !== undefined) return carriedFigures(check.status);
  if (memory.last === undefined) return {};
  const judged = observed.servers.flatMap((covered) => summarised(covered, memory));
  const findings = judged.flatMap(({ summary }) => summary.findings);
  const unevaluated = observed.servers.filter(({ server }) => memory.unevaluated.has(uidOf(server))).length;
  const { result, score, coverage } = judgeAll(findings, check.spec.thresholds, unevaluated);
  return {
    result,
    ...(score !== undefined && { score }),
    ...(coverage !== undefined && { coverage }),
    counts: countsOf(findings),
    changes: changesOf(findings),
    worst: worstOf(judged.map(({ summary }) => summary)),
    ...waivers(observed, judged),
  };
}

function carriedFigures(status: CheckStatus = {}): Figures {
  const { result, score, coverage, counts, changes, worst, waivers: ofWaivers } = status;
  return {
    ...(result && { result }),
    ...(score !== undefined && { score }),
    ...(coverage !== undefined && { coverage }),
    ...(counts && { counts }),
    ...(changes && { changes }),
    ...(worst && { worst }),
    ...(ofWaivers && { waivers: ofWaivers }),
  };
}

interface Judged {
  readonly covered: CoveredServer;
  readonly summary: ServerSummary;
}

function summarised(covered: CoveredServer, { summaries }: CheckMemory): readonly Judged[] {
  const summary = summaries.get(uidOf(covered.server));
  return summary === undefined ? [] : [{ covered, summary }];
}

function waivers(
  { check, profile, nowMs }: Observed,
  judged: readonly Judged[],
): Pick<CheckStatus, 'waivers'> {
  const all = waiversOf(check);
  if (all.length === 0) return {};
  const ids = profile.kind === 'profile' ? profile.profile.ids : new Set<string>();
  const waived = judged.flatMap(({ covered, summary }) =>
    summary.findings
      .filter(({ outcome }) => outcome === 'Waived')
      .map((finding) => ({ check: finding.check, labelled: covered })),
  );
  return { waivers: waiverFigures(all, ids, waived, nowMs) };
}

function lastRun({ current, openRun, last }: CheckMemory): Pick<CheckStatus, 'lastRun'> {
  const run: Pick<RunRecord, 'id' | 'startedAt' | 'trigger' | 'finishedAt'> | undefined =
    current ?? openRun?.run ?? last;
  if (run === undefined || run.trigger === 'CommandLine') return {};
  const { id, startedAt, finishedAt, trigger } = run;
  return {
    lastRun: {
      id,
      startedAt: timestamp(Date.parse(startedAt)),
      ...(finishedAt !== undefined && { finishedAt: timestamp(Date.parse(finishedAt)) }),
      trigger,
    },
  };
}

/** Without the check's own delay, which is nobody's business. */
function nextRun(observed: Observed, memory: CheckMemory): Pick<CheckStatus, 'nextRun'> {
  const { check, schedule, nowMs } = observed;
  if (check.spec.suspend || schedule?.kind !== 'schedule') return {};
  const full = lastFullRun(check, memory);
  const nextMs = schedule.schedule.nextMs(full === undefined ? nowMs : Date.parse(full.startedAt));
  return nextMs === undefined ? {} : { nextRun: timestamp(nextMs) };
}
