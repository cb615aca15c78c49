/**
 * What admission costs whoever decides: the same decision, at a fixed rate, in turn in a namespace with a webhook that allows everything and in that of a request
 * which is open, with the webhooks of the operator that serves them. All are dry runs, and the second lock judges both.
 */
import { kubectl } from '../../harness/kubectl.ts';
import { systemClock } from '../../../core/clock.ts';
import type { PlainClient } from '../../harness/plain-client.ts';
import { waitFor } from '../../harness/wait.ts';
import { WEBHOOKS } from '../../../webhooks/index.ts';
import type { Bench } from '../bench.ts';
import { bindPeople, decide, STAMPS } from '../load/approvals.ts';
import { openLoop } from '../load/open-loop.ts';
import { createNamespace } from '../load/servers.ts';
import { percentile, spread } from '../report/statistics.ts';
import { AdmissionProcess, putObjects } from '../rig/admission.ts';
import { busyShare, processorTime } from '../rig/processors.ts';

const ALLOW_ALL = 'bench-approval-allow-all';
/** A decision is asked about twice, and its request and the authority of whoever decides are looked up: at more, this machine compares queues. */
const RATE_PER_SECOND = 25;
const WARM_UP_MS = 12_000;
/** 300 decisions: the 99th percentile is the third slowest. */
const SEGMENT_MS = 12_000;
const ROUNDS = 5;
const MODES = ['allowAll', 'ours'] as const;
type Mode = (typeof MODES)[number];
const DRY_RUN = '?dryRun=All';

/** @param decision of `approver` on an open request of `namespace`. */
export async function compareAdmission(
  bench: Bench,
  approver: PlainClient,
  decision: { readonly spec: object },
  namespace: string,
): Promise<void> {
  const { controlPlane, load, record, report } = bench;
  await createNamespace(load, ALLOW_ALL);
  await bindPeople(load, ALLOW_ALL);
  const process = await AdmissionProcess.start();
  await spare(controlPlane.kubeconfigPath);
  await putObjects(controlPlane.kubeconfigPath, 'apply', await process.configurations(ALLOW_ALL));
  const stamped = { ...decision, spec: { ...decision.spec, ...STAMPS } };
  const bodies = {
    allowAll: { namespace: ALLOW_ALL, body: stamped },
    ours: { namespace, body: decision },
  } as const;
  await isAsked(approver, stamped);
  let failures = 0;
  const send = async (mode: Mode): Promise<void> => {
    const { namespace: where, body } = bodies[mode];
    const { code, body: answer } = await decide(approver, where, body, DRY_RUN);
    if (code === 201) return;
    if (failures === 0) report(`    a decision in ${where} answered ${code}: ${JSON.stringify(answer)}`);
    failures += 1;
  };
  const { allowAll, ours } = await inTurn(bench, send);
  record('approvalAdmissionFailures', failures);
  record('approvalAdmissionP50Ms', ours.p50Ms);
  record('approvalAdmissionP99Ms', ours.p99Ms);
  record('approvalAdmissionP50ToAllowAll', ours.p50Ms / allowAll.p50Ms);
  record('approvalAdmissionP99ToAllowAll', ours.p99Ms / allowAll.p99Ms);
  await process.stop();
}

/** The operator's own webhooks are not asked about the namespace of the other one. What is decided after this does not count. */
async function spare(kubeconfigPath: string): Promise<void> {
  const namespaceSelector = {
    matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: [ALLOW_ALL] }],
  };
  for (const type of ['Mutating', 'Validating']) {
    const patch = WEBHOOKS.filter((webhook) => webhook.type === type).map((_, index) => ({
      op: 'add',
      path: `/webhooks/${index}/namespaceSelector`,
      value: namespaceSelector,
    }));
    const configuration = `${type}WebhookConfiguration/mcp-operator`;
    await kubectl(kubeconfigPath, [
      'patch',
      configuration,
      '--type=json',
      `--patch=${JSON.stringify(patch)}`,
    ]);
  }
}

/** The webhook that allows everything refuses by name, so it can be seen that it is asked; ours would refuse what names no request. */
async function isAsked(approver: PlainClient, { spec }: { readonly spec: object }): Promise<void> {
  const named = (name: string) => ({
    apiVersion: 'mcp.kilocode.ai/v1alpha1',
    kind: 'ApprovalDecision',
    metadata: { name },
    spec,
  });
  const codeOf = async (name: string): Promise<number> =>
    (await decide(approver, ALLOW_ALL, named(name), DRY_RUN)).code;
  for (const name of ['mutate-approvaldecision', 'validate-approvaldecision'])
    await waitFor(async () => (await codeOf(name)) !== 201 && (await codeOf('other')) === 201, {
      description: `the API server to ask /${name} alone`,
    });
}

interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Medians over the rounds. */
async function inTurn(
  { signal, report }: Bench,
  send: (mode: Mode) => Promise<void>,
): Promise<Readonly<Record<Mode, Latency>>> {
  const durations: Record<Mode, (readonly number[])[]> = { allowAll: [], ours: [] };
  const segment = async (mode: Mode, durationMs: number): Promise<readonly number[]> => {
    const before = processorTime();
    const schedule = { ratePerSecond: RATE_PER_SECOND, durationMs };
    const times = await openLoop(schedule, systemClock, () => send(mode), signal);
    const busy = Math.round(100 * busyShare(before, processorTime()));
    const [p50Ms, p99Ms] = [0.5, 0.99].map((share) => percentile(times, share).toFixed(1));
    report(`    ${mode}: median ${p50Ms} ms, 99th percentile ${p99Ms} ms, ${busy} % of the machine busy`);
    return times;
  };
  for (const mode of MODES) await segment(mode, WARM_UP_MS);
  for (let round = 0; round < ROUNDS; round += 1)
    for (const mode of MODES) durations[mode].push(await segment(mode, SEGMENT_MS));
  const latencyOf = (mode: Mode): Latency => {
    const medianOf = (share: number): number =>
      spread(durations[mode].map((times) => percentile(times, share))).median;
    return { p50Ms: medianOf(0.5), p99Ms: medianOf(0.99) };
  };
  return { allowAll: latencyOf('allowAll'), ours: latencyOf('ours') };
}
