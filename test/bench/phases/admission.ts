/**
 * What admission costs whoever creates a server: the same creates, at a fixed rate and one mode after the other, in a namespace without a
 * webhook, in one with a webhook that allows everything, and in one with ours. All are dry runs, so that no write to etcd blurs the
 * picture. The operator is stopped; the webhooks are this checkout's, in a process of their own.
 */
import { systemClock } from '../../../core/clock.ts';
import { connectPlainly } from '../../harness/plain-client.ts';
import { SERVING_PERMISSIONS } from '../../harness/serve-webhooks.ts';
import { createServiceAccount } from '../../harness/service-account.ts';
import type { Bench, Phase } from '../bench.ts';
import { Creates } from '../load/creates.ts';
import { policiesFor } from '../load/policies.ts';
import { createNamespace } from '../load/servers.ts';
import { percentile, spread } from '../report/statistics.ts';
import { AdmissionProcess, putObjects } from '../rig/admission.ts';
import { busyShare, processorTime } from '../rig/processors.ts';

const NAMESPACES = {
  none: 'bench-admission-none',
  allowAll: 'bench-admission-allow-all',
  policies: 'bench-admission-policies',
} as const;
type Mode = keyof typeof NAMESPACES;
const MODES = ['none', 'allowAll', 'policies'] as const satisfies readonly Mode[];

/**
 * A quarter of the 200 that the target names: the API server, etcd, this load and a webhook share two cores here, and at 200 even one that allows
 * everything keeps both busy. Past that a ratio compares queues, and each run finds another one. Each segment says how busy the machine was.
 */
const RATE_PER_SECOND = 50;
const WARM_UP_MS = 20_000;
/** 300 creates: the 99th percentile is the third slowest. */
const SEGMENT_MS = 6_000;
/** Of every mode, in turn: a machine is not the same from one minute to the next. */
const ROUNDS = 9;
const POLICIES = 50;
const ROTATIONS = 20;
const ROTATE_EVERY_MS = 300;
/** More than the API server keeps connections open for: the rest begin with a handshake. */
const AT_ONCE = 50;
/** So that no create waits for another one here. */
const CONNECTIONS = 128;

export const admission: Phase = {
  name: 'admission',
  run: async (bench) => {
    const { controlPlane, operator, load, report } = bench;
    await operator.stop();
    for (const namespace of Object.values(NAMESPACES)) await createNamespace(load, namespace);
    const client = await connectPlainly(controlPlane.kubeconfigPath, CONNECTIONS);
    const account = await createServiceAccount(
      controlPlane.kubeconfigPath,
      { namespace: 'default', name: 'bench-webhooks' },
      SERVING_PERMISSIONS,
    );
    const allowAll = await AdmissionProcess.start();
    const ours = await AdmissionProcess.start(account.kubeconfigPath);
    await measure(bench, new Creates(client, report), { allowAll, ours });
    await Promise.all([allowAll.stop(), ours.stop(), client.close(), account.remove()]);
  },
};

interface Processes {
  readonly allowAll: AdmissionProcess;
  readonly ours: AdmissionProcess;
}

async function measure(bench: Bench, creates: Creates, processes: Processes): Promise<void> {
  const { record, controlPlane } = bench;
  const { allowAll, ours } = processes;
  const policies = policiesFor(NAMESPACES.policies, POLICIES);
  const configurations = [
    ...(await allowAll.configurations(NAMESPACES.allowAll)),
    ...(await ours.configurations(NAMESPACES.policies)),
  ];
  const apply = (objects: readonly object[]): Promise<void> =>
    putObjects(controlPlane.kubeconfigPath, 'apply', objects);
  await apply([...policies.slice(0, 1), ...configurations]);
  await creates.askedToAllow(NAMESPACES.allowAll);
  await creates.judgedBy(NAMESPACES.policies, 1);
  recordOne(bench, await compare(bench, creates, processes));
  await apply(policies.slice(1));
  await creates.judgedBy(NAMESPACES.policies, POLICIES);
  recordFifty(bench, await compare(bench, creates, processes));
  record('admissionFiftyRssMiB', await ours.memoryMiB());
  record('admissionRotations', await createWhileRotating(bench, creates, ours));
  record('admissionFailures', creates.failures);
  await putObjects(controlPlane.kubeconfigPath, 'delete', [...configurations, ...policies]);
}

/** Medians over the rounds. */
interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

interface Comparison extends Readonly<Record<Mode, Latency>> {
  /** Processor time of the process that answers, for one create. */
  readonly cpuMs: Readonly<Record<keyof Processes, number>>;
}

async function compare(bench: Bench, creates: Creates, { allowAll, ours }: Processes): Promise<Comparison> {
  for (const mode of MODES) await createIn(mode, WARM_UP_MS, bench, creates);
  const [allowAllCpuMs, oursCpuMs] = [await allowAll.cpuMs(), await ours.cpuMs()];
  const durations = await inTurn(bench, creates);
  const latencyOf = (mode: Mode): Latency => {
    const medianOf = (share: number): number =>
      spread(durations[mode].map((segment) => percentile(segment, share))).median;
    return { p50Ms: medianOf(0.5), p99Ms: medianOf(0.99) };
  };
  const count = durations.policies.flat().length;
  return {
    none: latencyOf('none'),
    allowAll: latencyOf('allowAll'),
    policies: latencyOf('policies'),
    cpuMs: {
      allowAll: ((await allowAll.cpuMs()) - allowAllCpuMs) / count,
      ours: ((await ours.cpuMs()) - oursCpuMs) / count,
    },
  };
}

/** @returns the durations of every create, by segment. */
async function inTurn(
  bench: Bench,
  creates: Creates,
): Promise<Readonly<Record<Mode, readonly (readonly number[])[]>>> {
  const durations: Record<Mode, (readonly number[])[]> = { none: [], allowAll: [], policies: [] };
  for (let round = 0; round < ROUNDS; round += 1)
    for (const mode of MODES) durations[mode].push(await createIn(mode, SEGMENT_MS, bench, creates));
  return durations;
}

async function createIn(
  mode: Mode,
  durationMs: number,
  { signal, report }: Bench,
  creates: Creates,
): Promise<readonly number[]> {
  const schedule = { ratePerSecond: RATE_PER_SECOND, durationMs };
  const before = processorTime();
  const durations = await creates.byTime(NAMESPACES[mode], schedule, signal);
  const busy = Math.round(100 * busyShare(before, processorTime()));
  const [p50Ms, p99Ms] = [0.5, 0.99].map((share) => percentile(durations, share).toFixed(1));
  report(`    ${mode}: median ${p50Ms} ms, 99th percentile ${p99Ms} ms, ${busy} % of the machine busy`);
  return durations;
}

function recordOne({ record }: Bench, { none, allowAll, policies, cpuMs }: Comparison): void {
  record('admissionOneCpuMs', cpuMs.ours);
  record('admissionAllowAllP50AddedMs', allowAll.p50Ms - none.p50Ms);
  record('admissionAllowAllP99AddedMs', allowAll.p99Ms - none.p99Ms);
  record('admissionOneP50AddedMs', policies.p50Ms - none.p50Ms);
  record('admissionOneP99AddedMs', policies.p99Ms - none.p99Ms);
  record('admissionOneP99ToAllowAll', policies.p99Ms / allowAll.p99Ms);
}

function recordFifty({ record }: Bench, { none, allowAll, policies, cpuMs }: Comparison): void {
  record('admissionAllowAllCpuMs', cpuMs.allowAll);
  record('admissionFiftyCpuMs', cpuMs.ours);
  record('admissionFiftyP50AddedMs', policies.p50Ms - none.p50Ms);
  record('admissionFiftyP99AddedMs', policies.p99Ms - none.p99Ms);
  record('admissionFiftyP99ToAllowAll', policies.p99Ms / allowAll.p99Ms);
}

/**
 * Creates go on while the certificate is replaced, and after each time come many at once, so that new connections meet it.
 * @returns how often it was.
 */
async function createWhileRotating(
  { signal }: Bench,
  creates: Creates,
  ours: AdmissionProcess,
): Promise<number> {
  const schedule = { ratePerSecond: RATE_PER_SECOND, durationMs: ROTATIONS * ROTATE_EVERY_MS };
  const creating = creates.byTime(NAMESPACES.policies, schedule, signal);
  for (let rotation = 0; rotation < ROTATIONS; rotation += 1) {
    await systemClock.sleep(ROTATE_EVERY_MS, signal);
    await ours.replaceCertificate();
    await Promise.all(Array.from({ length: AT_ONCE }, () => creates.one(NAMESPACES.policies)));
  }
  await creating;
  return ROTATIONS;
}
