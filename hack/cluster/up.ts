/**
 * `make cluster-up`: a control plane and, as root on Linux, a node with DNS. What runs already is left alone; what is left of a
 * cluster that does not run any more is cleared first.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '../../core/errors.ts';
import { ensurePrograms, type Programs } from './binaries/index.ts';
import { readAuthority, apiServerUrl, type PkiFiles } from './control-plane/files.ts';
import { apiServerReady } from './control-plane/health.ts';
import { CONTROL_PLANE_PROGRAMS, launchControlPlane } from './control-plane/start.ts';
import { takeDown } from './down.ts';
import { run } from './exec.ts';
import { ensureNodeImages } from './images/node-images.ts';
import { instance, type Instance } from './instance.ts';
import { Launcher } from './launcher.ts';
import { DNS_DEPLOYMENT, dnsObjects, hasNameServer } from './node/dns.ts';
import { namespaceExists, setUpNetwork } from './node/network.ts';
import { ensurePackages } from './node/packages.ts';
import { NODE_PROGRAMS, launchNode, resolvConf } from './node/start.ts';
import { isRunning } from './processes.ts';
import type { Reporter } from './report.ts';
import { readNodeOwner, readState, type ClusterState } from './state.ts';

/** What to start. */
export interface UpOptions {
  readonly cluster: Instance;
  readonly kubernetesVersion: string;
  /** Without a node, the control plane alone runs, on the loopback. */
  readonly withNode: boolean;
  readonly audit: boolean;
  readonly report: Reporter;
  readonly signal?: AbortSignal | undefined;
}

/** How a cluster came to be there. */
export type UpResult = 'started' | 'already running';

const ALL_PROGRAMS = [...CONTROL_PLANE_PROGRAMS, 'kube-scheduler', ...NODE_PROGRAMS, 'coredns'] as const;

/** Starts a cluster, or finds it running. Rejects with the reason, having cleared away what it started. */
export async function bringUp(options: UpOptions): Promise<UpResult> {
  const { cluster, report } = options;
  const state = await readState(cluster);
  if (state !== undefined) {
    const broken = await brokenParts(cluster, state);
    if (broken.length === 0) return requireSame(state, options);
    report.note(`not running any more: ${broken.join(', ')}; starting the cluster anew`);
    await takeDown(cluster, report);
  }
  if (options.withNode) await claimNode(cluster, report);
  try {
    await startCluster(options);
    return 'started';
  } catch (error) {
    await takeDown(cluster, report);
    throw error;
  }
}

/** A running cluster is taken as it is, but not for what it is not. */
function requireSame(state: ClusterState, { kubernetesVersion, withNode }: UpOptions): UpResult {
  if (state.kubernetesVersion === kubernetesVersion && (state.hasNode || !withNode)) return 'already running';
  const parts = state.hasNode ? 'with a node' : 'without a node';
  throw new ConfigError(
    `Kubernetes ${state.kubernetesVersion} ${parts} runs in ${state.directory}: run make cluster-down there first`,
  );
}

/** Names of the programs of a started cluster that do not run or do not answer. */
export async function brokenParts(cluster: Instance, state: ClusterState): Promise<readonly string[]> {
  const running = await Promise.all(state.processes.map(isRunning));
  const ended = state.processes.filter((_, index) => running[index] !== true).map(({ name }) => name);
  if (ended.length > 0) return ended;
  const { certificate } = await readAuthority(cluster.directory);
  const answers = await apiServerReady(apiServerUrl(state.endpoints), certificate);
  return answers && state.complete ? [] : ['kube-apiserver'];
}

/** Makes sure that the instance's node is nobody's. Takes down a cluster whose directory somebody deleted; refuses to touch another's. */
async function claimNode(cluster: Instance, report: Reporter): Promise<void> {
  const owner = await readNodeOwner(cluster);
  if (owner === undefined) {
    if (!(await namespaceExists(cluster.network.name))) return;
    throw inUse(cluster, `the network namespace ${cluster.network.name} exists`);
  }
  const other = instance(owner.instance, owner.directory);
  if ((await readState(other)) !== undefined) throw inUse(cluster, `a cluster runs in ${owner.directory}`);
  report.note(`clearing away the cluster of ${owner.directory}, whose files were deleted`);
  await takeDown(other, report);
}

function inUse({ number }: Instance, reason: string): ConfigError {
  return new ConfigError(
    `instance ${number} is in use (${reason}): take that cluster down, or start this one beside it with CLUSTER_INSTANCE=1 (to 15)`,
  );
}

async function startCluster(options: UpOptions): Promise<void> {
  const { cluster, kubernetesVersion, withNode, report, signal } = options;
  if (withNode) await report.step('packages of the system', (progress) => ensurePackages(progress, signal));
  const names = withNode ? ALL_PROGRAMS : [...CONTROL_PLANE_PROGRAMS, 'kubectl' as const];
  const programs = await ensurePrograms<(typeof ALL_PROGRAMS)[number]>(names, {
    version: kubernetesVersion,
    report,
    signal,
  });
  const endpoints = withNode ? cluster.link : cluster.loopback;
  const launcher = new Launcher(cluster, { kubernetesVersion, endpoints, hasNode: withNode });
  await launcher.begin();
  if (withNode) await report.step(`network ${cluster.network.name}`, () => setUpNetwork(cluster));
  const scheduler = withNode ? programs['kube-scheduler'] : undefined;
  const start = { ...options, endpoints, programs, scheduler, hasNode: withNode, launcher };
  const pki = await launchControlPlane(start);
  if (withNode) await startNode(options, { programs, pki, launcher });
  await launcher.finish();
}

interface Started {
  readonly programs: Programs<(typeof ALL_PROGRAMS)[number]>;
  readonly pki: PkiFiles;
  readonly launcher: Launcher;
}

async function startNode(
  { cluster, report, signal }: UpOptions,
  { programs, pki, launcher }: Started,
): Promise<void> {
  const images = await report.step('images of pause and CoreDNS', (progress) =>
    ensureNodeImages(programs.coredns, progress),
  );
  await launchNode({ cluster, endpoints: cluster.link, pki, programs, images, launcher, report, signal });
  await report.step('CoreDNS', async () => {
    const upstream = hasNameServer(await readFile(await resolvConf(), 'utf8'));
    const input = JSON.stringify(dnsObjects(cluster.dnsAddress, upstream));
    const kubectl = (args: readonly string[], text = ''): Promise<string> =>
      run(programs.kubectl, ['--kubeconfig', pki.admin, ...args], { input: text, signal });
    await kubectl(['apply', '-f', '-'], input);
    const deployment = `deployment/${DNS_DEPLOYMENT}`;
    await kubectl(['--namespace=kube-system', 'rollout', 'status', deployment, '--timeout=120s']);
  });
}

/** Path of the administrator's kubeconfig. */
export function kubeconfigPath(cluster: Instance): string {
  return join(cluster.directory, 'kubeconfig');
}
