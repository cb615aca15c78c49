/**
 * The executor on a real API server, with its own identity and no right but its own, and a real PostgreSQL: it does what people approved, once, and
 * puts things back when that did not help; whatever else is wrong, it does nothing, and says so.
 */
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import type { MCPServer } from '../../api/index.ts';
import type { ApprovalRow, Plan } from '../../approval/index.ts';
import { EXECUTOR_PERMISSIONS } from '../../controllers/executor/index.ts';
import { silentLogger, type LogFields, type Logger } from '../../core/logger.ts';
import { CheckpointConfigMap, ledgerOf } from '../../operator/ledger-checkpoints.ts';
import { compareLedger } from '../../stores/index.ts';
import { ExecutorPlace, reasonOf } from '../harness/executor-place.ts';
import { approved, count, createServer, decide, open, say } from '../harness/executor.ts';
import { kubectl } from '../harness/kubectl.ts';
import { waitFor } from '../harness/wait.ts';

const ASKED = { check: 'MCP-W06' };
const kubeconfigPath = inject('kubeconfigPath');
let place: ExecutorPlace;

beforeAll(async () => {
  place = await ExecutorPlace.open(kubeconfigPath, 'executor');
});
afterEach(() => place.stopExecutors());
afterAll(() => place.close());

/** Another request, approved and executed: whatever came before it has been looked at by then. */
async function executesAnother(): Promise<void> {
  const server = await place.aServer();
  const row = await approved(place, server, ASKED);
  await place.saysReady(await place.changed(server));
  await place.reaches(row, 'Executed');
}

/** The request stays approved, and the server as it is, although an executor has looked. */
async function isPassedOver(row: ApprovalRow, server: MCPServer): Promise<void> {
  await executesAnother();
  expect((await place.row(row)).phase).toBe('Approved');
  await place.isUntouched(server);
}

const failsAnother = (plan: Plan): Plan => ({ ...plan, verifyChecks: ['MCP-W06', 'MCP-W07'] });

describe('an approved request', () => {
  it('is executed as it was approved, by the executor, and verified', async () => {
    await place.start();
    const server = await place.aServer();
    const row = await approved(place, server, ASKED);
    const fixed = await place.changed(server);
    expect(fixed.spec.podTemplate?.spec?.containers?.[0]?.securityContext).toEqual({
      readOnlyRootFilesystem: true,
    });
    expect({ ...fixed.spec, podTemplate: server.spec.podTemplate }).toEqual(server.spec);
    const { managedFields } = fixed.metadata as { managedFields?: readonly { readonly manager?: string }[] };
    expect(managedFields?.map(({ manager }) => manager)).toContain('mcp-executor');
    // Not before the operator has seen the change.
    expect((await place.row(row)).phase).toBe('Executing');
    await place.saysReady(server);
    const done = await place.reaches(row, 'Executed');
    expect(done.executedAt).toBeDefined();
    expect(await place.events(row)).toEqual([
      'Opened',
      'DecisionCounted',
      'Approved',
      'Executing',
      'Executed',
    ]);
    expect((await place.now(server)).metadata.generation).toBe(2);
  });

  it('is executed once by two executors that are there at the same time', async () => {
    await place.start();
    await place.start();
    const server = await place.aServer();
    const row = await approved(place, server, ASKED);
    await place.changed(server);
    await place.saysReady(server);
    await place.reaches(row, 'Executed');
    expect((await place.events(row)).filter((event) => event === 'Executing')).toHaveLength(1);
    expect((await place.now(server)).metadata.generation).toBe(2);
  });

  it('is executed once when two people approve at the same time', async () => {
    await place.start();
    const server = await place.aServer();
    const row = await open(place, server, ASKED);
    await Promise.all([decide(place, row, 'ann'), decide(place, row, 'ben')]);
    const counts = await Promise.allSettled([count(place, row), count(place, row)]);
    expect(counts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await place.changed(server);
    await place.saysReady(server);
    await place.reaches(row, 'Executed');
    expect((await place.now(server)).metadata.generation).toBe(2);
  });

  it('is taken back when the checks fail afterwards', async () => {
    await place.start();
    const server = await place.aServer();
    const row = await approved(place, server, { ...ASKED, plan: failsAnother });
    await place.changed(server);
    await place.saysReady(server);
    const done = await place.reaches(row, 'RolledBack');
    expect(reasonOf(done)).toBe('VerificationFailed');
    await place.isUntouched(server);
  });

  it.each([
    ['does not work any more', { status: 'False', reason: 'CrashLooping' }],
    ['does not come up in time', { status: 'False', reason: 'Progressing' }],
  ] as const)('is taken back when the server %s', async (_what, ready) => {
    await place.start();
    const server = await place.aServer();
    const row = await approved(place, server, ASKED);
    await place.changed(server);
    await say(place, server.metadata.name, ready);
    const done = await place.reaches(row, 'RolledBack');
    expect(reasonOf(done)).toBe('NotSettled');
    await place.isUntouched(server);
  });

  it('fails loudly, with the values of before, when they cannot be put back', async () => {
    const other = await place.anAccount('weakening');
    const errors: LogFields[] = [];
    await place.start({ logger: errorsInto(errors) }, other.kubeconfigPath);
    const server = await place.aServer();
    const row = await approved(place, server, ASKED);
    const fixed = await place.changed(server);
    await forbidPatches(`${place.namespace}-weakening`);
    await place.saysBroken(server);
    const done = await place.reaches(row, 'Failed');
    expect(reasonOf(done)).toBe('RollbackFailed');
    expect(done.conditions.at(-1)?.message).toMatch(
      /CrashLooping.*could not be put back.*cannot patch resource/,
    );
    expect(done.preImage?.values).toEqual({
      '/spec/podTemplate/spec/containers/0/securityContext/readOnlyRootFilesystem': false,
    });
    expect((await place.now(server)).spec).toEqual(fixed.spec);
    // In the ledger, in the log, and on its way to whoever is told.
    expect((await place.events(row)).slice(-2)).toEqual(['RollingBack', 'Failed']);
    expect(errors).toEqual([expect.objectContaining({ phase: 'Failed', reason: 'RollbackFailed' })]);
    expect(await place.messages(row)).toContainEqual(
      expect.objectContaining({ phase: 'Failed', reason: 'RollbackFailed' }),
    );
    await other.remove();
  });

  it('ends when its target is deleted while it is executed', async () => {
    await place.start();
    const server = await place.aServer();
    const row = await approved(place, server, ASKED);
    await place.changed(server);
    await place.run('delete', 'mcpserver', server.metadata.name);
    expect(reasonOf(await place.reaches(row, 'Failed'))).toBe('TargetGone');
  });

  it('ends, and writes over nothing, when somebody edits its target while it is executed', async () => {
    await place.start();
    const server = await place.aServer();
    const row = await approved(place, server, ASKED);
    await place.changed(server);
    await place.run(
      'patch',
      'mcpserver',
      server.metadata.name,
      '--type=merge',
      '--patch={"spec":{"replicas":2}}',
    );
    expect(reasonOf(await place.reaches(row, 'Failed'))).toBe('TargetUnrecognised');
    expect((await place.now(server)).spec.replicas).toBe(2);
    expect((await place.now(server)).metadata.generation).toBe(3);
  });

  it('waits while a freeze is on, and does not once somebody has overridden that', async () => {
    await place.start();
    const server = await place.aServer();
    const policy = { freeze: [{ schedule: '* * * * *', timeZone: 'UTC', duration: '1h' }] };
    const row = await approved(place, server, { ...ASKED, policy });
    await isPassedOver(row, server);
    await decide(place, row, 'cat', 'override');
    await count(place, await place.row(row));
    await place.changed(server);
    await place.saysReady(server);
    await place.reaches(row, 'Executed');
  });
});

/** A logger that keeps what is an error. */
function errorsInto(errors: LogFields[]): Logger {
  const logger: Logger = {
    ...silentLogger,
    error: (_message, fields = {}) => void errors.push(fields),
    child: () => logger,
  };
  return logger;
}

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
  const who = `--as=system:serviceaccount:${place.namespace}:${role.slice(place.namespace.length + 1)}`;
  await waitFor(
    async () =>
      (
        await place.run('auth', 'can-i', 'patch', 'mcpservers', who).catch((error: unknown) => String(error))
      ).includes('no'),
    {
      description: 'the right to patch to be gone',
    },
  );
}

describe('nothing is changed', () => {
  it('without the right to patch', async () => {
    const other = await place.anAccount(
      'powerless',
      EXECUTOR_PERMISSIONS.map((permission) => ({
        ...permission,
        verbs: permission.verbs.filter((verb) => verb !== 'patch'),
      })).filter(({ verbs }) => verbs.length > 0),
    );
    await place.start({}, other.kubeconfigPath);
    const server = await place.aServer();
    const done = await place.reaches(await approved(place, server, ASKED), 'Failed');
    expect(reasonOf(done)).toBe('NotPermitted');
    await place.isUntouched(server);
    await other.remove();
  });

  it('when the patch no longer applies', async () => {
    await place.start();
    const server = await place.aServer();
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
    const done = await place.reaches(await approved(place, server, { ...ASKED, plan }), 'Failed');
    expect(reasonOf(done)).toBe('PatchRefused');
    await place.isUntouched(server);
  });

  it('that no plan changes, whoever approved it', async () => {
    await place.start();
    const server = await place.aServer();
    const plan = (computed: Plan): Plan => ({
      ...computed,
      effect: {
        kind: 'Patch',
        operations: [{ op: 'replace', path: '/spec/source/image/ref', value: 'example.com/evil:1' }],
      },
    });
    const done = await place.reaches(await approved(place, server, { ...ASKED, plan }), 'Failed');
    expect(reasonOf(done)).toBe('NotPermitted');
    await place.isUntouched(server);
  });

  it('that Git took over since it was approved', async () => {
    const server = await place.aServer();
    const row = await approved(place, server, ASKED);
    await place.run(
      'annotate',
      'mcpserver',
      server.metadata.name,
      'argocd.argoproj.io/tracking-id=app:mcp.kilocode.ai/MCPServer:team-a/github',
    );
    await place.start();
    const done = await place.reaches(row, 'Failed');
    expect(reasonOf(done)).toBe('OwnedByGit');
    await place.isUntouched(server);
  });

  it('when the target was edited', async () => {
    const server = await place.aServer();
    const row = await approved(place, server, ASKED);
    await place.run(
      'patch',
      'mcpserver',
      server.metadata.name,
      '--type=merge',
      '--patch={"spec":{"replicas":2}}',
    );
    await place.start();
    await executesAnother();
    expect((await place.row(row)).phase).toBe('Approved');
    expect((await place.now(server)).metadata.generation).toBe(2);
  });

  it('when the target was deleted, or made anew', async () => {
    const server = await place.aServer();
    const row = await approved(place, server, ASKED);
    await place.run('delete', 'mcpserver', server.metadata.name);
    const another = await createServer(place, server.metadata.name, { podTemplate: server.spec.podTemplate });
    await place.start();
    await isPassedOver(row, another);
  });

  it('when the time to execute is over', async () => {
    const server = await place.aServer();
    const policy = { ttl: { approval: '1h', execution: '1s' } };
    const row = await approved(place, server, { ...ASKED, policy });
    await waitFor(() => Date.now() >= Date.parse(row.executeBefore ?? ''), {
      description: 'the time to be over',
    });
    await place.start();
    await isPassedOver(row, server);
    const over = await count(place, await place.row(row));
    expect([over.phase, reasonOf(over)]).toEqual(['Expired', 'NotExecuted']);
  });

  it('for a row that says Approved, and nobody approved', async () => {
    const server = await place.aServer();
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
    await place.start();
    await isPassedOver(row, server);
  });

  it('for a row that says Executing, and nobody approved', async () => {
    const server = await place.aServer();
    const row = await open(place, server, ASKED);
    const forged: ApprovalRow = { ...row, phase: 'Executing', waiting: '' };
    await place.store.advanceRequest(forged, [{ event: 'Executing', person: '', details: {} }], [], {
      epoch: 1,
      writer: 'operator',
    });
    await place.start();
    expect(reasonOf(await place.reaches(row, 'Failed'))).toBe('NotPermitted');
    await place.isUntouched(server);
  });

  it('when an approver has lost the right to approve', async () => {
    await place.grant('for-a-while', ['zoe']);
    const server = await place.aServer();
    const row = await open(place, server, ASKED);
    await decide(place, row, 'zoe');
    const ready = await count(place, row);
    expect(ready.phase).toBe('Approved');
    await place.run('delete', 'rolebinding', 'for-a-while');
    await waitFor(
      async () =>
        (
          await place
            .run('auth', 'can-i', 'approve', `approvalpolicies/${place.namespace}`, '--as=zoe')
            .catch((error: unknown) => String(error))
        ).includes('no'),
      {
        description: 'the right to be gone',
      },
    );
    await place.start();
    await isPassedOver(row, server);
  });

  it('for a request that somebody denies before it begins', async () => {
    const server = await place.aServer();
    const row = await approved(place, server, ASKED);
    await decide(place, row, 'cat', 'deny');
    await place.start();
    // The executor does not wait for the operator to see the denial.
    await isPassedOver(row, server);
    expect(await count(place, await place.row(row))).toMatchObject({ phase: 'Denied' });
  });

  it('by a database that is older than what is known of it outside, until that is acknowledged', async () => {
    const source = ledgerOf(place.store);
    const sink = new CheckpointConfigMap(place.client, place.namespace);
    const { signal } = new AbortController();
    const here = await source.place();
    if (here === undefined) throw new Error('the ledger is empty');
    // What this database will never have: it was restored from before.
    await sink.write({ ...here, seq: here.seq + 1_000_000, hash: 'f'.repeat(64) }, signal);
    let looks = 0;
    await place.start({
      isLedgerContinued: async (aborted) => {
        looks += 1;
        return (await compareLedger(source, sink, aborted)).kind === 'continued';
      },
    });
    const server = await place.aServer();
    const row = await approved(place, server, ASKED);
    await waitFor(() => looks > 0, { description: 'the executor to look at the ledger' });
    expect((await place.row(row)).phase).toBe('Approved');
    await place.isUntouched(server);
    await sink.restart(here, () => Promise.resolve([]), signal);
    await place.changed(server);
    await place.saysReady(server);
    await place.reaches(row, 'Executed');
  });
});
