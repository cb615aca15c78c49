/**
 * The life of an installation, on a control plane of its own since it changes objects of the whole cluster: install, upgrade with
 * a newer CustomResourceDefinition, uninstall, install again. And the rights that the operator has while it is there.
 */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuthorizationV1Api } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startControlPlane, type ControlPlane } from '../../hack/cluster/index.ts';
import { CHART, helm } from '../harness/helm.ts';
import { loadKubeConfig } from '../harness/kubeconfig.ts';
import { kubectl as kubectlWith } from '../harness/kubectl.ts';
import { waitFor } from '../harness/wait.ts';

const NAMESPACE = 'mcp-system';
const OPERATOR = `system:serviceaccount:${NAMESPACE}:mcp-operator`;
const CERTIFICATES = 'mcp-operator-webhook-certificates';
const CRD = 'customresourcedefinition/mcpservers.mcp.kilocode.ai';
const ADMISSION =
  'validatingadmissionpolicy,validatingadmissionpolicybinding,mutatingwebhookconfiguration,validatingwebhookconfiguration';
const SUSPEND = '{.spec.versions[0].schema.openAPIV3Schema.properties.spec.properties.suspend.type}';

let directory: string;
let controlPlane: ControlPlane;

const kubectl = (...args: readonly string[]): Promise<string> =>
  kubectlWith(controlPlane.kubeconfigPath, args);
const release = (args: readonly string[], values: object = {}): Promise<string> =>
  helm([...args, `--namespace=${NAMESPACE}`, `--kubeconfig=${controlPlane.kubeconfigPath}`], values);
const install = (chart: string, values: object = {}): Promise<string> =>
  release(['install', 'mcp-operator', chart, '--create-namespace'], values);
const names = async (kind: string): Promise<string[]> =>
  (await kubectl('get', kind, `--namespace=${NAMESPACE}`, '--output=name'))
    .split('\n')
    .filter((name) => name.includes('mcp-operator'));

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chart-install-'));
  controlPlane = await startControlPlane({ directory: join(directory, 'cluster') });
  await kubectl('create', 'namespace', 'team-a');
  await kubectl('create', 'namespace', 'team-b');
});

afterAll(async () => {
  await controlPlane.stop();
  await rm(directory, { recursive: true, force: true });
});

/** The chart as an older release might have been: its CustomResourceDefinition does not know `spec.suspend`. */
async function olderChart(): Promise<string> {
  const chart = join(directory, 'older');
  await cp(CHART, chart, { recursive: true });
  const path = join(chart, 'files/crds/mcp.kilocode.ai_mcpservers.yaml');
  const text = await readFile(path, 'utf8');
  const older = text.replace(/^( +)suspend:\n(\1 +.*\n)+/m, '');
  expect(older.length).toBeLessThan(text.length);
  await writeFile(path, older);
  return chart;
}

describe('an installation', () => {
  it('begins with everything in place', async () => {
    const notes = await install(await olderChart());
    expect(notes).toContain('kubectl get mcpservers -A');
    await kubectl('wait', '--for=condition=Established', CRD);
    expect(
      await names('deployment,poddisruptionbudget,networkpolicy,service,serviceaccount,role'),
    ).toHaveLength(8);
    expect(await names(ADMISSION)).toHaveLength(12);
  });

  it('gives people rights over servers through the roles that they already have', async () => {
    for (const role of ['view', 'edit'])
      await kubectl(
        'create',
        'rolebinding',
        role,
        `--clusterrole=${role}`,
        `--user=${role}er`,
        '--namespace=team-a',
      );
    await waitFor(() => may('viewer', 'list', 'mcpservers', 'team-a'), {
      description: 'the aggregated roles',
    });
    await waitFor(() => may('editer', 'create', 'mcpservers', 'team-a'), {
      description: 'the aggregated roles',
    });
    expect(await may('viewer', 'create', 'mcpservers', 'team-a')).toBe(false);
    expect(await may('editer', 'update', 'mcpservers/status', 'team-a')).toBe(false);
  });

  it('gives policies to whoever it is told to, and to nobody else', async () => {
    await kubectl('create', 'clusterrolebinding', 'boss', '--clusterrole=admin', '--user=boss');
    await kubectl(
      'create',
      'clusterrolebinding',
      'guard',
      '--clusterrole=mcp-operator-policy-admin',
      '--user=guard',
    );
    await waitFor(() => may('guard', 'create', 'mcpsecuritypolicies', ''), {
      description: 'the rights of guard',
    });
    await waitFor(() => may('boss', 'list', 'mcpsecuritypolicies', ''), {
      description: 'the aggregated roles',
    });
    expect(await may('boss', 'create', 'mcpsecuritypolicies', '')).toBe(false);
    expect(await may('guard', 'create', 'mcpservers', 'team-a')).toBe(false);
  });

  it('upgrades the CustomResourceDefinition as well', async () => {
    expect(await kubectl('get', CRD, `--output=jsonpath=${SUSPEND}`)).toBe('');
    await release(['upgrade', 'mcp-operator', CHART], { replicas: 3 });
    expect(await kubectl('get', CRD, `--output=jsonpath=${SUSPEND}`)).toBe('boolean');
    expect(
      await kubectl(
        'get',
        'deployment/mcp-operator',
        `--namespace=${NAMESPACE}`,
        '--output=jsonpath={.spec.replicas}',
      ),
    ).toBe('3');
  });

  it('refuses servers while nobody judges them, unless it is told to let them in unjudged', async () => {
    await expect(createServer()).rejects.toThrow('failed calling webhook');
    await release(['upgrade', 'mcp-operator', CHART], { webhook: { enabled: false } });
    await waitFor(() => createServer().then(() => true), { description: 'a server to be let in' });
    await release(['upgrade', 'mcp-operator', CHART]);
  });

  it('leaves the CustomResourceDefinition and every server behind, and nothing else', async () => {
    await release(['uninstall', 'mcp-operator']);
    expect(await kubectl('get', 'mcpservers', '-A', '--output=name')).toContain('kept');
    const rest = 'deployment,networkpolicy,service,serviceaccount,role,rolebinding,configmap';
    expect(await names(rest)).toEqual([]);
    expect(await names(`clusterrole,clusterrolebinding,${ADMISSION}`)).toEqual([]);
  });

  it('takes over what it left, when it comes back', async () => {
    await install(CHART);
    expect(await kubectl('get', 'mcpservers', '-A', '--output=name')).toContain('kept');
    await release(['uninstall', 'mcp-operator']);
  });

  it('under another name asks to be told that it may take over', async () => {
    const other = ['install', 'other', CHART, '--set=fullnameOverride=mcp-operator'];
    await expect(release(other)).rejects.toThrow('invalid ownership metadata');
    // The failed attempt is recorded as nothing at all: the conflict is found before anything is made.
    await release([...other, '--take-ownership']);
    expect(await kubectl('get', 'mcpservers', '-A', '--output=name')).toContain('kept');
    await release(['uninstall', 'other']);
  });

  it('keeps the CustomResourceDefinition when it stops installing it', async () => {
    await release(['install', 'mcp-operator', CHART, '--take-ownership']);
    await release(['upgrade', 'mcp-operator', CHART], { crds: { install: false } });
    expect(await kubectl('get', CRD, '--output=name')).toContain('mcpservers');
    await release(['uninstall', 'mcp-operator']);
  });
});

async function createServer(): Promise<void> {
  const server = {
    apiVersion: 'mcp.kilocode.ai/v1alpha1',
    kind: 'MCPServer',
    metadata: { name: 'kept' },
    spec: { source: { image: { ref: 'example.com/server:1' } } },
  };
  await kubectlWith(
    controlPlane.kubeconfigPath,
    ['create', '--namespace=team-a', '-f', '-'],
    JSON.stringify(server),
  );
}

describe('two installations', () => {
  it('share a cluster when they serve different namespaces', async () => {
    await install(CHART, { watchNamespaces: ['team-a'] });
    const where = [
      '--namespace=mcp-system-b',
      '--create-namespace',
      `--kubeconfig=${controlPlane.kubeconfigPath}`,
    ];
    const second = { watchNamespaces: ['team-b'], crds: { install: false }, rbac: { secretReader: false } };
    await helm(['install', 'mcp-operator-b', CHART, ...where], second);
    const other = 'system:serviceaccount:mcp-system-b:mcp-operator-b';
    await waitFor(() => may(other, 'list', 'mcpservers', 'team-b'), {
      description: 'the rights of the second',
    });
    expect(await may(other, 'list', 'mcpservers', 'team-a')).toBe(false);
    expect(await may(OPERATOR, 'list', 'mcpservers', 'team-b')).toBe(false);
    await helm(['uninstall', 'mcp-operator-b', ...where.filter((flag) => flag !== '--create-namespace')]);
    await release(['uninstall', 'mcp-operator']);
  });
});

describe('the operator', () => {
  it("may work in every namespace, and over Secrets has no right but to keep its webhooks' certificate", async () => {
    await install(CHART);
    await waitFor(() => may(OPERATOR, 'list', 'mcpservers', 'team-b'), { description: 'the rights' });
    expect(await may(OPERATOR, 'patch', 'mcpservers/status', 'team-b')).toBe(true);
    const verbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'];
    const rightsOver = async (namespace: string, name: string): Promise<string[]> => {
      const allowed = await Promise.all(verbs.map((verb) => may(OPERATOR, verb, 'secrets', namespace, name)));
      return verbs.filter((_verb, index) => allowed[index]);
    };
    for (const namespace of ['team-a', 'team-b', 'kube-system'])
      expect(await rightsOver(namespace, CERTIFICATES), namespace).toEqual([]);
    expect(await rightsOver(NAMESPACE, 'another')).toEqual(['create']);
    expect(await rightsOver(NAMESPACE, '')).toEqual(['create']);
    expect(await rightsOver(NAMESPACE, CERTIFICATES)).toEqual(['list', 'watch', 'create', 'update']);
  });

  it('reads Secrets where the command of the notes was run, and only there', async () => {
    const command = [
      'create',
      'rolebinding',
      'mcp-operator-secret-reader',
      '--clusterrole=mcp-operator-secret-reader',
    ];
    await kubectl(...command, `--serviceaccount=${NAMESPACE}:mcp-operator`, '--namespace=team-a');
    await waitFor(() => may(OPERATOR, 'get', 'secrets', 'team-a'), { description: 'the right to read' });
    expect(await may(OPERATOR, 'list', 'secrets', 'team-a')).toBe(false);
    expect(await may(OPERATOR, 'get', 'secrets', 'team-b')).toBe(false);
  });

  it('may work only in the namespaces that it watches', async () => {
    await release(['upgrade', 'mcp-operator', CHART], { watchNamespaces: ['team-a'] });
    await waitFor(async () => !(await may(OPERATOR, 'list', 'mcpservers', 'team-b')), {
      description: 'the loss of rights',
    });
    expect(await may(OPERATOR, 'list', 'mcpservers', 'team-a')).toBe(true);
    expect(await may(OPERATOR, 'update', 'leases', NAMESPACE)).toBe(true);
    expect(await may(OPERATOR, 'update', 'leases', 'team-a')).toBe(false);
  });
});

/** Whether the API server would let `user` do it. */
async function may(
  user: string,
  verb: string,
  resource: string,
  namespace: string,
  name = '',
): Promise<boolean> {
  const [plural = '', subresource = ''] = resource.split('/');
  const group = GROUP_OF[plural] ?? '';
  const resourceAttributes = { verb, namespace, group, resource: plural, subresource, name };
  const reviews = loadKubeConfig(controlPlane.kubeconfigPath).makeApiClient(AuthorizationV1Api);
  const review = await reviews.createSubjectAccessReview({ body: { spec: { user, resourceAttributes } } });
  return review.status?.allowed ?? false;
}

const GROUP_OF: Readonly<Record<string, string>> = {
  mcpservers: 'mcp.kilocode.ai',
  mcpsecuritypolicies: 'mcp.kilocode.ai',
  leases: 'coordination.k8s.io',
};
