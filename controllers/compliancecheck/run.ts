/** One run of one check, from its first server to its end in history. What is recorded once is not done again. */
import { randomUUID } from 'node:crypto';
import type { RunRecord, ServerReference, ServerResult } from '../../checks/engine/record.ts';
import type { Clock } from '../../core/clock.ts';
import { errorMessage } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type { Publication } from '../compliancereport/index.ts';
import type { Turns } from '../compliancereport/turns.ts';
import { changeOfServer } from './changes.ts';
import type { CheckOwner } from './kinds.ts';
import type { CheckMemory } from './memory.ts';
import type { RunPlan } from './plan.ts';
import type { CoveredServer, ServerEvaluator } from './server-evaluator.ts';
import type { StoreCall } from './store-calls.ts';
import { judgeAll, summaryOf, type Result } from './summary.ts';

/** Longer than the engine's own deadlines together: for what they do not see. */
const SERVER_DEADLINE_MS = 180_000;

/** A share of a report to publish; see `controllers/compliancereport`. */
export interface ReportShareOfRun {
  readonly owner: CheckOwner;
  readonly profile: string;
  readonly server: ServerReference;
  readonly runId: string;
  readonly findings: ServerResult['findings'];
}

export interface RunDependencies {
  readonly evaluator: ServerEvaluator;
  /** The server as it is now; undefined when it is gone, or suspended. */
  readonly serverOf: (server: ServerReference) => CoveredServer | undefined;
  readonly publish: (share: ReportShareOfRun, signal: AbortSignal) => Promise<Publication>;
  readonly onRun: (run: { readonly durationMs: number; readonly result: Result }) => void;
  readonly tool: RunRecord['tool'];
  /** Calls the store, and waits for it. */
  readonly store: <T>(call: StoreCall<T>, signal: AbortSignal) => Promise<T>;
  /** Turns of servers: those of one host one after the other. */
  readonly places: Turns;
  /** Takes away reports of what is no longer checked. */
  readonly sweep: (signal: AbortSignal) => Promise<void>;
  /** There is news of the check. */
  readonly tell: () => void;
  /** There is news of the server. */
  readonly tellServer: (server: ServerReference) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Rejects with the reason of `signal`, FencedError, or a bug. */
export async function executeRun(
  memory: CheckMemory,
  plan: RunPlan,
  dependencies: RunDependencies,
  signal: AbortSignal,
): Promise<void> {
  const { store, clock, tell, onRun, sweep } = dependencies;
  const startedMs = clock.monotonicMs();
  const run = plan.resumed?.run ?? newRun(memory, plan, dependencies);
  enter(memory, plan, run);
  tell();
  if (plan.resumed === undefined)
    await store((history, fence) => history.beginRun(run, plan.servers, fence), signal);
  else await readDone(memory, run.id, dependencies, signal);
  const done = new Set(plan.resumed?.done);
  const left = plan.servers.filter(({ uid }) => !done.has(uid));
  await allOf(left, signal, (server, ends) => checkServer({ memory, plan, run, server, dependencies }, ends));
  memory.current = { ...currentOf(run), phase: 'Aggregating' };
  const result = await finish(memory, plan, run, dependencies, signal);
  onRun({ durationMs: clock.monotonicMs() - startedMs, result });
  if (plan.isFull) await sweep(signal);
}

function newRun({ owner }: CheckMemory, plan: RunPlan, { clock, tool }: RunDependencies): RunRecord {
  const { name, hash } = plan.profile;
  const startedAt = clock.now().toISOString();
  return { id: randomUUID(), owner, profile: { name, hash }, trigger: plan.trigger, tool, startedAt };
}

function currentOf({ id, startedAt, trigger }: RunRecord): Pick<RunRecord, 'id' | 'startedAt' | 'trigger'> {
  return { id, startedAt, trigger };
}

function enter(memory: CheckMemory, { request, isFull, generation }: RunPlan, run: RunRecord): void {
  memory.current = { ...currentOf(run), phase: 'Running' };
  memory.openRun = undefined;
  if (request !== undefined) memory.answered = request;
  if (isFull) memory.lastFull = { startedAt: run.startedAt, generation };
}

/** What the process before had recorded of the run is part of the verdict. */
async function readDone(
  memory: CheckMemory,
  runId: string,
  { store }: RunDependencies,
  signal: AbortSignal,
): Promise<void> {
  const results = await store((history) => history.results(runId), signal);
  for (const result of results) memory.summaries.set(result.server.uid, summaryOf(result));
}

/** The first that fails ends the others, and all of them have ended when this does. */
async function allOf<T>(
  items: readonly T[],
  signal: AbortSignal,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failed = new AbortController();
  const ends = AbortSignal.any([signal, failed.signal]);
  const settled = await Promise.allSettled(
    items.map((item) =>
      work(item, ends).catch((error: unknown) => {
        failed.abort(error);
        throw error;
      }),
    ),
  );
  signal.throwIfAborted();
  if (settled.some(({ status }) => status === 'rejected')) throw failed.signal.reason;
}

interface ServerStep {
  readonly memory: CheckMemory;
  readonly plan: RunPlan;
  readonly run: RunRecord;
  readonly server: ServerReference;
  readonly dependencies: RunDependencies;
}

async function checkServer(step: ServerStep, signal: AbortSignal): Promise<void> {
  const { server, dependencies } = step;
  const { evaluator, serverOf, places, tellServer } = dependencies;
  const covered = serverOf(server);
  if (covered === undefined) return;
  await places.run(evaluator.hostOf(covered), async () => {
    signal.throwIfAborted();
    // It may have had to wait for its turn until it was gone, or paused.
    const now = serverOf(server);
    if (now === undefined) return;
    await evaluateAndRecord(step, now, signal);
    tellServer(server);
  });
}

async function evaluateAndRecord(
  step: ServerStep,
  covered: CoveredServer,
  signal: AbortSignal,
): Promise<void> {
  const { memory, plan, run, server, dependencies } = step;
  const { store, publish, clock } = dependencies;
  const { owner } = memory;
  const previous = await store((history) => history.previousFindings(owner.uid, server.uid), signal);
  const job = { ...covered, profile: plan.profile, waivers: plan.waivers, previous };
  const result = await evaluateInTime(step, job, signal);
  if (result === undefined) return;
  const change = changeOfServer(covered.server, clock.now().toISOString());
  await store((history, fence) => history.recordServer(run.id, { ...result, change }, fence), signal);
  memory.summaries.set(server.uid, summaryOf(result));
  memory.unevaluated.delete(server.uid);
  memory.subjects.set(server.uid, covered.subject);
  const { findings } = result;
  const share = { owner, profile: plan.profile.name, server, runId: run.id, findings };
  const { kind } = await publish(share, signal);
  memory.hasPublished = true;
  if (kind === 'published' || kind === 'unchanged') memory.reports.delete(server.uid);
  else memory.reports.set(server.uid, kind);
}

/** @returns nothing when something is wrong with us: then the server has no verdict, lest the one before look like one of now. */
async function evaluateInTime(
  { memory, server, dependencies }: ServerStep,
  job: Parameters<ServerEvaluator['evaluate']>[0],
  signal: AbortSignal,
): Promise<ServerResult | undefined> {
  const { evaluator, clock, logger } = dependencies;
  const deadline = new AbortController();
  const timer = clock.setTimeout(() => deadline.abort(new Error('no end in sight')), SERVER_DEADLINE_MS);
  try {
    return await evaluator.evaluate(job, AbortSignal.any([signal, deadline.signal]));
  } catch (error) {
    signal.throwIfAborted();
    memory.summaries.delete(server.uid);
    memory.unevaluated.add(server.uid);
    // It is not evaluated again before it changes, or the next run.
    memory.subjects.set(server.uid, job.subject);
    const name = `${server.namespace}/${server.name}`;
    logger.error('a server could not be evaluated', { server: name, error: errorMessage(error) });
    return undefined;
  } finally {
    timer.cancel();
  }
}

async function finish(
  memory: CheckMemory,
  plan: RunPlan,
  run: RunRecord,
  { store, clock }: RunDependencies,
  signal: AbortSignal,
): Promise<Result> {
  const findings = plan.servers.flatMap(({ uid }) => memory.summaries.get(uid)?.findings ?? []);
  const unevaluated = plan.servers.filter(({ uid }) => memory.unevaluated.has(uid)).length;
  const judgement = judgeAll(findings, plan.thresholds, unevaluated);
  const end = { ...judgement, finishedAt: clock.now().toISOString() };
  await store((history, fence) => history.finishRun(run.id, end, fence), signal);
  memory.last = { ...run, ...end };
  memory.current = undefined;
  const before = new Date(clock.now().getTime() - plan.keepMs).toISOString();
  await store((history, fence) => history.deleteRuns(memory.owner.uid, before, fence), signal);
  return judgement.result;
}
