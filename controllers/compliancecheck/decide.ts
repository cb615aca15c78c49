/**
 * What a check does next: go on with a run that was broken off, begin one, or wait. Pure. A run over all servers is due when the check is new or
 * changed, when somebody asks, by schedule, and when a waiver ends; one over a few when they changed and have come to rest.
 */
import { ANNOTATIONS } from '../../api/index.ts';
import type { RunTrigger, ServerReference } from '../../checks/engine/record.ts';
import { canRun, type Conclusion } from './conditions.ts';
import { lastApproval, waiversThatCount } from './counting-waivers.ts';
import { uidOf, type AnyCheck } from './kinds.ts';
import type { CheckMemory, FullRun, OpenRun } from './memory.ts';
import type { Observed } from './observed.ts';
import type { RunPlan } from './plan.ts';
import type { RunProfile } from './profile.ts';
import { isTime, jitterMs } from './schedule.ts';
import type { CoveredServer } from './server-evaluator.ts';
import { nextExpiryMs } from './waivers.ts';

export type Step =
  | { readonly kind: 'run'; readonly plan: RunPlan }
  /** Look again after so many milliseconds; without them, when something changes. */
  | { readonly kind: 'wait'; readonly inMs?: number };

const DAY_MS = 86_400_000;

/** What the next run would be about. */
interface Due {
  readonly observed: Observed;
  readonly memory: CheckMemory;
  readonly profile: RunProfile;
  /** Servers that are covered and not suspended. */
  readonly targets: readonly CoveredServer[];
}

/** @param ready the verdict on the condition Ready. */
export function nextStep(observed: Observed, ready: Conclusion<'Ready'>): Step {
  const { check, memory, profile } = observed;
  // The end of what is under way asks again.
  if (memory === undefined || !memory.isRestored || memory.isBusy) return { kind: 'wait' };
  if (memory.openRun !== undefined) return { kind: 'run', plan: resumption(observed, memory.openRun) };
  if (!canRun(ready) || profile.kind !== 'profile') return { kind: 'wait' };
  const targets = observed.servers.filter(({ server }) => !server.spec.suspend);
  const due: Due = { observed, memory, profile: profile.profile, targets };
  const request = openRequest(check, memory);
  if (request !== undefined) return fullRun(due, 'Request', request);
  const last = lastFullRun(check, memory);
  return last === undefined || isOutdated(due, last) ? firstRun(due) : laterRun(due, last);
}

function fullRun({ observed, profile, targets }: Due, trigger: RunTrigger, request?: string): Step {
  const scope = { servers: targets, isFull: true };
  return { kind: 'run', plan: planOf(observed, profile, trigger, scope, request) };
}

/** Servers that were applied together with the check are given the time to come up. */
function firstRun(due: Due): Step {
  const restInMs = Math.max(0, ...due.targets.map(due.observed.restInMs));
  return restInMs === 0 ? fullRun(due, 'Change') : { kind: 'wait', inMs: restInMs };
}

function laterRun(due: Due, last: FullRun): Step {
  const { check, nowMs } = due.observed;
  const scheduleInMs = (scheduledMs(due.observed, last) ?? Number.POSITIVE_INFINITY) - nowMs;
  if (scheduleInMs <= 0) return fullRun(due, 'Schedule');
  const waivers = waiversThatCount(check, due.observed.approvals);
  const expiryMs = nextExpiryMs(waivers, Date.parse(last.startedAt));
  const expiryInMs = (expiryMs ?? Number.POSITIVE_INFINITY) - nowMs;
  if (expiryInMs <= 0) return fullRun(due, 'Change');
  return changeRun(due, Math.min(scheduleInMs, expiryInMs));
}

/** @param fullInMs in how many milliseconds a run over all servers is due. */
function changeRun({ observed, memory, profile, targets }: Due, fullInMs: number): Step {
  const { check, restInMs } = observed;
  const changed = check.spec.onChange ? targets.filter((target) => isChanged(target, memory)) : [];
  const resting = changed.filter((target) => restInMs(target) === 0);
  if (resting.length > 0) {
    const scope = { servers: resting, isFull: false };
    return { kind: 'run', plan: planOf(observed, profile, 'Change', scope) };
  }
  const inMs = Math.min(fullInMs, ...changed.map(restInMs));
  return Number.isFinite(inMs) ? { kind: 'wait', inMs } : { kind: 'wait' };
}

/** @returns the last run over all servers: by this process or, as status and history have it, by one before. */
export function lastFullRun(
  { status, metadata }: AnyCheck,
  { lastFull, last }: CheckMemory,
): FullRun | undefined {
  if (lastFull !== undefined) return lastFull;
  const { lastFullRun: startedAt, evaluatedGeneration = metadata.generation ?? 0 } = status ?? {};
  // The process before may have ended between the end of a run and its status.
  const isWhole = last !== undefined && (last.trigger === 'Schedule' || last.trigger === 'Request');
  if (isWhole && (startedAt === undefined || Date.parse(last.startedAt) > Date.parse(startedAt)))
    return { startedAt: last.startedAt, generation: evaluatedGeneration };
  return startedAt === undefined ? undefined : { startedAt, generation: evaluatedGeneration };
}

/** @returns the time of the schedule after the last full run, with the check's own delay; a time in the past was missed. */
function scheduledMs({ check, schedule }: Observed, { startedAt }: FullRun): number | undefined {
  if (schedule?.kind !== 'schedule') return undefined;
  const nextMs = schedule.schedule.nextMs(Date.parse(startedAt));
  return nextMs === undefined ? undefined : nextMs + jitterMs(uidOf(check));
}

/** A check that is not to follow changes follows its own at the next time of its schedule, where it has one. */
function isOutdated({ observed, memory, profile }: Due, { generation, startedAt }: FullRun): boolean {
  const { spec, metadata } = observed.check;
  const approvedAt = lastApproval(observed.check, observed.approvals);
  const isApproved = approvedAt !== undefined && Date.parse(startedAt) < Date.parse(approvedAt);
  // A profile never changes, but another may have come under its name.
  const isOther = memory.last !== undefined && memory.last.profile.hash !== profile.hash;
  return (
    (generation !== metadata.generation || isOther || isApproved) &&
    (spec.onChange || spec.schedule === undefined)
  );
}

function openRequest(check: AnyCheck, memory: CheckMemory): string | undefined {
  const request = check.metadata.annotations?.[ANNOTATIONS.runRequestedAt];
  if (request === undefined || !isTime(request)) return undefined;
  return request === (memory.answered ?? check.status?.lastRunRequest) ? undefined : request;
}

/** What was evaluated by a process before this one is in the status of the server. */
function isChanged({ server, subject }: CoveredServer, { subjects, summaries }: CheckMemory): boolean {
  const uid = uidOf(server);
  const evaluated = subjects.get(uid) ?? (summaries.has(uid) ? server.status?.compliance?.subject : '');
  return evaluated !== undefined && evaluated !== subject;
}

function resumption(observed: Observed, open: OpenRun): RunPlan {
  const { check, profile, servers } = observed;
  const { run } = open;
  const isSame = profile.kind === 'profile' && profile.profile.hash === run.profile.hash;
  const begun = new Set(open.servers.map(({ uid }) => uid));
  const isFull = servers.every(({ server }) => server.spec.suspend || begun.has(uidOf(server)));
  const request =
    run.trigger === 'Request' ? check.metadata.annotations?.[ANNOTATIONS.runRequestedAt] : undefined;
  const scope = { servers: [], isFull };
  // By another profile, the rest would be another run: what is recorded is summed up, and a new one follows.
  const done = new Set(open.done);
  const references = isSame ? open.servers : open.servers.filter(({ uid }) => done.has(uid));
  const plan = planOf(observed, isSame ? profile.profile : formerProfile(open), run.trigger, scope, request);
  return { ...plan, servers: references, resumed: open };
}

function formerProfile({ run }: OpenRun): RunProfile {
  return { ...run.profile, uid: '', changedBy: '', checks: [], ids: new Set(), controls: () => ({}) };
}

function planOf(
  { check, approvals }: Observed,
  profile: RunProfile,
  trigger: RunTrigger,
  { servers, isFull }: { readonly servers: readonly CoveredServer[]; readonly isFull: boolean },
  request?: string,
): RunPlan {
  const { thresholds, history } = check.spec;
  return {
    profile,
    trigger,
    isFull,
    generation: check.metadata.generation ?? 0,
    ...(request !== undefined && { request }),
    servers: servers.map(referenceOf),
    waivers: waiversThatCount(check, approvals),
    thresholds,
    keepMs: Number.parseInt(history.keepRuns, 10) * DAY_MS,
  };
}

/** @returns the server as history knows it. */
export function referenceOf({ server }: CoveredServer): ServerReference {
  const { namespace, name } = server.metadata;
  return { namespace, name, uid: uidOf(server) };
}
