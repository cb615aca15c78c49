/** The command line about approval against a real API server, with the webhooks and roles of the chart, and people with kubeconfigs of their own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { statusOf, type ApprovalRow } from '../../approval/index.ts';
import { aRow } from '../../approval/testing/rows.ts';
import { runProgram, type OpenedLedger } from '../../cli/index.ts';
import { startControlPlane, type ControlPlane } from '../../hack/cluster/index.ts';
import { decisionsPath, policyManifest, requestManifest, requestsPath, target } from '../harness/approval.ts';
import { render } from '../harness/helm.ts';
import { kubectl as kubectlWith } from '../harness/kubectl.ts';
import { person, type Person } from '../harness/person.ts';
import { applyResourceDefinitions } from '../harness/resource-definitions.ts';
import { APPROVAL_SETTINGS } from '../harness/serve-webhooks.ts';
import { waitFor } from '../harness/wait.ts';
import { createTestWebhooks, type TestWebhooks } from '../harness/webhooks.ts';

const NAMESPACE = 'team-a';
const MERGE = 'application/merge-patch+json';

let directory: string;
let controlPlane: ControlPlane;
let webhooks: TestWebhooks;
let alice: Person;
let operator: Person;
const rows: ApprovalRow[] = [];

const kubectl = (args: readonly string[], input?: object): Promise<string> =>
  kubectlWith(controlPlane.kubeconfigPath, args, input && JSON.stringify(input));

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'approval-cli-'));
  controlPlane = await startControlPlane({ directory: join(directory, 'cluster') });
  const { kubeconfigPath } = controlPlane;
  await applyResourceDefinitions(kubeconfigPath);
  await kubectl(['create', 'namespace', NAMESPACE]);
  const roles = await render({}, '--show-only=templates/rbac-users.yaml');
  await kubectl(['create', '-f', '-'], { apiVersion: 'v1', kind: 'List', items: roles });
  for (const [user, role] of [
    ['alice', 'edit'],
    ['alice', 'mcp-operator-approver'],
    ['carol', 'mcp-operator-approver'],
  ] as const)
    await kubectl([
      'create',
      'rolebinding',
      `${user}-${role}`,
      `--clusterrole=${role}`,
      `--user=${user}`,
      `--namespace=${NAMESPACE}`,
    ]);
  for (const user of [APPROVAL_SETTINGS.operator, 'root'])
    await kubectl([
      'create',
      'clusterrolebinding',
      user.replaceAll(':', '-'),
      '--clusterrole=cluster-admin',
      `--user=${user}`,
    ]);
  webhooks = await createTestWebhooks(kubeconfigPath);
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
  const row = { ...pending, derived: { ...pending.derived, expiresAt: '2099-01-01T00:00:00.000Z' } };
  rows.push(row);
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

const ledger: OpenedLedger = {
  requests: {
    request: (uid) => Promise.resolve(rows.find(({ requestUid }) => requestUid === uid)),
    requestNamed: () => Promise.reject(new Error('not asked')),
    entriesOf: () => Promise.reject(new Error('not asked')),
  },
  verify: () => Promise.reject(new Error('not asked')),
  acknowledge: () => Promise.reject(new Error('not asked')),
  close: () => Promise.resolve(),
};

async function kiloMcp(user: string, ...argv: readonly string[]): Promise<Ended> {
  const [results, notes]: [string[], string[]] = [[], []];
  const kubeconfig = await controlPlane.kubeconfigFor({ user });
  const code = await runProgram([...argv, '-n', NAMESPACE, '--kubeconfig', kubeconfig], {
    version: '1.2.3',
    roles: [],
    environment: {},
    output: { result: (text) => void results.push(text), note: (text) => void notes.push(text) },
    openLedger: () => Promise.resolve(ledger),
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
    const argv = ['approval', 'rebuild-status', '--store-directory', '/unused'];
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
