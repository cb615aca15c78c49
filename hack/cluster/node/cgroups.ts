/**
 * The cgroup under which a node's pods live, in each hierarchy of the machine: cgroup v2 has one, v1 one for each controller.
 */
import { mkdir, readFile, readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';

const CGROUP_TYPES = new Set(['cgroup', 'cgroup2']);

/** Mount points of cgroup hierarchies in the text of `/proc/mounts`. */
export function cgroupMounts(mounts: string): readonly string[] {
  return mounts
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, , type = '']) => CGROUP_TYPES.has(type))
    .map(([, path = '']) => path);
}

/** Makes the cgroup `name` in every hierarchy; the kubelet insists on finding it. */
export async function createCgroups(name: string): Promise<void> {
  for (const path of await cgroupPaths(name)) await mkdir(path, { recursive: true });
}

/** Ids of all processes below the cgroup `name`: those of the pods. */
export async function cgroupProcesses(name: string): Promise<readonly number[]> {
  const trees = await Promise.all((await cgroupPaths(name)).map(tree));
  const lists = await Promise.all(trees.flat().map((path) => readOrEmpty(join(path, 'cgroup.procs'))));
  const ids = lists.flatMap((list) => list.split('\n')).filter((line) => line !== '');
  return [...new Set(ids.map(Number))];
}

/** Deletes the cgroup `name` and all below it; its processes must have ended. */
export async function removeCgroups(name: string): Promise<void> {
  for (const root of await cgroupPaths(name)) {
    for (const path of (await tree(root)).toReversed()) await rmdir(path);
  }
}

async function cgroupPaths(name: string): Promise<readonly string[]> {
  return cgroupMounts(await readFile('/proc/mounts', 'utf8')).map((mount) => join(mount, name));
}

/** A cgroup and all below it, parents first; nothing when it is not there. */
async function tree(root: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(root, { withFileTypes: true });
    const below = await Promise.all(
      entries.filter((entry) => entry.isDirectory()).map((entry) => tree(join(root, entry.name))),
    );
    return [root, ...below.flat()];
  } catch {
    // Never made, or gone with its last process.
    return [];
  }
}

async function readOrEmpty(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    // The cgroup ended between the two looks.
    return '';
  }
}
