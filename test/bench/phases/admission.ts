/**
 * What admission costs whoever creates a server: the same creates, at a fixed rate and one mode after the other, in a namespace without a
 * webhook, in one with a webhook that allows everything, and in one with ours. All are dry runs: they pass admission as any other, but no
 * write to etcd blurs the picture. The operator is stopped; the webhooks are this checkout's, in a process of their own.
 */
import { ANNOTATIONS } from '../../../api/index.ts';
import { systemClock } from '../../../core/clock.ts';
import { connectPlainly, type Answer, type PlainClient } from '../../harness/plain-client.ts';
import { SERVING_PERMISSIONS } from '../../harness/serve-webhooks.ts';
import { createServiceAccount } from '../../harness/service-account.ts';
import { waitFor } from '../../harness/wait.ts';
import type { Bench, Phase } from '../bench.ts';
import { openLoop } from '../load/open-loop.ts';
import { breakingServer, keepingServer, policiesFor } from '../load/policies.ts';
import { createNamespace, serversPath } from '../load/servers.ts';
import { percentile, spread } from '../report/statistics.ts';
import { AdmissionProcess, putObjects } from '../rig/admission.ts';

const NOBODY = 'bench-admission-nobody';
const ALLOW_ALL = 'bench-admission-allow-all';
const POLICIES = 'bench-admission-policies';
const MODES = [NOBODY, ALLOW_ALL, POLICIES] as const;

const RATE_PER_SECOND = 200;
const WARM_UP_MS = 3_000;
const SEGMENT_MS = 3_000;
/** Of every mode, in turn: this machine is not the same from one minute to the next. */
const ROUNDS = 5;
const ROTATIONS = 20;
const ROTATE_EVERY_MS = 300;
/** More than the API server has connections for: the rest begin with a handshake. */
const AT_ONCE = 50;
/** So that none waits for another one here. */
const CONNECTIONS = 128;

export const admission: Phase = {
  name: 'admission',
  run: async (bench) => {
    await bench.operator.stop();
    const { kubeconfigPath } = bench.controlPlane;
    const account = await createServiceAccount(
      kubeconfigPath,
      { namespace: 'default', name: 'bench-webhooks' },
      SERVING_PERMISSIONS,
    );
    const load = await connectPlainly(kubeconfigPath, CONNECTIONS);
    const allowAll = await AdmissionProcess.start();
    const ours = await AdmissionProcess.start(account.kubeconfigPath);
    for (const namespace of MODES) await createNamespace(load, namespace);
    const policies = policiesFor(POLICIES, 50);
    const configurations = [
      ...(await allowAll.configurations(ALLOW_ALL)),
      ...(await ours.configurations(POLICIES)),
    ];
    try {
      await putObjects(kubeconfigPath, 'apply', policies.slice(0, 1));
      await putObjects(kubeconfigPath, 'apply', configurations);
      await asked(load);
      await judgedBy(load, 1);
      recordOne(bench, await compare(bench, load));
      await putObjects(kubeconfigPath, 'apply', policies.slice(1));
      await judgedBy(load, policies.length);
      recordFifty(bench, await compare(bench, load));
      bench.record('admissionFiftyRssMiB', await ours.memoryMiB());
      bench.record('admissionRotations', ROTATIONS);
      bench.record('admissionRotationFailures', await failuresUnderRotation(bench, load, ours));
    } finally {
      await putObjects(kubeconfigPath, 'delete', [...configurations, ...policies]);
      await Promise.all([allowAll.stop(), ours.stop(), load.close(), account.remove()]);
    }
  },
};

/** Medians over the rounds, in milliseconds. */
interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

type Comparison = Readonly<Record<(typeof MODES)[number], Latency>>;

async function compare({ signal }: Bench, load: PlainClient): Promise<Comparison> {
  const durations: Record<(typeof MODES)[number], (readonly number[])[]> = {
    [NOBODY]: [],
    [ALLOW_ALL]: [],
    [POLICIES]: [],
  };
  const run = (namespace: string, durationMs: number): Promise<readonly number[]> =>
    openLoop(
      { ratePerSecond: RATE_PER_SECOND, durationMs },
      systemClock,
      () => demandCreate(load, namespace),
      signal,
    );
  for (const mode of MODES) await run(mode, WARM_UP_MS);
  for (let round = 0; round < ROUNDS; round += 1)
    for (const mode of MODES) durations[mode].push(await run(mode, SEGMENT_MS));
  return {
    [NOBODY]: latencyOf(durations[NOBODY]),
    [ALLOW_ALL]: latencyOf(durations[ALLOW_ALL]),
    [POLICIES]: latencyOf(durations[POLICIES]),
  };
}

function latencyOf(segments: readonly (readonly number[])[]): Latency {
  const medianOf = (share: number): number =>
    spread(segments.map((durations) => percentile(durations, share))).median;
  return { p50Ms: medianOf(0.5), p99Ms: medianOf(0.99) };
}

function recordOne({ record }: Bench, compared: Comparison): void {
  record('admissionAllowAllP50AddedMs', compared[ALLOW_ALL].p50Ms - compared[NOBODY].p50Ms);
  record('admissionAllowAllP99Ms', compared[ALLOW_ALL].p99Ms);
  record('admissionOneP50AddedMs', compared[POLICIES].p50Ms - compared[NOBODY].p50Ms);
  record('admissionOneP99AddedMs', compared[POLICIES].p99Ms - compared[NOBODY].p99Ms);
  record('admissionOneP99ToAllowAll', compared[POLICIES].p99Ms / compared[ALLOW_ALL].p99Ms);
}

function recordFifty({ record }: Bench, compared: Comparison): void {
  record('admissionFiftyP50AddedMs', compared[POLICIES].p50Ms - compared[NOBODY].p50Ms);
  record('admissionFiftyP99AddedMs', compared[POLICIES].p99Ms - compared[NOBODY].p99Ms);
  record('admissionFiftyP99ToAllowAll', compared[POLICIES].p99Ms / compared[ALLOW_ALL].p99Ms);
}

/** Creates go on while the certificate is replaced, and after each time many at once, so that new connections meet it. */
async function failuresUnderRotation(
  { signal, report }: Bench,
  load: PlainClient,
  ours: AdmissionProcess,
): Promise<number> {
  let failures = 0;
  const count = async (): Promise<void> => {
    const { code, body } = await create(load, POLICIES, keepingServer());
    if (code === 201) return;
    failures += 1;
    report(`    answered ${code}: ${JSON.stringify(body)}`);
  };
  const schedule = { ratePerSecond: RATE_PER_SECOND, durationMs: ROTATIONS * ROTATE_EVERY_MS };
  const rotate = async (): Promise<void> => {
    for (let rotation = 0; rotation < ROTATIONS; rotation += 1) {
      await systemClock.sleep(ROTATE_EVERY_MS, signal);
      await ours.replaceCertificate();
      await Promise.all(Array.from({ length: AT_ONCE }, count));
    }
  };
  await Promise.all([openLoop(schedule, systemClock, count, signal), rotate()]);
  return failures;
}

function create(load: PlainClient, namespace: string, server: object): Promise<Answer> {
  return load.request('POST', `${serversPath(namespace)}?dryRun=All`, server);
}

async function demandCreate(load: PlainClient, namespace: string): Promise<void> {
  const { code, body } = await create(load, namespace, keepingServer());
  if (code !== 201) throw new Error(`a create in ${namespace} answered ${code}: ${JSON.stringify(body)}`);
}

/** The API server has taken up every configuration. */
async function asked(load: PlainClient): Promise<void> {
  for (const name of ['mutate-mcpserver', 'validate-mcpserver']) {
    const refused = { ...keepingServer(), metadata: { name } };
    await waitFor(async () => (await create(load, ALLOW_ALL, refused)).code !== 201, {
      description: `the API server to ask /${name}`,
    });
  }
  await waitFor(async () => isStamped((await create(load, POLICIES, keepingServer())).body), {
    description: 'the API server to ask our webhooks',
  });
}

function isStamped(object: unknown): boolean {
  const { metadata } = object as { readonly metadata?: { readonly annotations?: Record<string, string> } };
  return metadata?.annotations?.[ANNOTATIONS.createdBy] !== undefined;
}

/** Each policy refuses the server that breaks it once. */
async function judgedBy(load: PlainClient, policies: number): Promise<void> {
  const look = async (): Promise<boolean> => {
    const { code, body } = await create(load, POLICIES, breakingServer());
    const { details } = body as { readonly details?: { readonly causes?: readonly unknown[] } };
    return code === 403 && details?.causes?.length === policies;
  };
  await waitFor(look, { description: `${policies} policies to be known` });
}
