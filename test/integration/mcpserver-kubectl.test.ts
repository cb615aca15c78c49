/**
 * MCPServer as kubectl shows it: columns, short name and category, scale, wait, explain.
 */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type MCPServerStatus, mcpServerSchema } from '../../api/index.ts';
import type { JsonSchema } from '../../api/schema/json-schema.ts';
import { kubectl } from '../harness/kubectl.ts';
import { mcpServerManifest } from '../harness/mcp-server.ts';
import { type TestNamespace, createNamespace } from '../harness/namespace.ts';

const kubeconfig = inject('kubeconfigPath');
const TIME = '2026-01-01T00:00:00Z';

const STATUS: MCPServerStatus = {
  observedGeneration: 1,
  conditions: [
    {
      type: 'Ready',
      status: 'True',
      reason: 'Ready',
      message: 'verified',
      observedGeneration: 1,
      lastTransitionTime: TIME,
    },
  ],
  address: { url: 'http://mcp-sample.test.svc:8080/mcp' },
  protocol: {
    era: 'legacy',
    version: '2025-11-25',
    serverInfo: { name: 'x', version: '1' },
    capabilities: ['tools'],
  },
  definitions: {
    tools: 13,
    prompts: 2,
    resourceTemplates: 1,
    hash: `sha256:${'0'.repeat(64)}`,
    changedAt: TIME,
  },
  lastProbe: { outcome: 'Verified', reason: 'Verified', since: TIME, podTemplateHash: 'abc' },
  compliance: {
    score: 92,
    coverage: 88,
    failed: 2,
    lastRun: TIME,
    subject: `sha256:${'0'.repeat(64)}`,
  },
  image: { ref: 'example.com/server:1', digest: `sha256:${'0'.repeat(64)}` },
  sessionAffinity: 'ClientIP',
  replicas: 1,
  readyReplicas: 1,
  selector: 'mcp.kilocode.ai/server=sample',
};

/** Fields that Kubernetes itself describes. */
const KUBERNETES_OWN = ['apiVersion', 'kind', 'metadata'];

describe('kubectl', () => {
  let namespace: TestNamespace;
  const run = (...args: string[]): Promise<string> =>
    kubectl(kubeconfig, ['--namespace', namespace.name, ...args]);

  beforeAll(async () => {
    namespace = await createNamespace(kubeconfig, 'kubectl');
    const spec = { source: { image: { ref: 'example.com/server:1' } } };
    await kubectl(
      kubeconfig,
      ['--namespace', namespace.name, 'create', '-f', '-'],
      JSON.stringify(mcpServerManifest(spec)),
    );
    const patch = JSON.stringify({ status: STATUS });
    await run('patch', 'mcpserver', 'sample', '--subresource=status', '--type=merge', '--patch', patch);
  });
  afterAll(() => namespace.remove());

  it('keeps every field of a status', async () => {
    const object: unknown = JSON.parse(await run('get', 'mcpserver', 'sample', '--output=json'));
    expect(object).toMatchObject({ status: STATUS });
  });

  it('get prints the columns', async () => {
    const [header, row] = (await run('get', 'mcpservers')).trim().split('\n');
    expect(header?.split(/\s+/)).toEqual([
      'NAME',
      'READY',
      'REASON',
      'PROTOCOL',
      'TOOLS',
      'SCORE',
      'REPLICAS',
      'AGE',
    ]);
    expect(row?.split(/\s+/)).toEqual([
      'sample',
      'True',
      'Ready',
      '2025-11-25',
      '13',
      '92',
      '1',
      expect.anything(),
    ]);
  });

  it('get --output=wide adds address and image, by short name and category', async () => {
    const [header, row] = (await run('get', 'mcps', '--output=wide')).trim().split('\n');
    expect(header?.split(/\s+/).slice(-2)).toEqual(['URL', 'IMAGE']);
    expect(row?.split(/\s+/).slice(-2)).toEqual([
      'http://mcp-sample.test.svc:8080/mcp',
      'example.com/server:1',
    ]);
    expect(await run('get', 'kilomcp', '--output=name')).toBe('mcpserver.mcp.kilocode.ai/sample\n');
  });

  it('wait and scale work', async () => {
    await run('wait', '--for=condition=Ready', '--timeout=5s', 'mcpserver/sample');
    await run('scale', 'mcpserver', 'sample', '--replicas=2');
    expect(await run('get', 'mcpserver', 'sample', '--output=jsonpath={.spec.replicas}')).toBe('2');
    const scale: unknown = JSON.parse(
      await run('get', 'mcpserver', 'sample', '--subresource=scale', '--output=json'),
    );
    expect(scale).toMatchObject({
      spec: { replicas: 2 },
      status: { replicas: 1, selector: 'mcp.kilocode.ai/server=sample' },
    });
  });

  it('explain names every field of the spec', async () => {
    const text = await run('explain', 'mcpserver.spec', '--recursive');
    for (const name of fieldNames(mcpServerSchema.properties?.['spec'] ?? {}))
      expect(text).toMatch(new RegExp(`^ +${name}\\t<`, 'm'));
  });

  it('explain says what a field is for', async () => {
    const words = (await run('explain', 'mcpserver.spec.replicas')).replaceAll(/\s+/g, ' ');
    expect(words).toContain(mcpServerSchema.properties?.['spec']?.properties?.['replicas']?.description);
  });
});

function fieldNames(schema: JsonSchema): readonly string[] {
  const below = [schema.items, schema.additionalProperties].filter((child) => typeof child === 'object');
  const own = Object.entries(schema.properties ?? {}).filter(([name]) => !KUBERNETES_OWN.includes(name));
  return [...own.flatMap(([name, child]) => [name, ...fieldNames(child)]), ...below.flatMap(fieldNames)];
}
