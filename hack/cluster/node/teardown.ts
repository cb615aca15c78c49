/**
 * Takes a node away after its programs have ended: the pods' processes and their shims, mounts, cgroups, network. Works without a
 * living containerd, so that a cluster whose programs died can be taken down too.
 */
import { readFile, readdir, readlink, rm } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { systemClock } from '../../../core/clock.ts';
import { TerminalError } from '../../../core/errors.ts';
import { run } from '../exec.ts';
import type { Instance } from '../instance.ts';
import { processIdentity, signalProcess } from '../processes.ts';
import { cgroupProcesses, removeCgroups } from './cgroups.ts';
import { tearDownNetwork } from './network.ts';
import { nodePaths, type NodePaths } from './settings.ts';

/** Where containerd keeps a folder for each pod, below its root. */
const SANDBOXES = 'io.containerd.grpc.v1.cri/sandboxes';

const END_DEADLINE_MS = 20_000;
const POLL_MS = 50;

/** Removes everything of the node but the files in the cluster's directory. May be called again, and when there was no node. */
export async function tearDownNode(cluster: Instance): Promise<void> {
  const { name } = cluster.network;
  const paths = nodePaths(cluster);
  await killAll(`shims of ${name}`, () => processesWithArgument(paths.containerdSocket));
  await killAll(`pods of ${name}`, () => cgroupProcesses(name));
  const sandboxes = await entriesOf(join(paths.containerdRoot, SANDBOXES));
  await unmountBelow([cluster.directory, paths.runtime]);
  await removeCgroups(name);
  await tearDownNetwork(cluster.network);
  await rm(join(paths.runtime, 'containerd'), { recursive: true, force: true });
  await removeTraces(name, paths, sandboxes);
}

async function killAll(what: string, find: () => Promise<readonly number[]>): Promise<void> {
  const deadline = systemClock.monotonicMs() + END_DEADLINE_MS;
  for (;;) {
    const living = await runningOf(await find());
    if (living.length === 0) return;
    if (systemClock.monotonicMs() > deadline) {
      throw new TerminalError(`the processes ${living.join(', ')} (${what}) do not end, not even by SIGKILL`);
    }
    for (const pid of living) signalProcess(pid, 'SIGKILL');
    await systemClock.sleep(POLL_MS);
  }
}

async function runningOf(pids: readonly number[]): Promise<readonly number[]> {
  const identities = await Promise.all(pids.map(processIdentity));
  return pids.filter((_, index) => identities[index] !== undefined);
}

/** Processes with exactly this argument: a containerd's shims name its socket, and each cluster has its own. */
async function processesWithArgument(argument: string): Promise<readonly number[]> {
  const found: number[] = [];
  for (const entry of await readdir('/proc')) {
    if (/^\d+$/.test(entry) && (await commandLine(entry)).includes(argument)) found.push(Number(entry));
  }
  return found;
}

async function commandLine(pid: string): Promise<readonly string[]> {
  try {
    return (await readFile(join('/proc', pid, 'cmdline'), 'utf8')).split('\0');
  } catch {
    // The process ended between the two looks.
    return [];
  }
}

/** Mount points at or below one of the folders in the text of `/proc/self/mountinfo`, innermost first. */
export function mountsBelow(mountinfo: string, folders: readonly string[]): readonly string[] {
  const points = mountinfo.split('\n').map((line) => unescapeMountPoint(line.split(' ')[4] ?? ''));
  const inside = points.filter((point) =>
    folders.some((folder) => point === folder || point.startsWith(folder + sep)),
  );
  return inside.toReversed();
}

/** proc_pid_mountinfo(5): blank, tab, newline and backslash appear as octal numbers. */
function unescapeMountPoint(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

async function unmountBelow(folders: readonly string[]): Promise<void> {
  for (const point of mountsBelow(await readFile('/proc/self/mountinfo', 'utf8'), folders)) {
    await run('umount', [point]);
  }
}

/** Files that the CNI library and the kubelet leave at fixed places of the system. */
async function removeTraces(network: string, paths: NodePaths, sandboxes: readonly string[]): Promise<void> {
  const ours = new Set(sandboxes.map((sandbox) => `cni-loopback-${sandbox}-lo`));
  for (const folder of ['/var/lib/cni/results', '/var/lib/cni/cache']) {
    for (const entry of await entriesOf(folder)) {
      if (ours.has(entry) || entry.startsWith(`${network}-`)) await rm(join(folder, entry), { force: true });
    }
  }
  for (const entry of await entriesOf('/var/log/containers')) {
    const link = join('/var/log/containers', entry);
    if ((await targetOf(link)).startsWith(paths.podLogs + sep)) await rm(link, { force: true });
  }
}

async function targetOf(link: string): Promise<string> {
  try {
    return await readlink(link);
  } catch {
    // Not a link, so not the kubelet's.
    return '';
  }
}

async function entriesOf(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch {
    // Made by the first pod.
    return [];
  }
}
