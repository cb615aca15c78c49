/**
 * Every manifest of `examples/`, applied as it is, in a namespace that enforces the strictest Pod Security Standard.
 */
import { expect, it } from 'vitest';
import { waitFor } from '../../harness/wait.ts';
import { createNamespace, type TestNamespace } from '../../harness/namespace.ts';
import { kubeconfigPath, kubectl } from '../cluster.ts';
import { condition, getServer, untilCondition, waitUntilReady } from '../servers.ts';
import { beforeAll, afterAll } from 'vitest';

const READY = ['everything', 'modern', 'network', 'production', 'secret-env'] as const;

export function examplesScenario(): void {
  let namespace: TestNamespace;

  beforeAll(async () => {
    namespace = await createNamespace(kubeconfigPath, 'examples', {
      'pod-security.kubernetes.io/enforce': 'restricted',
    });
    await kubectl(['apply', '-n', namespace.name, '-f', 'examples/']);
  });
  afterAll(() => namespace.remove());

  it('kubectl wait --for=condition=Ready returns for every server that works', async () => {
    await waitUntilReady(namespace.name, ...READY);
  });

  it('shows the columns', async () => {
    const wide = await kubectl(['get', 'mcps', '-A', '-o', 'wide']);
    expect(wide.split('\n', 1)[0]?.trim().split(/ {2,}/)).toEqual([
      'NAMESPACE',
      'NAME',
      'READY',
      'REASON',
      'PROTOCOL',
      'TOOLS',
      'SCORE',
      'REPLICAS',
      'AGE',
      'URL',
      'IMAGE',
    ]);
    expect(wide).toContain(`http://mcp-everything.${namespace.name}.svc:3001/mcp`);
  });

  it('broken.yaml is not Ready, for the reason that it states', async () => {
    await untilCondition(namespace.name, 'broken', 'Ready', 'False/HTTPError');
  });

  it('modern.yaml is verified in the modern era and needs no session affinity', async () => {
    const { status } = await getServer(namespace.name, 'modern');
    expect(status?.protocol?.era).toBe('modern');
    expect(status?.sessionAffinity).toBe('None');
    expect((await getServer(namespace.name, 'everything')).status?.sessionAffinity).toBe('ClientIP');
  });

  it('client.yaml gets an answer from the tool', async () => {
    await kubectl([
      'wait',
      '-n',
      namespace.name,
      '--for=condition=Complete',
      '--timeout=120s',
      'job/mcp-client',
    ]);
    expect(await kubectl(['logs', '-n', namespace.name, 'job/mcp-client'])).toContain('is 42.');
  });

  it('remote.yaml is accepted and makes no pods, whether or not its host can be reached from here', async () => {
    await untilCondition(namespace.name, 'remote', 'Accepted', 'True/Accepted');
    await untilCondition(namespace.name, 'remote', 'Available', 'True/RemoteSource');
    expect(await kubectl(['get', 'deployments', '-n', namespace.name, '-o', 'name'])).not.toContain(
      'mcp-remote',
    );
    await waitFor(async () => (await condition(namespace.name, 'remote', 'Verified'))?.verdict !== undefined);
  });
}
