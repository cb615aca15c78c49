/**
 * The command line about approval against a real API server and a real database, with the webhooks and roles of the chart, and people with kubeconfigs
 * of their own.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { statusOf, type ApprovalRow } from '../../approval/index.ts';
import { aRow } from '../../approval/testing/rows.ts';
import { runProgram } from '../../cli/index.ts';
import { startControlPlane, type ControlPlane } from '../../hack/cluster/index.ts';
import { openHistory, openLedger } from '../../operator/open-history.ts';
import type { StoreSettings } from '../../stores/index.ts';
import { decisionsPath, policyManifest, requestManifest, requestsPath, target } from '../harness/approval.ts';
import { kubectl as kubectlWith } from '../harness/kubectl.ts';
import { person, type Person } from '../harness/person.ts';
import { PostgresServer } from '../harness/postgres.ts';
import { applyResourceDefinitions } from '../harness/resource-definitions.ts';
import { APPROVAL_SETTINGS } from '../harness/serve-webhooks.ts';
import { aChange, openStore, type RunningStore } from '../harness/store.ts';
import { bindRole, createUserRoles } from '../harness/user-roles.ts';
import { waitFor } from '../harness/wait.ts';
import { createTestWebhooks, type TestWebhooks } from '../harness/webhooks.ts';

const NAMESPACE = 'team-a';
const MERGE = 'application/merge-patch+json';

let directory: string;
let controlPlane: ControlPlane;
let webhooks: TestWebhooks;
let alice: Person;
let operator: Person;
let postgres: PostgresServer;
let settings: StoreSettings;
let running: RunningStore;

const FENCE = { epoch: 1, writer: 'operator' } as const;

const kubectl = (args: readonly string[], input?: object): Promise<string> =>
  kubectlWith(controlPlane.kubeconfigPath, args, input && JSON.stringify(input));

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'approval-cli-'));
  postgres = await PostgresServer.start('18');
  settings = await postgres.createDatabase();
  running = await openStore(settings);
  controlPlane = await startControlPlane({ directory: join(directory, 'cluster') });
  const { kubeconfigPath } = controlPlane;
  await applyResourceDefinitions(kubeconfigPath);
  await kubectl(['create', 'namespace', NAMESPACE]);
  await createUserRoles(kubeconfigPath);
  for (const [user, role] of [
    ['alice', 'edit'],
    ['alice', 'mcp-operator-approver'],
    ['carol', 'mcp-operator-approver'],
    ['dave', 'mcp-operator-requester'],
  ] as const)
    await bindRole(kubeconfigPath, user, role, NAMESPACE);
  for (const user of [APPROVAL_SETTINGS.operator, 'root'])
    await bindRole(kubeconfigPath, user, 'cluster-admin');
  webhooks = await createTestWebhooks(kubeconfigPath, {
    recordRefusal: (attempt) => running.store.recordRefusal(attempt),
  });
  await webhooks.start();
  await webhooks.configure();
  alice = await person(kubeconfigPath, 'alice');
  operator = await person(kubeconfigPath, APPROVAL_SETTINGS.operator);
  await kubectl(['create', '-f', '-'], policyManifest('prod'));
  await waitFor(
    async () => {
      const path = `${requestsPath(NAMESPACE)}?dryRun=All`;
      return (await alice.request('POST', path, requestManifest('probe'))).code === 201;
    },
    { description: 'roles to be aggregated' },
  );
});

afterAll(async () => {
  await alice.close();
  await operator.close();
  await webhooks.close();
  await controlPlane.stop();
  await running.store.close();
  await postgres.stop();
  await rm(directory, { recursive: true, force: true });
});

/** Alice asks, and the operator has derived what would be done. */
async function opened(name: string): Promise<ApprovalRow> {
  const { code, body } = await alice.request('POST', requestsPath(NAMESPACE), requestManifest(name));
  expect(code, JSON.stringify(body)).toBe(201);
  const { uid } = body['metadata'] as { uid: string };
  const action = {
    kind: 'Remediate' as const,
    // A boundary: the harness writes manifests.
    target: target() as ApprovalRow['action']['target'],
    parameters: { check: 'MCP-W06' },
  };
  const requestedBy = { person: 'alice', username: 'alice', uid: '' };
  const pending = aRow(
    { action, requestUid: uid, namespace: NAMESPACE, requestedBy, initiators: [] },
    { name },
  );
  const { version: _version, ledgerSeq: _seq, ...facts } = pending;
  const row = await running.store.openRequest(
    { ...facts, derived: { ...facts.derived, expiresAt: '2099-01-01T00:00:00.000Z' } },
    { event: 'Opened', person: 'alice', details: { digest: facts.derived.digest } },
    [],
    FENCE,
  );
  await project(row, {});
  return row;
}

async function project(row: ApprovalRow, change: object): Promise<void> {
  const path = `${requestsPath(NAMESPACE)}/${row.name}/status`;
  const reply = await operator.request('PATCH', path, { status: { ...statusOf(row, 1), ...change } }, MERGE);
  expect(reply.code, JSON.stringify(reply.body)).toBe(200);
}

interface Ended {
  readonly code: number;
  readonly results: string;
  readonly notes: string;
}

/** Where the database is, as flags say it. */
function storeFlags(): readonly string[] {
  const { port, database, user } = settings;
  return [
    `--store-url=postgres://127.0.0.1:${port}/${database}`,
    `--store-user=${user}`,
    '--store-tls=disable',
  ];
}

async function kiloMcp(user: string, ...argv: readonly string[]): Promise<Ended> {
  const kubeconfig = await controlPlane.kubeconfigFor({ user });
  return program(...argv, '-n', NAMESPACE, '--kubeconfig', kubeconfig);
}

async function program(...argv: readonly string[]): Promise<Ended> {
  const [results, notes]: [string[], string[]] = [[], []];
  const code = await runProgram(argv, {
    version: '1.2.3',
    roles: [],
    environment: {},
    output: { result: (text) => void results.push(text), note: (text) => void notes.push(text) },
    openLedger,
    openHistory: ({ configFile }) => openHistory(configFile),
  });
  return { code, results: results.join('\n'), notes: notes.join('\n') };
}

const decide = (user: string, verb: string, row: ApprovalRow, ...more: readonly string[]): Promise<Ended> =>
  kiloMcp(user, verb, row.name, '--yes', ...more);

const decisionsOn = async ({ requestUid }: ApprovalRow) => {
  const { body } = await operator.request('GET', decisionsPath(NAMESPACE));
  const items = body['items'] as readonly {
    metadata: { name: string };
    spec: {
      requestRef: { uid: string };
      verb: string;
      digest: string;
      reason: string;
      decidedBy: { username: string };
    };
  }[];
  return items.filter(({ spec }) => spec.requestRef.uid === requestUid);
};

describe('a decision by the command line', () => {
  it('is made as the person of the kubeconfig, on the digest that was shown, once', async () => {
    const row = await opened('decided');
    const first = await decide('carol', 'approve', row, '--reason', 'reviewed');
    expect(first, first.notes).toMatchObject({ code: 0 });
    expect(await decisionsOn(row)).toMatchObject([
      {
        metadata: { name: expect.stringMatching(/^approve-[0-9a-f]{32}$/) as string },
        spec: {
          verb: 'approve',
          digest: row.derived.digest,
          reason: 'reviewed',
          decidedBy: { username: 'carol' },
        },
      },
    ]);
    const second = await decide('carol', 'approve', row);
    expect(second).toMatchObject({ code: 1, results: '' });
    expect(second.notes).toContain('already exists');
    expect(await decisionsOn(row)).toHaveLength(1);
  });

  it.each([
    ['of the requester', 'alice', 'approve', 'because', 'you asked for this'],
    ['without a reason where one is required', 'carol', 'deny', '', 'spec.reason'],
    ['of somebody without the verb', 'carol', 'override', 'because', 'does not hold the verb override'],
  ])('%s is refused, with the reason', async (which, user, verb, reason, words) => {
    const row = await opened(`refused-${which.length}`);
    const ended = await decide(user, verb, row, '--reason', reason);
    expect(ended).toMatchObject({ code: 1, results: '' });
    expect(ended.notes).toContain(words);
    expect(await decisionsOn(row)).toEqual([]);
  });

  it('is not even tried on a status that does not bind what it shows', async () => {
    const row = await opened('forged');
    const { derived } = statusOf(row, 1);
    const patch = { type: 'json-patch', ops: [{ op: 'remove', path: '/spec/suspend' }] };
    await project(row, { derived: { ...derived, patch } });
    const ended = await decide('carol', 'approve', row);
    expect(ended.notes).toContain('decide nothing');
    expect(await decisionsOn(row)).toEqual([]);
  });
});

describe('who-can', () => {
  it('names those who hold the verb by the roles of the chart, and who holds it by a wildcard', async () => {
    const { code, results, notes } = await kiloMcp('root', 'who-can', 'approve', 'prod', '-o', 'json');
    expect(code, notes).toBe(0);
    const holders = JSON.parse(results) as readonly { name: string; role: string; byWildcard: boolean }[];
    const rolesOf = (name: string) => holders.filter((each) => each.name === name);
    expect(rolesOf('carol')).toMatchObject([
      { role: 'ClusterRole/mcp-operator-approver', byWildcard: false },
    ]);
    expect(rolesOf('root')).toMatchObject([{ role: 'ClusterRole/cluster-admin', byWildcard: true }]);
    expect(notes).toContain('ClusterRole/cluster-admin');
    for (const [user, allowed] of [
      ['carol', 'yes'],
      ['bob', 'no'],
    ] as const)
      expect(
        (
          await kubectl([
            'auth',
            'can-i',
            'approve',
            'approvalpolicies/prod',
            '-n',
            NAMESPACE,
            '--as',
            user,
          ]).catch(({ message }: Error) => message)
        ).includes(allowed),
      ).toBe(true);
    expect(rolesOf('bob')).toEqual([]);
  });
});

describe('approval', () => {
  it('exports the patch of a request', async () => {
    const row = await opened('exported');
    const { results } = await kiloMcp('carol', 'approval', 'export', row.name, '--format', 'json6902');
    expect(JSON.parse(results)).toContainEqual({ op: 'replace', path: '/spec/replicas', value: 2 });
  });

  it('writes status anew from the store as the operator, and as nobody else', async () => {
    const row = await opened('rebuilt');
    const right = statusOf(row, 1);
    await project(row, { phase: 'Approved', approvals: { ...right.approvals, have: 9 } });
    const argv = ['approval', 'rebuild-status', ...storeFlags()];
    expect(await kiloMcp('carol', ...argv)).toMatchObject({ code: 1 });
    const ended = await kiloMcp(APPROVAL_SETTINGS.operator, ...argv);
    expect(ended, ended.notes).toMatchObject({ code: 0 });
    expect(ended.notes).toContain(`${NAMESPACE}/rebuilt`);
    const { body } = await operator.request('GET', `${requestsPath(NAMESPACE)}/rebuilt`);
    expect(body['status']).toMatchObject({ phase: 'Pending', approvals: right.approvals });
    const again = await kiloMcp(APPROVAL_SETTINGS.operator, ...argv);
    expect(again.results).toMatch(/^0 written/);
  });
});

describe('ledger show', () => {
  const show = (row: ApprovalRow, ...more: readonly string[]): Promise<Ended> =>
    program('ledger', 'show', row.name, '-n', NAMESPACE, ...storeFlags(), ...more);

  it('tells who asked, who was refused, and why, with hashes', async () => {
    const row = await opened('shown');
    await decide('alice', 'approve', row, '--reason', 'because');
    await waitFor(async () => (await show(row)).results.includes('SeparationOfDuties'), {
      description: 'the refusal to be in the ledger',
    });
    const { code, results } = await show(row);
    expect(code).toBe(0);
    const [entries = '', refused = ''] = results.split('\nREFUSED');
    expect(entries).toMatch(/Opened {2}-> Pending {2}by alice\n\s+sha256:[0-9a-f]{64}/);
    expect(refused).toMatch(/ApprovalRefused {2}by alice\n\s+sha256:[0-9a-f]{64}\n\s+verb: "approve"/);
    expect(refused).toContain(`request: "${row.requestUid}"`);
  });

  it('tells of somebody who wanted the request itself, or a decision on it, gone', async () => {
    const row = await opened('wanted-gone');
    expect(await decide('carol', 'approve', row, '--reason', 'reviewed')).toMatchObject({ code: 0 });
    const [decision] = await decisionsOn(row);
    const root = await person(controlPlane.kubeconfigPath, 'root');
    const paths = [
      `${requestsPath(NAMESPACE)}/${row.name}`,
      `${decisionsPath(NAMESPACE)}/${decision?.metadata.name ?? ''}`,
    ];
    for (const path of paths) expect((await root.request('DELETE', path)).code, path).toBe(403);
    await root.close();
    const verbs = async (): Promise<readonly unknown[]> => {
      const shown = JSON.parse((await show(row, '-o', 'json')).results) as {
        readonly refused: {
          readonly entries: readonly { readonly person: string; readonly details: object }[];
        };
      };
      return shown.refused.entries.map(({ person: who, details }) => ({ who, ...details }));
    };
    await waitFor(async () => (await verbs()).length === 2, { description: 'both refusals' });
    expect(await verbs()).toEqual([
      { who: 'root', verb: 'delete', reason: 'Kept', request: row.requestUid },
      { who: 'root', verb: 'deleteDecision', reason: 'Kept', request: row.requestUid },
    ]);
  });

  it('tells who was refused a request that was never opened', async () => {
    const dave = await person(controlPlane.kubeconfigPath, 'dave');
    const { code, body } = await dave.request(
      'POST',
      requestsPath(NAMESPACE),
      requestManifest('never-opened'),
    );
    await dave.close();
    expect(code).toBe(403);
    expect(body['message']).toContain('dave may not update mcpservers/github');
    const shown = () => program('ledger', 'show', 'never-opened', '-n', NAMESPACE, ...storeFlags());
    await waitFor(async () => (await shown()).code === 0, { description: 'the refusal to be in the ledger' });
    const [entries = '', refused = ''] = (await shown()).results.split('\nREFUSED');
    expect(entries).toMatch(/^REQUEST +team-a\/never-opened\n.*\n\nENTRIES\n {2}none/);
    expect(refused).toMatch(/ApprovalRefused {2}by dave\n\s+sha256:[0-9a-f]{64}\n\s+verb: "create"/);
    expect(refused).toContain('reason: "NotAuthorised"');
  });

  it('says what it does not know', async () => {
    const ended = await program('ledger', 'show', 'nobody', '-n', NAMESPACE, ...storeFlags());
    expect(ended).toMatchObject({ code: 2, results: '' });
    expect(ended.notes).toContain('knows no ApprovalRequest nobody');
  });

  it('has a ledger behind it that verifies', async () => {
    const ended = await program('ledger', 'verify', ...storeFlags());
    expect(ended, ended.notes).toMatchObject({ code: 0 });
  });
});

describe('report changes', () => {
  it('lists what was changed without an approval, with who may decide since', async () => {
    const at = new Date().toISOString();
    await running.store.recordChange({ ...aChange('profile-of-report'), at }, FENCE);
    await running.store.recordChange(
      {
        key: 'rbac:uid:1',
        kind: 'ApprovalRoleChanged',
        object: { kind: 'RoleBinding', namespace: NAMESPACE, name: 'approvers', uid: 'uid' },
        changedBy: '',
        summary: 'binds ClusterRole/mcp-operator-approver to 1 user',
        persons: ['carol'],
        at,
      },
      FENCE,
    );
    const { port, database, user } = settings;
    const config = join(directory, 'operator.yaml');
    const store = { mode: 'External', host: '127.0.0.1', port, database, user, tls: { mode: 'disable' } };
    await writeFile(config, JSON.stringify({ store }));
    const { code, results, notes } = await program('report', 'changes', '--period', '1d', '--config', config);
    expect(code, notes).toBe(0);
    expect(results).toContain('ComplianceProfile strict  last changed by alice@example.com');
    expect(results).toMatch(
      /RoleBinding team-a\/approvers {2}last changed by somebody unknown\n {4}binds .* to 1 user\n {4}users: carol\n {4}no approval/,
    );
  });
});
