/**
 * `make cluster-down`: ends what the state says was started, takes the node away, and deletes the cluster's files but its logs.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Instance } from './instance.ts';
import { tearDownNode } from './node/teardown.ts';
import { stopProcess } from './processes.ts';
import type { Reporter } from './report.ts';
import { deleteState, readNodeOwner, readState, type ClusterState } from './state.ts';

const FILES = ['etcd', 'pki', 'node', 'kubeconfig', 'audit-policy.json'];

/** Takes a cluster down and says whether there was one. May be called again. */
export async function takeDown(cluster: Instance, report: Reporter): Promise<boolean> {
  const state = (await readState(cluster)) ?? (await stateBesideDeletedDirectory(cluster));
  if (state === undefined) return false;
  for (const record of state.processes.toReversed()) {
    await report.step(`stopping ${record.name}`, () => stopProcess(record));
  }
  if (state.hasNode) await report.step('pods, mounts and network', () => tearDownNode(cluster));
  for (const name of FILES) await rm(join(cluster.directory, name), { recursive: true, force: true });
  // Last: as long as it is there, an interrupted call can be repeated.
  await deleteState(cluster, state);
  return true;
}

/** Somebody may have deleted the directory of a running cluster. */
async function stateBesideDeletedDirectory(cluster: Instance): Promise<ClusterState | undefined> {
  const owner = await readNodeOwner(cluster);
  return owner?.directory === cluster.directory ? owner : undefined;
}
