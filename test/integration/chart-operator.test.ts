/**
 * The operator with exactly what the chart gives it: its ServiceAccount's rights and its configuration file. Whatever it needs
 * and the chart forgets shows here as "forbidden".
 */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startControlPlane, type ControlPlane } from '../../hack/cluster/index.ts';
import { freePorts } from '../../hack/cluster/ports.ts';
import { runHealthCheck } from '../charts/lua.ts';
import { startOperator, type OperatorProcess } from '../faults/process/index.ts';
import { CHART, find, helm, render } from '../harness/helm.ts';
import { kubectl as kubectlWith } from '../harness/kubectl.ts';
import { leadWebhooks } from '../harness/lead-webhooks.ts';
import { mcpServerManifest } from '../harness/mcp-server.ts';
import { waitFor } from '../harness/wait.ts';

const NAMESPACE = 'mcp-system';
const HOST = '127.0.0.1';
const CHILDREN = 'serviceaccount,networkpolicy,service,deployment,poddisruptionbudget';
const HEALTH_CHECK = readFileSync(
  fileURLToPath(new URL('../../charts/mcp-operator/files/argo-cd/mcp-server.lua', import.meta.url)),
  'utf8',
);

let directory: string;
let controlPlane: ControlPlane;
let operator: OperatorProcess;

const kubectl = (args: readonly string[], input?: string): Promise<string> =>
  kubectlWith(controlPlane.kubeconfigPath, args, input);

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chart-operator-'));
  controlPlane = await startControlPlane({ directory: join(directory, 'cluster') });
  for (const team of ['team-a', 'team-b']) await kubectl(['create', 'namespace', team]);
  operator = await runInstalled({});
});

afterAll(async () => {
  // Absent where it did not start: the control plane has to go all the same.
  await (operator as OperatorProcess | undefined)?.terminate();
  await controlPlane.stop();
  await rm(directory, { recursive: true, force: true });
});

/** Installs or upgrades the chart, and runs the operator here instead of in its pods, which no node would run. */
async function runInstalled(values: object): Promise<OperatorProcess> {
  const where = [`--namespace=${NAMESPACE}`, `--kubeconfig=${controlPlane.kubeconfigPath}`];
  await helm(['upgrade', 'mcp-operator', CHART, '--install', '--create-namespace', ...where], values);
  const config = join(directory, 'config.yaml');
  const path = `--output=jsonpath={.data['config\\.yaml']}`;
  await writeFile(config, await kubectl(['get', 'configmap/mcp-operator', `--namespace=${NAMESPACE}`, path]));
  const kubeconfigPath = await controlPlane.kubeconfigFor({
    user: `system:serviceaccount:${NAMESPACE}:mcp-operator`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${NAMESPACE}`, 'system:authenticated'],
  });
  const [port = 0] = await freePorts(HOST, 1);
  const flags = [`--config=${config}`, `--webhook-bind-address=${HOST}:${port}`];
  const started = await startOperator({ kubeconfigPath, flags, env: { POD_NAMESPACE: NAMESPACE } });
  await started.ready();
  await leadWebhooks(controlPlane.kubeconfigPath, NAMESPACE, port, 'team-b');
  return started;
}

const create = (
  namespace: string,
  spec: object,
  name: string,
  ...flags: readonly string[]
): Promise<string> =>
  kubectl(
    ['create', `--namespace=${namespace}`, ...flags, '-f', '-'],
    JSON.stringify(mcpServerManifest(spec, { name })),
  );

async function childrenOf(namespace: string, name: string): Promise<string[]> {
  const selector = `--selector=mcp.kilocode.ai/server=${name}`;
  const output = await kubectl(['get', CHILDREN, selector, `--namespace=${namespace}`, '--output=name']);
  return output.split('\n').filter((line) => line !== '');
}

/** The server as the API server returns it, once its Ready has one of these reasons. */
async function serverWithReady(namespace: string, name: string, reasons: readonly string[]): Promise<object> {
  return waitFor(
    async () => {
      const text = await kubectl(['get', 'mcpserver', name, `--namespace=${namespace}`, '--output=json']);
      const server = JSON.parse(text) as { status?: { conditions?: { type: string; reason: string }[] } };
      const ready = server.status?.conditions?.find(({ type }) => type === 'Ready');
      return ready !== undefined && reasons.includes(ready.reason) && server;
    },
    { description: `Ready of ${namespace}/${name} to be ${reasons.join(' or ')}` },
  );
}

const image = { source: { image: { ref: 'example.com/server:1' } } };
const forbidden = ({ lines }: OperatorProcess): string[] => lines.filter((line) => /forbidden/i.test(line));

describe('the operator with the rights of the chart', () => {
  it('does its whole work in every namespace, and is forbidden nothing', async () => {
    await create('team-a', { ...image, replicas: 2 }, 'whole');
    await waitFor(async () => (await childrenOf('team-a', 'whole')).length === 5, {
      description: 'five children',
    });
    const server = await serverWithReady('team-a', 'whole', [
      'Progressing',
      'RolloutInProgress',
      'Unschedulable',
    ]);
    expect((await runHealthCheck(HEALTH_CHECK, server)).status).toBe('Progressing');

    // One replica needs no PodDisruptionBudget: a deletion. A deleted child and a foreign sidecar: a creation and a patch.
    await kubectl(['scale', 'mcpserver/whole', '--replicas=1', '--namespace=team-a']);
    await kubectl(['delete', 'service/mcp-whole', '--namespace=team-a']);
    await kubectl([
      'label',
      'deployment/mcp-whole',
      'mcp.kilocode.ai/server=stolen',
      '--overwrite',
      '--namespace=team-a',
    ]);
    await waitFor(async () => (await childrenOf('team-a', 'whole')).length === 4, {
      description: 'four children',
    });

    await kubectl([
      'patch',
      'mcpserver/whole',
      '--namespace=team-a',
      '--type=merge',
      '--patch={"spec":{"suspend":true}}',
    ]);
    const suspended = await serverWithReady('team-a', 'whole', ['Suspended']);
    expect((await runHealthCheck(HEALTH_CHECK, suspended)).status).toBe('Suspended');

    expect(await kubectl(['get', 'lease', `--namespace=${NAMESPACE}`, '--output=name'])).toContain('lease');

    await kubectl(['delete', 'mcpserver/whole', '--namespace=team-a']);
    await waitFor(async () => (await childrenOf('team-a', 'whole')).length === 0, {
      // The garbage collector looks for kinds that it does not know yet, such as ours, every 30 s.
      deadlineMs: 60_000,
      description: 'no children',
    });
    expect(forbidden(operator)).toEqual([]);
  });

  it('begins with a policy, and judges by it what is there', async () => {
    const policy = async (): Promise<string> =>
      kubectl([
        'get',
        'mcpsecuritypolicy/default',
        '--output=jsonpath={.status.matchedServers} {.status.violations}',
      ]);
    await create('team-a', image, 'judged');
    await waitFor(async () => /^[1-9]\d* 0$/.test(await policy()), {
      description: 'the server to be judged',
    });
    const marker = [
      'get',
      'configmap/mcp-operator-default-policy',
      `--namespace=${NAMESPACE}`,
      '--output=name',
    ];
    expect(await kubectl(marker)).toContain('configmap/');
    expect(forbidden(operator)).toEqual([]);
  });

  it('serves every metric that the alerts ask for', async () => {
    await create('team-a', image, 'measured');
    await serverWithReady('team-a', 'measured', ['Progressing', 'RolloutInProgress', 'Unschedulable']);
    const rule = JSON.stringify(
      find(await render({ metrics: { prometheusRule: { enabled: true } } }), 'PrometheusRule'),
    );
    const asked = [...rule.matchAll(/([a-z_]+)\{/g)].map(([, name]) => name ?? '');
    const served = await operator.metrics();
    expect(asked.length).toBeGreaterThan(3);
    // Without a store no check has a verdict: those are registered, and have no series.
    const isServed = (name: string): boolean =>
      name.startsWith('mcp_compliance_')
        ? served.includes(`# TYPE ${name} `)
        : served.includes(`\n${name}{`) || served.includes(`\n${name} `);
    expect(asked.filter((name) => !isServed(name))).toEqual([]);
  });

  it('tells how to grant what it may not read', async () => {
    const headersFrom = [{ name: 'Authorization', secretKeyRef: { name: 'token', key: 'header' } }];
    await create(
      'team-a',
      { source: { remote: { url: 'https://mcp.example.invalid/mcp', headersFrom } } },
      'secretive',
    );
    const server = JSON.stringify(await serverWithReady('team-a', 'secretive', ['NoSecretAccess']));
    expect((await runHealthCheck(HEALTH_CHECK, JSON.parse(server))).status).toBe('Degraded');
    const command = /kubectl (create rolebinding [^"\\]*?--serviceaccount=\S+?:[a-z-]+)/.exec(server)?.[1];
    await kubectl((command ?? '').split(' '));
    await serverWithReady('team-a', 'secretive', ['ReferenceNotFound']);
    const events = ['get', 'events.events.k8s.io', '--namespace=team-a', '--output=jsonpath={..reason}'];
    await waitFor(async () => (await kubectl(events)).includes('NoSecretAccess'), {
      description: 'the event',
    });
  });

  it('does not start with a range that is none, though the schema of the chart lets it pass', async () => {
    const path = join(directory, 'wrong.yaml');
    await writeFile(path, 'probe: {refusedCIDRs: [10.0.0.0/99]}');
    const { kubeconfigPath } = controlPlane;
    const wrong = await startOperator({ kubeconfigPath, flags: [`--config=${path}`] });
    expect(await wrong.exited).toEqual({ code: 2, signal: null });
    expect(wrong.lines.join()).toContain('"10.0.0.0/99" is neither an IP address nor a CIDR range');
  });

  it('serves only the namespaces that it was given, with Roles in these', async () => {
    await operator.terminate();
    operator = await runInstalled({ watchNamespaces: ['team-b'] });
    await create('team-b', image, 'served');
    await create('team-a', image, 'ignored');
    await waitFor(async () => (await childrenOf('team-b', 'served')).length === 4, {
      description: 'four children',
    });
    expect(await childrenOf('team-a', 'ignored')).toEqual([]);
    expect(forbidden(operator)).toEqual([]);
  });
});
