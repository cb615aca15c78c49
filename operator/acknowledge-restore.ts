/**
 * `kilo-mcp ledger acknowledge`: a person has looked at a store whose ledger does not go on from its last checkpoint outside. The ledger records who,
 * and why; then checkpoints begin anew, and with them what waits for a ledger that can be trusted.
 */
import type { Acknowledgement, ClusterLocation } from '../cli/index.ts';
import { TerminalError } from '../core/errors.ts';
import {
  compareLedger,
  type Checkpoint,
  type CheckpointSource,
  type LedgerStanding,
} from '../stores/index.ts';
import { CheckpointConfigMap } from './ledger-checkpoints.ts';
import {
  connect,
  loadClusterAccess,
  type ApiServer,
  type KubernetesClient,
  type KubernetesObject,
  type ResourceType,
} from './runtime/index.ts';
import { VERSION } from './version.ts';

type Broken = Extract<LedgerStanding, { kind: 'broken' }>;

/** What of the ledger is asked and told. */
export interface AcknowledgedLedger extends CheckpointSource {
  head(): Promise<{ readonly chain: string; readonly seq: number; readonly hash: string }>;
  through(checkpoints: readonly Checkpoint[]): Promise<readonly Checkpoint[]>;
  acknowledge(broken: Broken, person: { readonly by: string; readonly reason: string }): Promise<Checkpoint>;
}

interface SelfSubjectReview extends KubernetesObject {
  readonly status?: { readonly userInfo?: { readonly username?: string } };
}
const SELF_SUBJECT_REVIEW: ResourceType<SelfSubjectReview> = {
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectReview',
  plural: 'selfsubjectreviews',
  namespaced: false,
};

/** @throws ConfigError when no cluster can be found; TerminalError when it does not say who asks. */
export async function acknowledgeInCluster(
  ledger: AcknowledgedLedger,
  { kubeconfig, namespace, environment }: ClusterLocation,
  reason: string,
  signal: AbortSignal,
): Promise<Acknowledgement> {
  const access = await loadClusterAccess({ path: kubeconfig, env: environment });
  const apiServer: ApiServer = connect(access, { program: `kilo-mcp/${VERSION}` });
  try {
    const client = apiServer.client('ledger');
    return await acknowledgeRestore(ledger, client, { namespace, reason }, signal);
  } finally {
    await apiServer.close();
  }
}

/**
 * Does nothing where the ledger goes on. Interrupted between its two writes it is to be run again: the ledger then has two rows about it.
 * @throws TerminalError when the API server does not say who asks.
 */
async function acknowledgeRestore(
  ledger: AcknowledgedLedger,
  client: Pick<KubernetesClient, 'get' | 'apply' | 'create'>,
  { namespace, reason }: { readonly namespace: string; readonly reason: string },
  signal: AbortSignal,
): Promise<Acknowledgement> {
  const checkpoints = new CheckpointConfigMap(client, namespace);
  const standing = await compareLedger(ledger, checkpoints, signal);
  const head = await ledger.head();
  if (standing.kind !== 'broken') return { kind: 'continued', head };
  const by = await whoAsks(client, signal);
  const place = await ledger.acknowledge(standing, { by, reason });
  await checkpoints.restart(place, (all) => ledger.through(all), signal);
  const { continuity, checkpoint } = standing;
  return { kind: 'acknowledged', by, continuity, checkpoint, head, recorded: place };
}

/** As the API server knows the person, not as the command line says. */
async function whoAsks(client: Pick<KubernetesClient, 'create'>, signal: AbortSignal): Promise<string> {
  const question = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'SelfSubjectReview',
    metadata: { name: '' },
  };
  const options = { fieldManager: 'kilo-mcp' };
  const { status } = await client.create(SELF_SUBJECT_REVIEW, question, options, signal);
  const username = status?.userInfo?.username ?? '';
  if (username === '') throw new TerminalError('the API server does not say who asks');
  return username;
}
