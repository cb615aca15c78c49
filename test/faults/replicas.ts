/** Replicas of the operator that compete for one lease in the subject's namespace. */
import { waitFor } from '../harness/wait.ts';
import type { OperatorUnderFaults } from './operator-under-faults.ts';
import type { OperatorProcess } from './process/index.ts';

/** The part of a Lease that tests look at. */
export interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly leaseTransitions?: number;
}

const READY_MS = 60_000;

/** Starts one replica and waits until it leads. */
export async function startLeader(subject: OperatorUnderFaults): Promise<OperatorProcess> {
  const leader = await startReplica(subject);
  await waitFor(async () => (await holder(subject)) !== '', { deadlineMs: READY_MS });
  await leader.ready(READY_MS);
  return leader;
}

/** The leader and another, both ready. */
export async function startPair(
  subject: OperatorUnderFaults,
): Promise<{ readonly leader: OperatorProcess; readonly standby: OperatorProcess }> {
  const leader = await startLeader(subject);
  const standby = await startReplica(subject);
  await standby.ready(READY_MS);
  return { leader, standby };
}

/** The lease as it is stored; empty while there is none. */
export async function readLease({ client, namespace }: OperatorUnderFaults): Promise<LeaseSpec> {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/mcp-operator`;
  const { body } = await client.request('GET', path);
  return (body as { readonly spec?: LeaseSpec }).spec ?? {};
}

/** Who holds the lease; empty when nobody does. */
export async function holder(subject: OperatorUnderFaults): Promise<string> {
  return (await readLease(subject)).holderIdentity ?? '';
}

function startReplica(subject: OperatorUnderFaults): Promise<OperatorProcess> {
  return subject.start('--leader-elect=true', `--leader-election-namespace=${subject.namespace}`);
}
