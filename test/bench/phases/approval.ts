/**
 * Approval as it is installed, with many requests open at once: the chart, a PostgreSQL, operator and executor as processes, one person who asks for the
 * repair of every server, and another one who approves one after the other at a steady pace. No pods are played, so a server that was repaired has settled
 * when the operator has written its children.
 */
import type { MCPServer } from '../../../api/index.ts';
import { systemClock } from '../../../core/clock.ts';
import { connectPlainly, type PlainClient } from '../../harness/plain-client.ts';
import { openStore } from '../../harness/store.ts';
import { waitFor } from '../../harness/wait.ts';
import { isCurrent, type Bench, type Phase } from '../bench.ts';
import {
  APPROVER,
  approvalOf,
  askForAll,
  bindPeople,
  createFaultyServers,
  createPolicy,
  decide,
  REQUESTER,
} from '../load/approvals.ts';
import { appendsPerSecond } from '../load/ledger-appends.ts';
import { Milestones } from '../load/milestones.ts';
import { ObjectView, type SeenObject } from '../load/object-view.ts';
import { openLoop } from '../load/open-loop.ts';
import { createNamespace, serversPath } from '../load/servers.ts';
import { percentile } from '../report/statistics.ts';
import { countCalls, type AuditedCall } from '../rig/audit.ts';
import { install, INSTALLED_USERS, isProtected, type BenchInstallation } from '../rig/installation.ts';
import { compareAdmission } from './approval-admission.ts';

const NAMESPACE = 'bench-approval';
/** One is executed in some ten writes to the API server, of which this machine does about a hundred a second: what comes faster measures a queue. */
const DECISIONS_PER_SECOND = 5;
/** A request has a second: a machine that is ten times slower than ours ends with an error, not never. */
const deadlineMs = (requests: number): number => 120_000 + requests * 1_000;
const APPENDS = 2_000;
/** Of what a process said. */
const MOST_LINES = 10;
const LINE_LENGTH = 300;
/** For what is asked for and never decided: admission is measured on it. */
const UNDECIDED = 'undecided';

export const approval: Phase = {
  name: 'approval',
  run: async (bench) => {
    await bench.operator.stop();
    await using stack = new AsyncDisposableStack();
    const installed = await install(bench.controlPlane, bench.operator);
    stack.defer(() => installed.stop());
    const people = await connectPeople(bench);
    stack.defer(() => people.close());
    await createNamespace(bench.load, NAMESPACE);
    await bindPeople(bench.load, NAMESPACE);
    await createPolicy(bench.load, NAMESPACE);
    await isProtected(installed.store);
    const rig = { bench, installed, people };
    const seen = await askAll(rig);
    await decideAll(rig, seen);
    await weigh(rig);
    await compareAdmission(bench, people.approver, approvalOf(seen.request(UNDECIDED)), NAMESPACE);
    await appendAlone(rig);
  },
};

interface People {
  readonly requester: PlainClient;
  readonly approver: PlainClient;
  close(): Promise<void>;
}

interface Rig {
  readonly bench: Bench;
  readonly installed: BenchInstallation;
  readonly people: People;
}

async function connectPeople({ controlPlane }: Bench): Promise<People> {
  const connectAs = async (user: string): Promise<PlainClient> =>
    connectPlainly(await controlPlane.kubeconfigFor(user, []), 128);
  const requester = await connectAs(REQUESTER);
  const approver = await connectAs(APPROVER);
  return {
    requester,
    approver,
    close: async () => {
      await Promise.all([requester.close(), approver.close()]);
    },
  };
}

/** Makes the servers, waits until they are current, and asks for the repair of all of them at once. */
async function askAll({ bench, people }: Rig): Promise<Milestones> {
  const { load, names, signal, record, report } = bench;
  const all = [...names, UNDECIDED];
  const view = await ObjectView.open<MCPServer & SeenObject>(load, serversPath(NAMESPACE), signal);
  const servers = await createFaultyServers(people.requester, NAMESPACE, all);
  await view.untilCount(all.length, isCurrent, deadlineMs(all.length));
  report(`    ${all.length} servers are current`);
  const seen = await Milestones.watch(load, NAMESPACE, signal);
  const startedAtMs = systemClock.monotonicMs();
  await askForAll(people.requester, servers);
  await seen.until('Pending', all.length, deadlineMs(all.length));
  const seconds = (systemClock.monotonicMs() - startedAtMs) / 1000;
  record('approvalPendingPerSecond', all.length / seconds);
  report(`    all of them are asked for, within ${seconds.toFixed(1)} s`);
  return seen;
}

/** Approves all but one, and waits until they are executed. */
async function decideAll(rig: Rig, seen: Milestones): Promise<void> {
  const { names, record, report, controlPlane } = rig.bench;
  const mark = await controlPlane.audit.mark();
  const entriesBefore = await ledgerLength(rig.installed);
  const startedAtMs = systemClock.monotonicMs();
  const dueMs = await approve(rig, seen);
  await waitFor(() => seen.count('Executed') + seen.count('Other') >= names.length, {
    deadlineMs: deadlineMs(names.length),
    intervalMs: 100,
    description: 'every request to end',
  });
  const seconds = (systemClock.monotonicMs() - startedAtMs) / 1000;
  report(`    all are decided, and executed, within ${seconds.toFixed(1)} s`);
  const entries = (await ledgerLength(rig.installed)) - entriesBefore;
  record('approvalLedgerEntriesPerSecond', entries / seconds);
  record('approvalFailures', seen.count('Other'));
  recordTimes(rig.bench, seen, dueMs);
  await countWork(rig.bench, mark);
}

/** @returns when each decision was due. */
async function approve({ bench, people }: Rig, seen: Milestones): Promise<ReadonlyMap<string, number>> {
  const { names, signal } = bench;
  const durationMs = (names.length * 1000) / DECISIONS_PER_SECOND;
  const dueMs = new Map<string, number>();
  const send = async (index: number, due: number): Promise<void> => {
    const name = names[index] ?? '';
    dueMs.set(name, due);
    const { code, body } = await decide(people.approver, NAMESPACE, approvalOf(seen.request(name)));
    if (code !== 201) throw new Error(`the decision on ${name} answered ${code}: ${JSON.stringify(body)}`);
  };
  await openLoop({ ratePerSecond: DECISIONS_PER_SECOND, durationMs }, systemClock, send, signal);
  return dueMs;
}

const TIMES = [
  ['Approved', 'approvalApprovedP50Ms', 'approvalApprovedP99Ms'],
  ['Executed', 'approvalExecutedP50Ms', 'approvalExecutedP99Ms'],
] as const;

function recordTimes({ record }: Bench, seen: Milestones, dueMs: ReadonlyMap<string, number>): void {
  for (const [milestone, median, slowest] of TIMES) {
    const durations = seen.since(dueMs, milestone);
    record(median, percentile(durations, 0.5));
    record(slowest, percentile(durations, 0.99));
  }
}

/** What both processes asked of the API server. */
async function countWork({ controlPlane, names, record, report }: Bench, mark: number): Promise<void> {
  const calls = (
    await Promise.all(INSTALLED_USERS.map((user) => controlPlane.audit.calls(user, mark)))
  ).flat();
  const questions = calls.filter(isQuestion);
  const { writes, events, reads } = countCalls(calls.filter((call) => !isQuestion(call)));
  record('approvalWritesPerRequest', (writes + events) / names.length);
  record('approvalReadsPerRequest', (reads + questions.length) / names.length);
  const kinds = Map.groupBy(
    calls,
    ({ user, verb, resource, subresource }) =>
      `${user.split(':').at(-1)}: ${verb} ${[resource, subresource].filter((part) => part !== '').join('/')}`,
  );
  const counts = [...kinds].map(([kind, { length }]) => ({ kind, length }));
  for (const { kind, length } of counts.toSorted((one, other) => other.length - one.length).slice(0, 12))
    report(`      ${(length / names.length).toFixed(2)} a request: ${kind}`);
}

/** What changes nothing, whatever its verb. */
function isQuestion({ resource, uri }: AuditedCall): boolean {
  return resource === 'subjectaccessreviews' || uri.includes('dryRun=All');
}

async function ledgerLength({ store }: BenchInstallation): Promise<number> {
  return (await (await store.ledger()).head()).seq;
}

/** Both say little but warnings. */
async function weigh({ bench, installed: { operator, executor } }: Rig): Promise<void> {
  const { record, report } = bench;
  for (const [name, { process }] of Object.entries({ operator, executor })) {
    report(
      `    ${name}: ${(await process.cpuSeconds()).toFixed(1)} s of CPU, and ${process.lines.length} lines`,
    );
    for (const line of process.lines.slice(0, MOST_LINES)) report(`      ${line.slice(0, LINE_LENGTH)}`);
  }
  record('approvalOperatorRssPeakMiB', (await operator.memoryMiB()).peak);
  record('approvalExecutorRssPeakMiB', (await executor.memoryMiB()).peak);
}

/** Both processes rest, and the database is another one. */
async function appendAlone({ bench, installed }: Rig): Promise<void> {
  const { store } = await openStore(await installed.postgres.createDatabase());
  try {
    bench.record('approvalLedgerAppendsPerSecond', await appendsPerSecond(store, APPENDS));
  } finally {
    await store.close();
  }
}
