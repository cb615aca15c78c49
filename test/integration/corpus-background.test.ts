/**
 * The corpus on a real API server that asked nobody when it was written: the evaluation in the background finds in every stored server what
 * its label says, and nothing else, as admission and `kilo-mcp lint` do.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MCPServer } from '../../api/index.ts';
import { readBroken } from '../../controllers/mcpserver/broken-policies.ts';
import { startControlPlane, type ControlPlane } from '../../hack/cluster/index.ts';
import { isRefusedByForm, loadCorpus } from '../corpus/corpus.ts';
import { startOperator, type OperatorProcess } from '../faults/process/index.ts';
import { kubectl as kubectlWith } from '../harness/kubectl.ts';
import { applyResourceDefinitions } from '../harness/resource-definitions.ts';
import { waitFor } from '../harness/wait.ts';

const corpus = loadCorpus();
const servers = corpus.manifests.filter(
  (manifest) => manifest.object.kind === 'MCPServer' && !isRefusedByForm(manifest),
);

let directory: string;
let controlPlane: ControlPlane;
let operator: OperatorProcess;
/** By namespace and name. */
let stored: ReadonlyMap<string, MCPServer>;

const kubectl = (args: readonly string[], items: readonly object[] = []): Promise<string> =>
  kubectlWith(
    controlPlane.kubeconfigPath,
    args,
    JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [...items] }),
  );

const acceptedOf = (server: MCPServer | undefined) =>
  server?.status?.conditions?.find(({ type }) => type === 'Accepted');

async function storedServers(): Promise<ReadonlyMap<string, MCPServer>> {
  const text = await kubectl(['get', 'mcpservers', '--all-namespaces', '--output=json']);
  const { items } = JSON.parse(text) as { readonly items: readonly MCPServer[] };
  return new Map(items.map((item) => [`${item.metadata.namespace}/${item.metadata.name}`, item]));
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'corpus-background-'));
  controlPlane = await startControlPlane({ directory: join(directory, 'cluster') });
  await applyResourceDefinitions(controlPlane.kubeconfigPath);
  await kubectl(['create', '-f', '-'], [...corpus.namespaces, ...corpus.policies]);
  await kubectl(
    ['create', '-f', '-'],
    servers.map(({ object }) => object),
  );
  operator = await startOperator({
    kubeconfigPath: controlPlane.kubeconfigPath,
    flags: ['--log-level=warn', '--default-policy=false'],
  });
  await operator.ready();
  stored = await waitFor(
    async () => {
      const seen = await storedServers();
      const judged = [...seen.values()].filter((server) => acceptedOf(server) !== undefined);
      return judged.length === servers.length && seen;
    },
    { deadlineMs: 100_000, intervalMs: 500, description: 'every server to be judged' },
  );
});

afterAll(async () => {
  await operator.terminate();
  await controlPlane.stop();
  await rm(directory, { recursive: true, force: true });
});

/** How many servers break each rule of each policy, as the operator counts them. */
function countsIn(metrics: string): Readonly<Record<string, number>> {
  const lines = metrics.matchAll(/^mcp_policy_violations\{policy="([^"]+)",rule="([^"]+)"\} (\d+)$/gm);
  const counts = [...lines].map(([, policy, rule, count]) => [`${policy}/${rule}`, Number(count)] as const);
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

describe('the corpus in the background', () => {
  it('is large enough to mean something', () => {
    expect(servers.length).toBeGreaterThanOrEqual(120);
  });

  it('breaks each rule as often as its labels say', async () => {
    const expected: Record<string, number> = {};
    for (const label of servers.flatMap((manifest) => manifest.expected))
      expected[label] = (expected[label] ?? 0) + 1;
    await waitFor(async () => {
      expect(countsIn(await operator.metrics())).toEqual(expected);
      return true;
    });
  });

  it.each(servers)('$name: $expected', ({ object, expected }) => {
    const { namespace = 'default', name } = object.metadata;
    const accepted = acceptedOf(stored.get(`${namespace}/${name}`));
    const { broken } = readBroken(accepted?.message ?? '');
    const found = broken.flatMap(({ policy, rules }) => rules.map((rule) => `${policy}/${rule}`));
    expect(found.toSorted()).toEqual(expected);
    expect(accepted?.reason === 'PolicyViolated').toBe(found.length > 0);
  });
});
