/**
 * Who may decide, in the ledger: roles and bindings of a real API server, watched with exactly the rights that the operator has, recorded in a real
 * database.
 */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { APPROVAL_PERMISSIONS } from '../../controllers/approval/index.ts';
import { approvalRoles, recordApprovalRoles } from '../../controllers/approval/roles.ts';
import type { ChangeRecord } from '../../checks/engine/history.ts';
import { systemClock } from '../../core/clock.ts';
import { silentLogger } from '../../core/logger.ts';
import { connect, createInformers, loadClusterAccess } from '../../operator/runtime/index.ts';
import { kubectl as kubectlWith } from '../harness/kubectl.ts';
import { createNamespace, type TestNamespace } from '../harness/namespace.ts';
import { PostgresServer } from '../harness/postgres.ts';
import { createServiceAccount, type TestServiceAccount } from '../harness/service-account.ts';
import { openStore, type RunningStore } from '../harness/store.ts';
import { waitFor } from '../harness/wait.ts';

const kubeconfigPath = inject('kubeconfigPath');
const EVER = { from: '1970-01-01T00:00:00Z', to: '2999-01-01T00:00:00Z' };
const RBAC = APPROVAL_PERMISSIONS.filter(({ apiGroups }) => apiGroups.includes('rbac.authorization.k8s.io'));

let postgres: PostgresServer;
let running: RunningStore;
let namespace: TestNamespace;
let account: TestServiceAccount;

const kubectl = (...args: readonly string[]): Promise<string> =>
  kubectlWith(kubeconfigPath, [...args, '--namespace', namespace.name]);

beforeAll(async () => {
  postgres = await PostgresServer.start('18');
  running = await openStore(await postgres.createDatabase());
  namespace = await createNamespace(kubeconfigPath, 'roles');
  account = await createServiceAccount(kubeconfigPath, { namespace: namespace.name, name: 'watcher' }, RBAC);
});
afterAll(async () => {
  await account.remove();
  await namespace.remove();
  await running.store.close();
  await postgres.stop();
});

/** Leads while `work` is done. */
async function leading(epoch: number, work: () => Promise<void>): Promise<void> {
  const api = connect(await loadClusterAccess({ path: account.kubeconfigPath }), { program: 'roles-test/0' });
  const end = new AbortController();
  const informers = createInformers({
    client: api.client('roles'),
    namespaces: [namespace.name],
    logger: silentLogger,
  });
  const parts = { history: running.store, clock: systemClock, logger: silentLogger };
  const recorder = recordApprovalRoles({ roles: approvalRoles(informers), ...parts });
  informers.start(end.signal);
  await informers.waitForSync(20_000, end.signal);
  const recording = recorder.run(end.signal, end.signal, { epoch, signal: end.signal });
  try {
    await work();
  } finally {
    end.abort();
    await Promise.all([recording, informers.stopped()]);
    await api.close();
  }
}

/** Other tests make roles in the same cluster: those of this one are in its namespace, or named after it. */
async function changes(): Promise<readonly ChangeRecord[]> {
  const all = await running.store.changes(EVER);
  return all.filter(({ object }) => object.namespace === namespace.name || object.name === namespace.name);
}

const told = async (): Promise<readonly string[]> =>
  (await changes()).map(({ object, summary }) => `${object.kind}/${object.name} ${summary}`);

async function toldInTheEnd(expected: string): Promise<void> {
  await waitFor(async () => (await told()).includes(expected), {
    description: `"${expected}" to be in the ledger`,
  });
}

describe('who may decide', () => {
  it('is in the ledger from the first leader on, with every change, and once', async () => {
    await kubectl('create', 'role', 'reader', '--verb=get', '--resource=pods');
    await kubectl('create', 'rolebinding', 'readers', '--role=reader', '--user=eve');
    await kubectl(
      'create',
      'role',
      'decider',
      '--verb=approve,deny',
      '--resource=approvalpolicies.mcp.kilocode.ai',
    );
    await kubectl('create', 'rolebinding', 'deciders', '--role=decider', '--user=carol', '--group=leads');
    const granted = 'Role/decider grants approve, deny on every approvalpolicy';
    const bound = 'RoleBinding/deciders binds Role/decider to group leads, 1 user';
    await leading(1, async () => {
      await toldInTheEnd(granted);
      await toldInTheEnd(bound);
      await kubectl('label', 'role', 'decider', 'team=platform');
      const more = { subjects: [{ kind: 'User', name: 'dan', apiGroup: 'rbac.authorization.k8s.io' }] };
      await kubectl('patch', 'rolebinding', 'deciders', '--type=merge', '-p', JSON.stringify(more));
      await toldInTheEnd('RoleBinding/deciders binds Role/decider to 1 user');
    });
    expect(new Set(await told())).toEqual(
      new Set([granted, bound, 'RoleBinding/deciders binds Role/decider to 1 user']),
    );
    expect((await changes()).map(({ persons = [] }) => persons.join())).toEqual(
      expect.arrayContaining(['carol', 'dan']),
    );
  });

  it('is not told anew by the next leader where nothing changed, and goes on with it', async () => {
    await kubectl('label', 'role', 'decider', 'team=security', '--overwrite');
    await kubectl('label', 'rolebinding', 'deciders', 'team=security');
    const before = await told();
    await leading(2, async () => {
      await kubectl(
        'patch',
        'role',
        'reader',
        '--type=json',
        '-p',
        JSON.stringify([
          { op: 'replace', path: '/rules/0', value: { apiGroups: ['*'], resources: ['*'], verbs: ['*'] } },
        ]),
      );
      await toldInTheEnd('Role/reader grants approve, deny, cancel, override on every approvalpolicy by a *');
      await toldInTheEnd('RoleBinding/readers binds Role/reader to 1 user');
      await kubectl('delete', 'rolebinding', 'deciders');
      await toldInTheEnd('RoleBinding/deciders deleted');
    });
    // What there is comes before what changes, so that it would be there by now.
    const after = await told();
    expect(after.slice(0, before.length)).toEqual(before);
    expect(new Set(after.slice(before.length))).toEqual(
      new Set([
        'Role/reader grants approve, deny, cancel, override on every approvalpolicy by a *',
        'RoleBinding/readers binds Role/reader to 1 user',
        'RoleBinding/deciders deleted',
      ]),
    );
    expect(after).toHaveLength(before.length + 3);
  });

  it('is told each time that it is as it was before, also where nobody leads meanwhile', async () => {
    const grants = (verb: string): Promise<string> =>
      kubectl(
        'patch',
        'role',
        'decider',
        '--type=json',
        '-p',
        JSON.stringify([{ op: 'replace', path: '/rules/0/verbs', value: [verb] }]),
      );
    const [approves, denies] = ['approve', 'deny'].map(
      (verb) => `Role/decider grants ${verb} on every approvalpolicy`,
    ) as [string, string];
    const ofVerbs = async (): Promise<readonly string[]> =>
      (await told()).filter((text) => text === approves || text === denies);
    await leading(3, async () => {
      await grants('approve');
      await toldInTheEnd(approves);
      await grants('deny');
      await toldInTheEnd(denies);
    });
    await grants('approve');
    await leading(4, async () => {
      await waitFor(async () => (await ofVerbs()).length === 3, {
        description: 'the third change to be in the ledger',
      });
    });
    expect(await ofVerbs()).toEqual([approves, denies, approves]);
  });

  it('is also a matter of ClusterRoles that the operator does not know by name', async () => {
    await leading(5, async () => {
      const clusterRole = `--clusterrole=${namespace.name}`;
      await kubectl(
        'create',
        'clusterrole',
        namespace.name,
        '--verb=override',
        '--resource=approvalpolicies.mcp.kilocode.ai',
        '--resource-name=prod',
      );
      await kubectl('create', 'clusterrolebinding', namespace.name, clusterRole, '--group=firefighters');
      await toldInTheEnd(`ClusterRole/${namespace.name} grants override on approvalpolicies prod`);
      await toldInTheEnd(
        `ClusterRoleBinding/${namespace.name} binds ClusterRole/${namespace.name} to group firefighters`,
      );
      await kubectl('delete', 'clusterrole,clusterrolebinding', namespace.name);
      await toldInTheEnd(`ClusterRole/${namespace.name} deleted`);
    });
  });

  it('stands in a ledger that verifies, and names nobody outside of what can be erased', async () => {
    const { open } = running;
    const ledger = await open.ledger.verify([], new AbortController().signal);
    expect(ledger.kind).toBe('intact');
    await open.ledger.erase('carol', { epoch: 5 });
    expect(JSON.stringify(await changes())).not.toContain('carol');
  });
});
