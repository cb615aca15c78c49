/**
 * `kilo-mcp executor` as a process of its own, with exactly the rights that the chart gives it, behind the chart's admission policies, on a real
 * PostgreSQL: what was approved is done, once, also when the process is killed while it is at it.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MCPServer } from '../../api/index.ts';
import {
  opening,
  planRemediation,
  policySnapshot,
  transition,
  type ApprovalFence,
  type ApprovalRow,
} from '../../approval/index.ts';
import { startControlPlane, type ControlPlane } from '../../hack/cluster/index.ts';
import { DEFAULT_RENDER_SETTINGS } from '../../render/index.ts';
import type { StoreSettings } from '../../stores/index.ts';
import { startOperator, type OperatorProcess } from '../faults/process/index.ts';
import { CHART, helm } from '../harness/helm.ts';
import { kubectl as kubectlWith } from '../harness/kubectl.ts';
import { mcpServerManifest } from '../harness/mcp-server.ts';
import { PostgresServer } from '../harness/postgres.ts';
import { openStore, type RunningStore } from '../harness/store.ts';
import { waitFor } from '../harness/wait.ts';

const NAMESPACE = 'mcp-system';
const TEAM = 'team-a';
const ACCOUNT = 'mcp-operator-executor';
const PROGRAM = [fileURLToPath(new URL('../../operator/main.ts', import.meta.url)), 'executor'];
const VIOLATING = {
  source: { image: { ref: 'example.com/server:1' } },
  podTemplate: {
    spec: { containers: [{ name: 'server', securityContext: { allowPrivilegeEscalation: true } }] },
  },
};
/** Two waits of a minute each, and a Lease that must run out after a kill. */
const TIMEOUT_MS = 180_000;
/** What the operator writes by: nobody contests it here. */
const FENCE: ApprovalFence = { epoch: 0, writer: 'operator' };

let directory: string;
let controlPlane: ControlPlane;
let postgres: PostgresServer;
let database: StoreSettings;
let running: RunningStore;
const processes: OperatorProcess[] = [];

const kubectl = (args: readonly string[], input?: object): Promise<string> =>
  kubectlWith(controlPlane.kubeconfigPath, args, input && JSON.stringify(input));

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'executor-process-'));
  controlPlane = await startControlPlane({ directory: join(directory, 'cluster') });
  postgres = await PostgresServer.start('18');
  database = await postgres.createDatabase();
  running = await openStore(database);
  await kubectl(['create', 'namespace', TEAM]);
  await install();
});

afterAll(async () => {
  for (const process of processes) await process.kill();
  await running.store.close();
  await postgres.stop();
  await controlPlane.stop();
  await rm(directory, { recursive: true, force: true });
});

/** The chart without webhooks, which nobody would answer here: policies and rights are what this is about. */
async function install(): Promise<void> {
  const where = [`--namespace=${NAMESPACE}`, `--kubeconfig=${controlPlane.kubeconfigPath}`];
  await helm(['install', 'mcp-operator', CHART, '--create-namespace', ...where], {
    webhook: { enabled: false },
    store: { mode: 'External', external: { host: 'db', secretName: 'db' } },
  });
}

/** The configuration of the release, with the database of this test. */
async function configFile(): Promise<string> {
  const path = `--output=jsonpath={.data['config\\.yaml']}`;
  const text = await kubectl(['get', 'configmap/mcp-operator', `--namespace=${NAMESPACE}`, path]);
  const { host, port, database: name, user, tls } = database;
  const store = { mode: 'External', host, port, database: name, user, tls };
  const file = join(directory, 'config.yaml');
  await writeFile(file, stringify({ ...(parse(text) as object), store }));
  return file;
}

async function startExecutor(): Promise<OperatorProcess> {
  const kubeconfigPath = await controlPlane.kubeconfigFor({
    user: `system:serviceaccount:${NAMESPACE}:${ACCOUNT}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${NAMESPACE}`, 'system:authenticated'],
  });
  const flags = [`--config=${await configFile()}`];
  const env = { POD_NAMESPACE: NAMESPACE, POD_SERVICE_ACCOUNT: ACCOUNT };
  const started = await startOperator({ kubeconfigPath, flags, env, program: PROGRAM });
  processes.push(started);
  await started.ready();
  return started;
}

async function serverOf(name: string): Promise<MCPServer> {
  const where = [`--namespace=${TEAM}`, '--output=json', '--show-managed-fields'];
  // A boundary: what the API server returned.
  return JSON.parse(await kubectl(['get', 'mcpserver', name, ...where])) as MCPServer;
}

/** As the operator says that it has seen a generation. */
async function observe(name: string): Promise<void> {
  const { metadata } = await serverOf(name);
  const patch = JSON.stringify({ status: { observedGeneration: metadata.generation } });
  const how = ['--subresource=status', '--type=merge', `--patch=${patch}`];
  await kubectl(['patch', 'mcpserver', name, `--namespace=${TEAM}`, ...how]);
}

/** A request to repair MCP-W02, which policies let run without a human: the store has it as Approved. */
async function approved(name: string): Promise<ApprovalRow> {
  await kubectl(['create', `--namespace=${TEAM}`, '-f', '-'], mcpServerManifest(VIOLATING, { name }));
  await observe(name);
  const server = await serverOf(name);
  const namespace = { name: TEAM, labels: {} };
  const settings = DEFAULT_RENDER_SETTINGS;
  const planned = planRemediation('MCP-W02', { server, namespace, settings, managers: [] });
  if (planned.kind !== 'planned') throw new Error(planned.message);
  const { uid = '', generation = 0 } = server.metadata;
  const requestedBy = { person: 'alice', username: 'alice', uid: '' };
  const now = new Date();
  const { row, event, messages } = opening(
    {
      requestUid: `request-of-${name}`,
      namespace: TEAM,
      name: `remediate-${name}`,
      createdAt: now.toISOString(),
      action: {
        kind: 'Remediate',
        target: { apiVersion: 'mcp.kilocode.ai/v1alpha1', kind: 'MCPServer', name, uid, generation },
        parameters: { check: 'MCP-W02' },
      },
      plan: planned.plan,
      requestedBy,
      initiators: [],
      unknownInitiators: false,
      policy: policySnapshot([AUTOMATIC], {
        action: { kind: 'Remediate' },
        risk: planned.plan.risk,
        namespaceLabels: {},
      }),
      attempt: 1,
    },
    now,
  );
  const opened = await running.store.openRequest(row, event, messages, FENCE);
  const next = transition(
    opened,
    { request: 'live', decisions: [], target: { uid, generation }, isNewest: true },
    now,
  );
  if (next?.row.phase !== 'Approved') throw new Error(`it is ${next?.row.phase}`);
  return running.store.advanceRequest(next.row, next.events, next.messages, FENCE);
}

const AUTOMATIC: Parameters<typeof policySnapshot>[0][number] = {
  metadata: { name: 'auto', uid: 'uid-of-auto', generation: 1 },
  spec: {
    namespaceSelector: {},
    match: { actionKinds: ['Remediate'], minRisk: 'low' },
    auto: { actionKinds: ['Remediate'], maxRisk: 'high' },
    quorum: { approvals: 1, denials: 1 },
    separationOfDuties: true,
    requireReason: { approve: false, deny: true, override: true },
    ttl: { approval: '24h', execution: '1h' },
  },
};

const phaseOf = async ({ requestUid }: ApprovalRow): Promise<string | undefined> =>
  (await running.store.request(requestUid))?.phase;

async function until(row: ApprovalRow, phase: string): Promise<void> {
  await waitFor(async () => (await phaseOf(row)) === phase, {
    deadlineMs: 60_000,
    description: `${row.name} to be ${phase}`,
  });
}

async function untilPatched(name: string): Promise<void> {
  await waitFor(async () => (await serverOf(name)).metadata.generation === 2, {
    deadlineMs: 60_000,
    description: `${name} to be changed`,
  });
}

const eventsOf = async ({ requestUid }: ApprovalRow): Promise<readonly string[]> =>
  (await running.store.entriesOf(requestUid)).map(({ event }) => event);

describe('the executor process with the rights of the chart', { timeout: TIMEOUT_MS }, () => {
  it('makes an approved change, waits for the operator, looks whether it helped, and is forbidden nothing', async () => {
    const executor = await startExecutor();
    const row = await approved('github');
    await untilPatched('github');
    expect(await phaseOf(row)).toBe('Executing');
    const patched = await serverOf('github');
    const [container] = patched.spec.podTemplate?.spec?.containers ?? [];
    expect(container?.securityContext).toMatchObject({ allowPrivilegeEscalation: false });
    const { managedFields = [] } = patched.metadata as { managedFields?: { manager?: string }[] };
    expect(managedFields.map(({ manager }) => manager)).toContain('mcp-executor');

    await observe('github');
    await until(row, 'Executed');
    expect(await eventsOf(row)).toEqual(['Opened', 'Approved', 'Executing', 'Executed']);
    expect((await serverOf('github')).metadata.generation).toBe(2);
    await kubectl(['get', 'lease/mcp-executor', `--namespace=${NAMESPACE}`]);
    expect(executor.lines.filter((line) => /forbidden/i.test(line))).toEqual([]);
  });

  it('goes on where a killed one left, and changes nothing twice', async () => {
    const [first] = processes;
    const row = await approved('gitlab');
    await untilPatched('gitlab');
    await first?.kill();
    await startExecutor();
    await observe('gitlab');
    await until(row, 'Executed');
    expect(await eventsOf(row)).toEqual(['Opened', 'Approved', 'Executing', 'Executed']);
    expect((await serverOf('gitlab')).metadata.generation).toBe(2);
  });

  it('says NotPermitted when its right to change servers was taken, and leaves the server alone', async () => {
    const rule = await kubectl(['get', `clusterrole/${ACCOUNT}`, '--output=json']);
    const role = JSON.parse(rule) as { rules: { resources: string[]; verbs: string[] }[] };
    const index = role.rules.findIndex(({ resources }) => resources.includes('mcpservers'));
    const patch = JSON.stringify([{ op: 'replace', path: `/rules/${index}/verbs`, value: ['get'] }]);
    await kubectl(['patch', `clusterrole/${ACCOUNT}`, '--type=json', `--patch=${patch}`]);
    const row = await approved('weather');
    await until(row, 'Failed');
    const { conditions = [] } = (await running.store.request(row.requestUid)) ?? {};
    expect(conditions.at(-1)).toMatchObject({ type: 'Failed', reason: 'NotPermitted' });
    expect((await serverOf('weather')).metadata.generation).toBe(1);
  });
});
