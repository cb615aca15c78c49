/**
 * The executor on a real API server, with its own identity and no right but its own, and a real PostgreSQL: it does what people approved, once, and
 * puts things back when that did not help; whatever else is wrong, it does nothing, and says so.
 */
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { type MCPServer, SERVER_CONTAINER } from '../../api/index.ts';
import type { ApprovalRow, Plan } from '../../approval/index.ts';
import { EXECUTOR_PERMISSIONS } from '../../controllers/executor/index.ts';
import { CheckpointConfigMap, ledgerOf } from '../../operator/ledger-checkpoints.ts';
import { connect, loadClusterAccess, type ApiServer } from '../../operator/runtime/index.ts';
import { compareLedger } from '../../stores/index.ts';
import {
  type Place,
  approved,
  count,
  createServer,
  decide,
  open,
  protect,
  say,
  serverOf,
  startExecutor,
} from '../harness/executor.ts';
import { kubectl } from '../harness/kubectl.ts';
import { createNamespace, type TestNamespace } from '../harness/namespace.ts';
import { PostgresServer } from '../harness/postgres.ts';
import { createServiceAccount, type TestServiceAccount } from '../harness/service-account.ts';
import { openStore, type RunningStore } from '../harness/store.ts';
import { waitFor } from '../harness/wait.ts';

/** MCP-W06 finds fault with it. */
const WRITABLE = {
  podTemplate: {
    spec: { containers: [{ name: SERVER_CONTAINER, securityContext: { readOnlyRootFilesystem: false } }] },
  },
};
const ASKED = { check: 'MCP-W06' };

const kubeconfigPath = inject('kubeconfigPath');
let postgres: PostgresServer;
let running: RunningStore;
let namespace: TestNamespace;
let apiServer: ApiServer;
let account: TestServiceAccount;
let place: Place;
const ends: (() => Promise<void>)[] = [];
let names = 0;

beforeAll(async () => {
  postgres = await PostgresServer.start('18');
  running = await openStore(await postgres.createDatabase());
  namespace = await createNamespace(kubeconfigPath, 'executor');
  apiServer = connect(await loadClusterAccess({ path: kubeconfigPath }), { program: 'executor-test/0' });
  place = {
    kubeconfigPath,
    namespace: namespace.name,
    store: running.store,
    client: apiServer.client('test'),
  };
  account = await createServiceAccount(
    kubeconfigPath,
    { namespace: namespace.name, name: 'executor' },
    EXECUTOR_PERMISSIONS,
  );
  await grant('deciders', ['ann', 'ben', 'cat']);
  await protect(place);
});

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

afterAll(async () => {
  await account.remove();
  await namespace.remove();
  await apiServer.close();
  await running.store.close();
  await postgres.stop();
});

const run = (...args: readonly string[]): Promise<string> =>
  kubectl(kubeconfigPath, [...args, `--namespace=${namespace.name}`]);

/** Lets them decide by the policy that all requests here go by. */
async function grant(name: string, users: readonly string[]): Promise<void> {
  const verbs = ['approve', 'deny', 'cancel', 'override'].map((verb) => `--verb=${verb}`);
  await run(
    'create',
    'role',
    name,
    ...verbs,
    '--resource=approvalpolicies.mcp.kilocode.ai',
    `--resource-name=${namespace.name}`,
  );
  await run('create', 'rolebinding', name, `--role=${name}`, ...users.map((user) => `--user=${user}`));
}

async function start(
  path = account.kubeconfigPath,
  isLedgerContinued?: (signal: AbortSignal) => Promise<boolean>,
): Promise<void> {
  ends.push(await startExecutor(path, place.store, isLedgerContinued));
}

function aServer(annotations?: Readonly<Record<string, string>>): Promise<MCPServer> {
  names += 1;
  return createServer(place, `server-${names}`, WRITABLE, annotations);
}

const rowOf = async ({ requestUid }: ApprovalRow): Promise<ApprovalRow> => {
  const row = await place.store.request(requestUid);
  if (row === undefined) throw new Error(`there is no request ${requestUid}`);
  return row;
};

/** @returns the row, once it is in that phase. */
const reaches = (row: ApprovalRow, phase: ApprovalRow['phase']): Promise<ApprovalRow> =>
  waitFor(
    async () => {
      const now = await rowOf(row);
      if (now.phase !== phase)
        throw new Error(`it is ${now.phase} (${now.conditions.at(-1)?.message ?? ''})`);
      return now;
    },
    { description: `${row.name} to be ${phase}`, deadlineMs: 30_000 },
  );

/** @returns the server, once somebody changed its spec. */
const changed = ({ metadata: { name, generation = 0 } }: MCPServer): Promise<MCPServer> =>
  waitFor(
    async () => {
      const now = await serverOf(place, name);
      return (now.metadata.generation ?? 0) > generation && now;
    },
    { description: `${name} to be changed`, deadlineMs: 30_000 },
  );

const reasonOf = ({ conditions }: ApprovalRow): string | undefined => conditions.at(-1)?.reason;

const eventsOf = async ({ requestUid }: ApprovalRow): Promise<readonly unknown[]> =>
  (await place.store.entriesOf(requestUid)).map(({ event }) => event);

/** Another request, approved and executed: whatever came before it has been looked at by then. */
async function executesAnother(): Promise<void> {
  const server = await aServer();
  const row = await approved(place, server, ASKED);
  await changed(server);
  await say(place, server.metadata.name, { status: 'True', reason: 'Verified' });
  await reaches(row, 'Executed');
}

async function isUntouched(server: MCPServer): Promise<void> {
  expect((await serverOf(place, server.metadata.name)).spec).toEqual(server.spec);
}

const failsAnother = (plan: Plan): Plan => ({ ...plan, verifyChecks: ['MCP-W06', 'MCP-W07'] });

describe('an approved request', () => {
  it('is executed as it was approved, by the executor, and verified', async () => {
    await start();
    const server = await aServer();
    const row = await approved(place, server, ASKED);
    const fixed = await changed(server);
    expect(fixed.spec.podTemplate?.spec?.containers?.[0]?.securityContext).toEqual({
      readOnlyRootFilesystem: true,
    });
    expect({ ...fixed.spec, podTemplate: server.spec.podTemplate }).toEqual(server.spec);
    const { managedFields } = fixed.metadata as { managedFields?: readonly { readonly manager?: string }[] };
    expect(managedFields?.map(({ manager }) => manager)).toContain('mcp-executor');
    // Not before the operator has seen the change.
    expect((await rowOf(row)).phase).toBe('Executing');
    await say(place, server.metadata.name, { status: 'True', reason: 'Verified' });
    const done = await reaches(row, 'Executed');
    expect(done.executedAt).toBeDefined();
    expect(await eventsOf(row)).toEqual(['Opened', 'DecisionCounted', 'Approved', 'Executing', 'Executed']);
    expect((await serverOf(place, server.metadata.name)).metadata.generation).toBe(2);
  });

  it('is executed once by two executors that are there at the same time', async () => {
    await start();
    await start();
    const server = await aServer();
    const row = await approved(place, server, ASKED);
    await changed(server);
    await say(place, server.metadata.name, { status: 'True', reason: 'Verified' });
    await reaches(row, 'Executed');
    expect((await eventsOf(row)).filter((event) => event === 'Executing')).toHaveLength(1);
    expect((await serverOf(place, server.metadata.name)).metadata.generation).toBe(2);
  });

  it('is executed once when two people approve at the same time', async () => {
    await start();
    const server = await aServer();
    const row = await open(place, server, ASKED);
    await Promise.all([decide(place, row, 'ann'), decide(place, row, 'ben')]);
    const counts = await Promise.allSettled([count(place, row), count(place, row)]);
    expect(counts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await changed(server);
    await say(place, server.metadata.name, { status: 'True', reason: 'Verified' });
    await reaches(row, 'Executed');
    expect((await serverOf(place, server.metadata.name)).metadata.generation).toBe(2);
  });

  it('is taken back when the checks fail afterwards', async () => {
    await start();
    const server = await aServer();
    const row = await approved(place, server, { ...ASKED, plan: failsAnother });
    await changed(server);
    await say(place, server.metadata.name, { status: 'True', reason: 'Verified' });
    const done = await reaches(row, 'RolledBack');
    expect(reasonOf(done)).toBe('VerificationFailed');
    await isUntouched(server);
  });

  it.each([
    ['does not work any more', { status: 'False', reason: 'CrashLooping' }],
    ['does not come up in time', { status: 'False', reason: 'Progressing' }],
  ] as const)('is taken back when the server %s', async (_what, ready) => {
    await start();
    const server = await aServer();
    const row = await approved(place, server, ASKED);
    await changed(server);
    await say(place, server.metadata.name, ready);
    const done = await reaches(row, 'RolledBack');
    expect(reasonOf(done)).toBe('NotSettled');
    await isUntouched(server);
  });

  it('fails loudly, with the values of before, when they cannot be put back', async () => {
    const other = await createServiceAccount(
      kubeconfigPath,
      { namespace: namespace.name, name: 'weakening' },
      EXECUTOR_PERMISSIONS,
    );
    await start(other.kubeconfigPath);
    const server = await aServer();
    const row = await approved(place, server, ASKED);
    await changed(server);
    await forbidPatches(`${namespace.name}-weakening`);
    await say(place, server.metadata.name, { status: 'False', reason: 'CrashLooping' });
    const done = await reaches(row, 'Failed');
    expect(reasonOf(done)).toBe('RollbackFailed');
    expect(done.preImage?.values).toEqual({
      '/spec/podTemplate/spec/containers/0/securityContext/readOnlyRootFilesystem': false,
    });
    await other.remove();
  });
});

/** Takes `patch` from a ClusterRole, and waits until the API server knows. */
async function forbidPatches(role: string): Promise<void> {
  const rules = EXECUTOR_PERMISSIONS.map(({ apiGroups, resources, verbs }) => ({
    apiGroups,
    resources,
    verbs: verbs.filter((verb) => verb !== 'patch'),
  }));
  await kubectl(kubeconfigPath, [
    'patch',
    'clusterrole',
    role,
    '--type=merge',
    `--patch=${JSON.stringify({ rules })}`,
  ]);
  const who = `--as=system:serviceaccount:${namespace.name}:${role.slice(namespace.name.length + 1)}`;
  await waitFor(
    async () =>
      (
        await run('auth', 'can-i', 'patch', 'mcpservers', who).catch((error: unknown) => String(error))
      ).includes('no'),
    {
      description: 'the right to patch to be gone',
    },
  );
}

describe('nothing is changed', () => {
  it('without the right to patch', async () => {
    const other = await createServiceAccount(
      kubeconfigPath,
      { namespace: namespace.name, name: 'powerless' },
      EXECUTOR_PERMISSIONS.map((permission) => ({
        ...permission,
        verbs: permission.verbs.filter((verb) => verb !== 'patch'),
      })).filter(({ verbs }) => verbs.length > 0),
    );
    await start(other.kubeconfigPath);
    const server = await aServer();
    const done = await reaches(await approved(place, server, ASKED), 'Failed');
    expect(reasonOf(done)).toBe('NotPermitted');
    await isUntouched(server);
    await other.remove();
  });

  it('when the patch no longer applies', async () => {
    await start();
    const server = await aServer();
    const plan = (computed: Plan): Plan => ({
      ...computed,
      effect: {
        kind: 'Patch',
        operations: [
          { op: 'test', path: '/spec/replicas', value: 7 },
          { op: 'remove', path: '/spec/podTemplate/spec/containers/0/securityContext' },
        ],
      },
    });
    const done = await reaches(await approved(place, server, { ...ASKED, plan }), 'Failed');
    expect(reasonOf(done)).toBe('PatchRefused');
    await isUntouched(server);
  });

  it('that no plan changes, whoever approved it', async () => {
    await start();
    const server = await aServer();
    const plan = (computed: Plan): Plan => ({
      ...computed,
      effect: {
        kind: 'Patch',
        operations: [{ op: 'replace', path: '/spec/source/image/ref', value: 'example.com/evil:1' }],
      },
    });
    const done = await reaches(await approved(place, server, { ...ASKED, plan }), 'Failed');
    expect(reasonOf(done)).toBe('NotPermitted');
    await isUntouched(server);
  });

  it('that Git took over since it was approved', async () => {
    const server = await aServer();
    const row = await approved(place, server, ASKED);
    await run(
      'annotate',
      'mcpserver',
      server.metadata.name,
      'argocd.argoproj.io/tracking-id=app:mcp.kilocode.ai/MCPServer:team-a/github',
    );
    await start();
    const done = await reaches(row, 'Failed');
    expect(reasonOf(done)).toBe('OwnedByGit');
    await isUntouched(server);
  });

  it('when the target was edited', async () => {
    const server = await aServer();
    const row = await approved(place, server, ASKED);
    await run('patch', 'mcpserver', server.metadata.name, '--type=merge', '--patch={"spec":{"replicas":2}}');
    await start();
    await executesAnother();
    expect((await rowOf(row)).phase).toBe('Approved');
    expect((await serverOf(place, server.metadata.name)).metadata.generation).toBe(2);
  });

  it('when the target was deleted, or made anew', async () => {
    const server = await aServer();
    const row = await approved(place, server, ASKED);
    await run('delete', 'mcpserver', server.metadata.name);
    const another = await createServer(place, server.metadata.name, WRITABLE);
    await start();
    await executesAnother();
    expect((await rowOf(row)).phase).toBe('Approved');
    await isUntouched(another);
  });

  it('for a row that says Approved, and nobody approved', async () => {
    const server = await aServer();
    const row = await open(place, server, ASKED);
    const forged: ApprovalRow = {
      ...row,
      phase: 'Approved',
      waiting: '',
      executeBefore: new Date(Date.now() + 3_600_000).toISOString(),
    };
    await place.store.advanceRequest(forged, [{ event: 'Approved', person: '', details: {} }], [], {
      epoch: 1,
      writer: 'operator',
    });
    await start();
    await executesAnother();
    expect((await rowOf(row)).phase).toBe('Approved');
    await isUntouched(server);
  });

  it('for a row that says Executing, and nobody approved', async () => {
    const server = await aServer();
    const row = await open(place, server, ASKED);
    const forged: ApprovalRow = { ...row, phase: 'Executing', waiting: '' };
    await place.store.advanceRequest(forged, [{ event: 'Executing', person: '', details: {} }], [], {
      epoch: 1,
      writer: 'operator',
    });
    await start();
    expect(reasonOf(await reaches(row, 'Failed'))).toBe('NotPermitted');
    await isUntouched(server);
  });

  it('when an approver has lost the right to approve', async () => {
    await grant('for-a-while', ['zoe']);
    const server = await aServer();
    const row = await open(place, server, ASKED);
    await decide(place, row, 'zoe');
    const ready = await count(place, row);
    expect(ready.phase).toBe('Approved');
    await run('delete', 'rolebinding', 'for-a-while');
    await waitFor(
      async () =>
        (
          await run('auth', 'can-i', 'approve', `approvalpolicies/${namespace.name}`, '--as=zoe').catch(
            (error: unknown) => String(error),
          )
        ).includes('no'),
      {
        description: 'the right to be gone',
      },
    );
    await start();
    await executesAnother();
    expect((await rowOf(row)).phase).toBe('Approved');
    await isUntouched(server);
  });

  it('for a request that somebody denies before it begins', async () => {
    const server = await aServer();
    const row = await approved(place, server, ASKED);
    await decide(place, row, 'cat', 'deny');
    await start();
    await executesAnother();
    // The executor does not wait for the operator to see the denial.
    expect((await rowOf(row)).phase).toBe('Approved');
    await isUntouched(server);
    expect(await count(place, await rowOf(row))).toMatchObject({ phase: 'Denied' });
  });

  it('by a database that is older than what is known of it outside, until that is acknowledged', async () => {
    const source = ledgerOf(running.store);
    const sink = new CheckpointConfigMap(apiServer.client('ledger'), namespace.name);
    const { signal } = new AbortController();
    const here = await source.place();
    if (here === undefined) throw new Error('the ledger is empty');
    // What this database will never have: it was restored from before.
    await sink.write({ ...here, seq: here.seq + 1_000_000, hash: 'f'.repeat(64) }, signal);
    let looks = 0;
    await start(account.kubeconfigPath, async (aborted) => {
      looks += 1;
      return (await compareLedger(source, sink, aborted)).kind === 'continued';
    });
    const server = await aServer();
    const row = await approved(place, server, ASKED);
    await waitFor(() => looks > 0, { description: 'the executor to look at the ledger' });
    expect((await rowOf(row)).phase).toBe('Approved');
    await isUntouched(server);
    await sink.restart(here, () => Promise.resolve([]), signal);
    await changed(server);
    await say(place, server.metadata.name, { status: 'True', reason: 'Verified' });
    await reaches(row, 'Executed');
  });
});
