/**
 * One node: containerd, kubelet and kube-proxy in the node's network namespace.
 */
import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../../core/clock.ts';
import { ConfigError } from '../../../core/errors.ts';
import type { Programs } from '../binaries/index.ts';
import {
  readAuthority,
  writeKeyPair,
  writeKubeconfig,
  type Identity,
  type PkiFiles,
} from '../control-plane/files.ts';
import { run } from '../exec.ts';
import { importImage } from '../images/load.ts';
import type { Endpoints, Instance } from '../instance.ts';
import type { Launcher } from '../launcher.ts';
import { issue } from '../pki.ts';
import type { Reporter } from '../report.ts';
import { createCgroups } from './cgroups.ts';
import { inNamespace } from './network.ts';
import { cniPluginFolder } from './packages.ts';
import {
  NODE_NAME,
  cniConfig,
  containerdToml,
  kubeletArguments,
  kubeletConfig,
  nodePaths,
  proxyConfig,
  type NodePaths,
} from './settings.ts';

/** The programs of a node that are not packages of the system. */
export const NODE_PROGRAMS = ['kubelet', 'kube-proxy', 'kubectl'] as const;

/** What to start, and with what. */
export interface NodeStart {
  readonly cluster: Instance;
  readonly endpoints: Endpoints;
  readonly pki: PkiFiles;
  readonly programs: Programs<(typeof NODE_PROGRAMS)[number]>;
  /** Archives of images that must be there before the first pod. */
  readonly images: readonly string[];
  readonly launcher: Launcher;
  readonly report: Reporter;
  readonly signal?: AbortSignal | undefined;
}

const CONTAINERD_DEADLINE_MS = 60_000;
const NODE_DEADLINE_MS = 120_000;

/** Starts the node and resolves when Kubernetes calls it Ready. */
export async function launchNode(start: NodeStart): Promise<void> {
  const { cluster, report } = start;
  const paths = nodePaths(cluster);
  await writeNodeFiles(start, paths);
  await createCgroups(cluster.network.name);
  await report.step('containerd', () => launchContainerd(start, paths));
  await report.step('images of the node', async () => {
    for (const archive of start.images) await importImage(paths.containerdSocket, archive);
  });
  await report.step('kubelet and kube-proxy', async (progress) => {
    await launchInNamespace(start, 'kube-proxy', [`--config=${paths.proxyConfig}`]);
    await launchInNamespace(start, 'kubelet', kubeletArguments(cluster, paths));
    progress(`node ${NODE_NAME} Ready`);
  });
}

async function launchContainerd({ cluster, launcher, signal }: NodeStart, paths: NodePaths): Promise<void> {
  const [command, ...args] = inNamespace(cluster.network, 'containerd', ['--config', paths.containerdConfig]);
  const check = (): Promise<boolean> => succeeds('ctr', ['--address', paths.containerdSocket, 'version']);
  await launcher.launch(
    { name: 'containerd', command, args },
    { check, deadlineMs: CONTAINERD_DEADLINE_MS, signal },
  );
}

async function launchInNamespace(
  start: NodeStart,
  name: 'kubelet' | 'kube-proxy',
  args: readonly string[],
): Promise<void> {
  const { cluster, programs, launcher, pki, signal } = start;
  const [command, ...rest] = inNamespace(cluster.network, programs[name], args);
  const query = [
    '--kubeconfig',
    pki.admin,
    'wait',
    '--for=condition=Ready',
    '--timeout=1s',
    `node/${NODE_NAME}`,
  ];
  const check = (): Promise<boolean> => succeeds(programs.kubectl, query);
  const readiness = { check, deadlineMs: NODE_DEADLINE_MS, signal };
  await launcher.launch({ name, command, args: rest }, name === 'kubelet' ? readiness : undefined);
}

async function succeeds(command: string, args: readonly string[]): Promise<boolean> {
  try {
    await run(command, args);
    return true;
  } catch {
    // "Not yet"; whoever waits has a deadline and shows the program's own log.
    return false;
  }
}

async function writeNodeFiles(start: NodeStart, paths: NodePaths): Promise<void> {
  const { cluster, endpoints, pki } = start;
  const folder = join(cluster.directory, 'node');
  await Promise.all([folder, paths.cniConfig, paths.podLogs].map((path) => mkdir(path, { recursive: true })));
  await mkdir(paths.runtime, { recursive: true, mode: 0o711 });
  const now = systemClock.now();
  const authority = await readAuthority(cluster.directory);
  const kubeconfig = (path: string, identity: Identity): Promise<string> =>
    writeKubeconfig(path, identity, { authority, endpoints, now });
  await kubeconfig(paths.kubeletKubeconfig, { user: `system:node:${NODE_NAME}`, groups: ['system:nodes'] });
  await kubeconfig(paths.proxyKubeconfig, { user: 'system:kube-proxy' });
  const subject = { commonName: `system:node:${NODE_NAME}`, hosts: [NODE_NAME, cluster.network.nodeAddress] };
  const server = await writeKeyPair(folder, 'kubelet-server', await issue(authority, subject, now));
  const inputs = { authority: pki.authority.certificate, server, resolvConf: await resolvConf() };
  await writeFile(paths.containerdConfig, containerdToml(paths, await requireCniPlugins()));
  await writeJson(join(paths.cniConfig, '10-pods.conflist'), cniConfig(cluster, paths));
  await writeJson(paths.kubeletConfig, kubeletConfig(cluster, paths, inputs));
  await writeJson(paths.proxyConfig, proxyConfig(cluster, paths));
}

async function requireCniPlugins(): Promise<string> {
  const folder = await cniPluginFolder();
  if (folder === undefined)
    throw new ConfigError('CNI plugins are missing: install containernetworking-plugins');
  return folder;
}

/** The name servers that pods can reach: with systemd-resolved, /etc/resolv.conf names one on the host's loopback. */
export async function resolvConf(): Promise<string> {
  const upstream = '/run/systemd/resolve/resolv.conf';
  try {
    await access(upstream);
    return upstream;
  } catch {
    // No systemd-resolved here.
    return '/etc/resolv.conf';
  }
}

function writeJson(path: string, content: object): Promise<void> {
  return writeFile(path, `${JSON.stringify(content, undefined, 2)}\n`);
}
