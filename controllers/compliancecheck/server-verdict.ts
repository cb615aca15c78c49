/** What all checks together say of one server: Compliant is the AND of every check that covers it. Pure. */
import {
  COMPLIANT_REASONS,
  type CompliantCondition,
  type CompliantReason,
  type MCPServer,
  type MCPServerStatus,
} from '../../api/index.ts';
import { excerpt } from '../../core/excerpt.ts';
import { timestamp, transitionTime } from '../timestamps.ts';
import type { AnyCheck } from './kinds.ts';
import { isScoredFailure, judge, type Judgement, type ServerSummary } from './summary.ts';

/** One check that covers the server. */
export interface Coverage {
  readonly check: AnyCheck;
  /** Absent when it has not looked at the server, or cannot run. */
  readonly summary?: ServerSummary;
  /** What of the server it looked at, if this process knows. */
  readonly subject?: string;
}

/** What is written into the status of the server; empty when no check covers it. */
export interface ServerShare {
  readonly conditions?: readonly CompliantCondition[];
  readonly compliance?: NonNullable<MCPServerStatus['compliance']>;
}

interface Opinion extends Coverage {
  readonly judgement?: Judgement;
}

/** @param nowMs wall time in milliseconds. */
export function shareOf(server: MCPServer, coverage: readonly Coverage[], nowMs: number): ServerShare {
  if (coverage.length === 0) return {};
  const opinions = coverage.map((each): Opinion => {
    const { check, summary } = each;
    return summary === undefined
      ? each
      : { ...each, judgement: judge(summary.findings, check.spec.thresholds) };
  });
  return { conditions: [condition(server, opinions, nowMs)], ...compliance(server, opinions) };
}

function condition(server: MCPServer, opinions: readonly Opinion[], nowMs: number): CompliantCondition {
  const { reason, message } = conclude(server, opinions);
  const { status } = COMPLIANT_REASONS[reason];
  const before = compliantOf(server);
  return {
    type: 'Compliant',
    status,
    reason,
    message: excerpt(message, 1_000),
    observedGeneration: server.metadata.generation ?? 0,
    lastTransitionTime: transitionTime(before, status, timestamp(nowMs)),
  };
}

/** @returns the condition Compliant of the server, as it is stored. */
export function compliantOf({ status }: MCPServer): CompliantCondition | undefined {
  return status?.conditions?.find((each): each is CompliantCondition => each.type === 'Compliant');
}

interface Verdict {
  readonly reason: CompliantReason;
  readonly message: string;
}

/** What is bad is certain, whatever the others do not know yet. */
function conclude(server: MCPServer, opinions: readonly Opinion[]): Verdict {
  if (server.spec.suspend)
    return { reason: 'Suspended', message: 'spec.suspend is true: the server is not checked' };
  const active = opinions.filter(({ check }) => !check.spec.suspend);
  const suspended = opinions.filter(({ check }) => check.spec.suspend);
  const having = (result: Judgement['result']) =>
    active.filter(({ judgement }) => judgement?.result === result);
  const against = having('NonCompliant');
  if (against.length > 0)
    return { reason: 'NonCompliant', message: `below what is asked by ${namesOf(against)}` };
  const without = active.filter(({ judgement }) => judgement === undefined);
  if (without.length > 0)
    return { reason: 'NotEvaluated', message: `not yet checked by ${namesOf(without)}` };
  const failed = having('Error');
  if (failed.length > 0)
    return { reason: 'EvaluationFailed', message: `nothing could be evaluated by ${namesOf(failed)}` };
  if (suspended.length > 0) return { reason: 'Suspended', message: `suspended: ${namesOf(suspended)}` };
  if (having('Compliant').length === 0)
    return { reason: 'NotApplicable', message: `nothing applies to the server of ${namesOf(active)}` };
  return { reason: 'Compliant', message: `as asked by ${namesOf(having('Compliant'))}` };
}

const MOST_NAMES = 10;

function namesOf(opinions: readonly Opinion[]): string {
  const names = opinions.map(({ check }) => `${check.kind} ${check.metadata.name}`).toSorted();
  const shown = names.slice(0, MOST_NAMES).join(', ');
  return names.length > MOST_NAMES ? `${shown} and others` : shown;
}

function compliance(server: MCPServer, opinions: readonly Opinion[]): Pick<ServerShare, 'compliance'> {
  const judged = opinions.flatMap(({ summary, judgement }) =>
    summary === undefined || judgement === undefined ? [] : [{ summary, judgement }],
  );
  const evaluated = judged
    .map(({ summary }) => Date.parse(summary.evaluatedAt))
    .filter((ms) => !Number.isNaN(ms));
  if (evaluated.length === 0) return {};
  const score = least(judged.map(({ judgement }) => judgement.score));
  const coverage = least(judged.map(({ judgement }) => judgement.coverage));
  const failing = judged.flatMap(({ summary }) => summary.findings.filter(isScoredFailure));
  const subject = agreedSubject(server, opinions);
  return {
    compliance: {
      ...(score !== undefined && { score }),
      ...(coverage !== undefined && { coverage }),
      failed: new Set(failing.map(({ check }) => check)).size,
      lastRun: timestamp(Math.max(...evaluated)),
      ...(subject !== undefined && { subject }),
    },
  };
}

function least(numbers: readonly (number | undefined)[]): number | undefined {
  const known = numbers.filter((number) => number !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** One that all of them looked at; what a process before this one wrote counts for those that have not looked since. */
function agreedSubject({ status }: MCPServer, opinions: readonly Opinion[]): string | undefined {
  const subjects = new Set(opinions.map(({ subject }) => subject ?? status?.compliance?.subject));
  const [subject] = subjects;
  return subjects.size === 1 ? subject : undefined;
}
