import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ServerResult } from '../../checks/engine/record.ts';
import { silentLogger } from '../../core/logger.ts';
import { FakeClock } from '../../core/testing/fake-clock.ts';
import type { ObjectKey } from '../../operator/runtime/index.ts';
import type { Publication } from '../compliancereport/index.ts';
import { deletionOf } from './changes.ts';
import { ownerOf } from './kinds.ts';
import type { CheckMemory } from './memory.ts';
import type { RunPlan } from './plan.ts';
import { Runs } from './runs.ts';
import type { CoveredServer, EvaluationJob } from './server-evaluator.ts';
import { FakeHistory } from './testing/fake-history.ts';
import { aCheck, aRecord, aServer, covered, PROFILE } from './testing/objects.ts';

const OWNER = ownerOf(aCheck());
const NAMES = ['one', 'two', 'three', 'four', 'five'];

/** A server that is being evaluated, until the test says how that ends. */
interface Pending {
  readonly name: string;
  readonly job: EvaluationJob;
  readonly signal: AbortSignal;
  end(): void;
  fail(error: Error): void;
}

let clock: FakeClock;
let history: FakeHistory;
let pending: Pending[];
let told: ObjectKey[];
let sweeps: number;
let publication: Publication;
let stop: AbortController;
let runs: Runs;
let running: Promise<void>;
let servers: Map<string, CoveredServer>;

function resultOf({ server }: EvaluationJob): ServerResult {
  const { namespace, name, uid = '' } = server.metadata;
  const reference = { namespace, name, uid };
  return { server: reference, findings: [aRecord({ server: reference })], evidence: [] };
}

function start(epoch = 1): void {
  stop = new AbortController();
  runs = new Runs({
    history,
    evaluator: {
      hostOf: ({ server }) => server.metadata.labels?.['host'] ?? server.metadata.name,
      evaluate: (job, signal) =>
        new Promise((resolve, reject) => {
          const { name } = job.server.metadata;
          signal.addEventListener('abort', () => reject(signal.reason));
          pending.push({ name, job, signal, end: () => resolve(resultOf(job)), fail: reject });
        }),
    },
    serverOf: ({ name }) => servers.get(name),
    publish: () => Promise.resolve(publication),
    sweep: () => {
      sweeps += 1;
      return Promise.resolve();
    },
    onRun: () => undefined,
    tool: { name: 'test', version: '0' },
    concurrency: 2,
    clock,
    logger: silentLogger,
  });
  runs.watch('ComplianceCheck').start((key) => told.push(key));
  running = runs.run(stop.signal, stop.signal, { epoch, signal: new AbortController().signal });
}

beforeEach(() => {
  clock = new FakeClock();
  history = new FakeHistory();
  pending = [];
  told = [];
  sweeps = 0;
  publication = { kind: 'published', api: 'openreports.io/v1alpha1' };
  servers = new Map(NAMES.map((name) => [name, covered(aServer(name))]));
  start();
});
afterEach(async () => {
  stop.abort();
  await running;
});

const reference = (name: string) => ({ namespace: 'team-a', name, uid: `uid-${name}` });
/** Lets everything happen that waits for nothing but its turn. */
const settle = () => clock.advance(0);
const next = (): Pending => {
  const first = pending.shift();
  if (first === undefined) throw new Error('nothing is being evaluated');
  return first;
};

function plan(names: readonly string[], fields: Partial<RunPlan> = {}): RunPlan {
  return {
    profile: PROFILE,
    trigger: 'Schedule',
    isFull: true,
    generation: 2,
    servers: names.map(reference),
    waivers: [],
    thresholds: { score: 80, coverage: 70 },
    keepMs: 86_400_000,
    ...fields,
  };
}

async function restored(): Promise<CheckMemory> {
  const memory = runs.recall(OWNER, () => NAMES.map(reference));
  await settle();
  await settle();
  return memory;
}

async function endAll(): Promise<void> {
  await settle();
  while (pending.length > 0) {
    next().end();
    await settle();
  }
  await settle();
}

describe('a run', () => {
  it('asks a few servers at a time, and records, sums up and ends', async () => {
    const memory = await restored();
    expect(memory.isRestored).toBe(true);
    runs.start(memory, plan(NAMES));
    await settle();
    expect(pending.map(({ name }) => name)).toEqual(['one', 'two']);
    expect(memory.current?.phase).toBe('Running');
    await endAll();
    expect(memory).toMatchObject({
      isBusy: false,
      current: undefined,
      last: { result: 'Compliant', score: 100 },
    });
    expect([...memory.summaries.keys()]).toHaveLength(5);
    expect(history.runs[0]?.run).toMatchObject({ owner: OWNER, result: 'Compliant' });
    expect(history.deletedBefore).toEqual(['2025-12-31T00:00:00.000Z']);
    expect(told.length).toBeGreaterThan(0);
    expect(sweeps).toBe(1);
  });

  it('asks one server of a host at a time', async () => {
    const server = aServer('x');
    const at = (name: string) =>
      covered({
        ...aServer(name),
        metadata: { ...server.metadata, name, uid: `uid-${name}`, labels: { host: 'h' } },
      });
    servers = new Map(['one', 'two'].map((name) => [name, at(name)]));
    runs.start(await restored(), plan(['one', 'two']));
    await settle();
    expect(pending.map(({ name }) => name)).toEqual(['one']);
    next().end();
    await settle();
    expect(pending.map(({ name }) => name)).toEqual(['two']);
  });

  it('does not overlap with another of its check', async () => {
    const memory = await restored();
    runs.start(memory, plan(['one']));
    runs.start(memory, plan(['two']));
    await endAll();
    expect(history.runs).toHaveLength(1);
  });

  it('leaves out who is gone or paused when their turn comes', async () => {
    const memory = await restored();
    runs.start(memory, plan(['one', 'two', 'three']));
    await settle();
    servers.delete('three');
    await endAll();
    expect([...(history.runs[0]?.results.keys() ?? [])]).toEqual(['uid-one', 'uid-two']);
  });

  it('goes on without a server that cannot be evaluated, and gives it no verdict', async () => {
    const memory = await restored();
    runs.start(memory, plan(['one', 'two']));
    await settle();
    next().fail(new Error('a bug'));
    await endAll();
    expect([...memory.summaries.keys()]).toEqual(['uid-two']);
    // What the other one says is not the whole.
    expect(history.runs[0]?.run).toMatchObject({ finishedAt: expect.any(String), result: 'Error' });
    // It is not tried again and again.
    expect(memory.subjects.has('uid-one')).toBe(true);
  });

  it('ends the evaluation of a server that has no end of its own', async () => {
    const memory = await restored();
    runs.start(memory, plan(['one']));
    await settle();
    await clock.advance(180_000);
    await settle();
    expect(next().signal.aborted).toBe(true);
    expect(memory).toMatchObject({ isBusy: false, last: { result: 'Error' } });
  });

  it('remembers what became of reports', async () => {
    const memory = await restored();
    publication = { kind: 'noAPI' };
    runs.start(memory, plan(['one']));
    await endAll();
    expect(memory.reports.get('uid-one')).toBe('noAPI');
    publication = { kind: 'unchanged', api: 'openreports.io/v1alpha1' };
    runs.start(memory, plan(['one']));
    await endAll();
    expect(memory.reports.size).toBe(0);
  });

  it('hands over what was found before, and the request that it answers', async () => {
    const memory = await restored();
    runs.start(memory, plan(['one'], { request: 'r1' }));
    await endAll();
    expect(memory.answered).toBe('r1');
    runs.start(memory, plan(['one']));
    await settle();
    expect(next().job.previous).toHaveLength(1);
  });
});

describe('a store that is away', () => {
  it('is waited for, and nothing is asked twice', async () => {
    const memory = await restored();
    runs.start(memory, plan(['one']));
    await settle();
    history.isDown = true;
    next().end();
    await settle();
    expect(memory.storeProblem).toBe('connection refused');
    await clock.advance(120_000);
    expect(pending).toEqual([]);
    history.isDown = false;
    await clock.advance(30_000);
    await settle();
    expect(memory).toMatchObject({ storeProblem: undefined, isBusy: false });
    expect(history.runs[0]?.results.size).toBe(1);
  });

  it('at the start keeps everything from beginning, and then does not', async () => {
    history.isDown = true;
    const memory = await restored();
    expect(memory).toMatchObject({ isRestored: false, storeProblem: 'connection refused' });
    history.isDown = false;
    await clock.advance(30_000);
    await settle();
    expect(memory).toMatchObject({ isRestored: true, storeProblem: undefined });
  });
});

describe('the next leader', () => {
  it('goes on where the last one stopped', async () => {
    runs.start(await restored(), plan(['one', 'two', 'three']));
    await settle();
    next().end();
    await settle();
    stop.abort();
    await running;
    expect(history.runs[0]?.results.size).toBe(1);
    pending = [];
    start(2);
    const memory = await restored();
    const { openRun } = memory;
    expect(openRun?.done).toEqual(['uid-one']);
    runs.start(memory, plan(['one', 'two', 'three'], openRun && { resumed: openRun }));
    await settle();
    expect(pending.map(({ name }) => name)).toEqual(['two', 'three']);
    await endAll();
    expect(history.runs).toHaveLength(1);
    expect(memory.last?.id).toBe(openRun?.run.id);
    expect(memory.summaries.size).toBe(3);
  });

  it('keeps a deposed one from writing', async () => {
    const memory = await restored();
    runs.start(memory, plan(['one']));
    await settle();
    history.epoch = 2;
    next().end();
    await settle();
    expect(memory.current).toBeUndefined();
    expect(memory.storeProblem).toMatch(/newer leader/);
    expect(history.runs[0]?.results.size).toBe(0);
  });
});

describe('a check that is gone', () => {
  it('has its run ended, in history too, and its end recorded', async () => {
    const memory = await restored();
    runs.start(memory, plan(['one']));
    await settle();
    const key = { namespace: 'team-a', name: 'nightly' };
    runs.forget('ComplianceCheck', key, (owner) => deletionOf(owner, clock.now().toISOString()));
    await settle();
    await settle();
    expect(next().signal.aborted).toBe(true);
    expect(history.runs[0]?.run.result).toBe('Error');
    expect(history.recorded.map(({ summary }) => summary)).toEqual(['deleted']);
    expect(runs.known(OWNER.uid)).toBeUndefined();
    expect(sweeps).toBe(1);
  });
});
