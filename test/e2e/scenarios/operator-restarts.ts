/**
 * The operator goes and comes, politely and not; the servers do not notice, and nothing of theirs is written.
 */
import { readFile, readdir } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { waitFor } from '../../harness/wait.ts';
import { DEMO_NAMESPACE, get, kubectl, OPERATOR_NAMESPACE } from '../cluster.ts';
import { applyServer, everythingSpec, waitUntilReady } from '../servers.ts';
import { stateOfTheWorld } from '../world.ts';

const OPERATOR = 'deployment/mcp-operator';
const inSystem = ['-n', OPERATOR_NAMESPACE];

interface Leases {
  readonly items: readonly { readonly spec: { readonly holderIdentity?: string } }[];
}
interface Pods {
  readonly items: readonly { readonly metadata: { readonly name: string; readonly uid: string } }[];
}

export function operatorRestartsScenario(): void {
  it('kubectl rollout restart: no server restarts, no child is written', async () => {
    const before = await stateOfTheWorld(DEMO_NAMESPACE);
    await kubectl(['rollout', 'restart', OPERATOR, ...inSystem]);
    await kubectl(['rollout', 'status', OPERATOR, ...inSystem, '--timeout=120s']);
    await operatorWorksAgain('after-rollout');
    expect(await stateOfTheWorld(DEMO_NAMESPACE)).toEqual(before);
  });

  it('kill -9 of the leader: the lead is taken over, no server restarts, no child is written', async () => {
    const before = await stateOfTheWorld(DEMO_NAMESPACE);
    const leader = await leadingPod();
    const processes = await processesOf(leader.uid);
    expect(processes.length).toBeGreaterThan(0);
    for (const id of processes) process.kill(id, 'SIGKILL');
    await operatorWorksAgain('after-kill');
    expect((await leadingPod()).identity).not.toBe(leader.identity);
    expect(await stateOfTheWorld(DEMO_NAMESPACE)).toEqual(before);
  });
}

/** A server of another namespace becomes Ready, which takes a leader with warm caches. */
async function operatorWorksAgain(name: string): Promise<void> {
  // Until the node has noticed that a replica is dead, the Service may lead there, and what nobody answers is refused.
  await waitFor(
    async () => {
      await applyServer('default', name, everythingSpec());
      return true;
    },
    { deadlineMs: 30_000, description: 'a replica to admit a server' },
  );
  await waitUntilReady('default', name);
  await kubectl(['delete', 'mcpserver', name, '-n', 'default']);
}

interface Leader {
  /** What stands in the lease: the pod's name and something that each start makes anew. */
  readonly identity: string;
  readonly uid: string;
}

async function leadingPod(): Promise<Leader> {
  const { items: pods } = await get<Pods>('pods', ...inSystem);
  return waitFor(async () => {
    const { items: leases } = await get<Leases>('leases', ...inSystem);
    const leaders = leases.flatMap(({ spec: { holderIdentity: identity = '' } }) =>
      pods.flatMap(({ metadata: { name, uid } }) => (identity.startsWith(name) ? [{ identity, uid }] : [])),
    );
    return leaders[0];
  });
}

/** Ids, on this machine, of the operator's processes in a pod: its cgroup bears the pod's uid. */
async function processesOf(podUid: string): Promise<readonly number[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    ids.map(async (id) => {
      const [cgroup, command] = await Promise.all([read(`/proc/${id}/cgroup`), read(`/proc/${id}/cmdline`)]);
      return cgroup.includes(podUid) && command.includes('kilo-mcp') ? [id] : [];
    }),
  );
  return found.flat();
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    // The process ended between the two looks.
    return '';
  }
}
