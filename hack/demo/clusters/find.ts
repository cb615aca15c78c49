/**
 * From the environment to the demo's cluster: looks at the machine, lets `choice.ts` decide, and makes the cluster's object.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../cluster/index.ts';
import { instance, parseInstanceNumber } from '../../cluster/instance.ts';
import { chooseCluster, type Choice, type Machine } from '../choice.ts';
import type { DemoCluster } from './demo-cluster.ts';
import { existingCluster } from './existing.ts';
import { kindCluster } from './kind.ts';
import { localCluster } from './local.ts';

/** Rejects with a sentence that names the remedies when there is no cluster to be had. */
export async function findCluster(env: NodeJS.ProcessEnv): Promise<DemoCluster> {
  return clusterOf(chooseCluster(env, await thisMachine()), env);
}

async function clusterOf(choice: Choice, env: NodeJS.ProcessEnv): Promise<DemoCluster> {
  if (choice.kind === 'existing') return existingCluster(choice.kubeconfig, choice.images);
  const { CLUSTER_INSTANCE: number, CLUSTER_DIRECTORY: chosen = '' } = env;
  const { directory } = instance(parseInstanceNumber(number), chosen === '' ? undefined : chosen);
  if (choice.kind === 'local') return localCluster(directory);
  await mkdir(directory, { recursive: true });
  return kindCluster(join(directory, 'kind.kubeconfig'));
}

async function thisMachine(): Promise<Machine> {
  const isRoot = process.getuid?.() === 0;
  return {
    platform: process.platform,
    isRoot,
    hasKind: (await works('kind', 'version')) && (await works('docker', 'info')),
  };
}

async function works(command: string, ...args: readonly string[]): Promise<boolean> {
  try {
    await run(command, args, { signal: AbortSignal.timeout(5_000) });
    return true;
  } catch {
    // Not installed, or its daemon does not answer: for the choice the two are one answer.
    return false;
  }
}
