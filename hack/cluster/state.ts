/**
 * What a cluster remembers of itself: enough to be found healthy, and to be stopped exactly. Written before and after each program, so
 * that an interrupted start can be taken down as well. A cluster with a node keeps a second copy below /run, under its instance:
 * the node's network belongs to the machine, and another checkout, or one made anew, must see whose it is.
 */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Endpoints, Instance } from './instance.ts';
import { nodePaths } from './node/settings.ts';
import type { ProcessRecord } from './processes.ts';

/** A cluster's state. */
export interface ClusterState {
  readonly instance: number;
  /** The cluster's directory. */
  readonly directory: string;
  readonly kubernetesVersion: string;
  readonly endpoints: Endpoints;
  /** Whether there is a node beside the control plane. */
  readonly hasNode: boolean;
  /** False until the last part was there: an interrupted start is cleared away by the next. */
  readonly complete: boolean;
  /** In the order of their start. */
  readonly processes: readonly ProcessRecord[];
}

/** Reads the state of the cluster in a directory; undefined when there is none. */
export function readState({ directory }: Instance): Promise<ClusterState | undefined> {
  return readStateFile(inDirectory(directory));
}

/** Reads the state of whatever cluster has the instance's node, in whatever directory. */
export function readNodeOwner(cluster: Instance): Promise<ClusterState | undefined> {
  return readStateFile(belowRun(cluster));
}

/** Replaces the state as a whole, or not at all. */
export async function writeState(cluster: Instance, state: ClusterState): Promise<void> {
  await replaceFile(inDirectory(cluster.directory), state);
  if (state.hasNode) await replaceFile(belowRun(cluster), state);
}

/** Forgets the cluster. */
export async function deleteState(cluster: Instance, { hasNode }: ClusterState): Promise<void> {
  if (hasNode) await rm(nodePaths(cluster).runtime, { recursive: true, force: true });
  await rm(inDirectory(cluster.directory), { force: true });
}

async function readStateFile(path: string): Promise<ClusterState | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as ClusterState;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new Error(`${path} cannot be read: stop the cluster's processes by hand and delete it`, {
      cause: error,
    });
  }
}

async function replaceFile(path: string, state: ClusterState): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  await writeFile(unfinished, `${JSON.stringify(state, undefined, 2)}\n`);
  await rename(unfinished, path);
}

function inDirectory(directory: string): string {
  return join(directory, 'state.json');
}

function belowRun(cluster: Instance): string {
  return join(nodePaths(cluster).runtime, 'state.json');
}
