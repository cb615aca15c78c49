/**
 * Compliance on a real cluster: what `examples/README.md` says of the samples is what a check finds, and one of them that is pinned by its
 * digest, as in production, has nothing left to find.
 */
import { readFile } from 'node:fs/promises';
import { expect, it, onTestFinished } from 'vitest';
import type { CheckStatus } from '../../../api/index.ts';
import { run } from '../../../hack/cluster/index.ts';
import { nodePaths } from '../../../hack/cluster/node/settings.ts';
import { createNamespace } from '../../harness/namespace.ts';
import { waitFor } from '../../harness/wait.ts';
import { cluster, DEMO_NAMESPACE, get, kubeconfigPath, kubectl, OPERATOR_NAMESPACE } from '../cluster.ts';
import { getServer, waitUntilReady } from '../servers.ts';

const MODERN = 'localhost/mcp-modern';
const ROW = /^\| `(?<server>[a-z]+)` *\| (?<score>\d+) *\| `(?<check>MCP-\w+)` *\| (?<outcome>\w+) *\|/gm;

interface Reports {
  readonly items: readonly {
    readonly scope: { readonly name: string };
    readonly results: readonly { readonly rule: string; readonly result: string }[];
  }[];
}

export function complianceScenario(): void {
  it('finds in the samples what examples/README.md says, and nothing else', async () => {
    const rows = [...(await readFile('examples/README.md', 'utf8')).matchAll(ROW)];
    const documented = rows.map(
      ({ groups: { server, score, check, outcome } = {} }) => `${server} ${score} ${check} ${outcome}`,
    );
    expect(documented.length).toBeGreaterThan(3);
    expect(await found()).toEqual(documented.toSorted());
  });

  it('finds nothing in modern.yaml once its image is pinned by its digest: score 100', async () => {
    const namespace = await createNamespace(kubeconfigPath, 'pinned', {
      'pod-security.kubernetes.io/enforce': 'restricted',
    });
    onTestFinished(() => namespace.remove());
    const manifest = (await readFile('examples/modern.yaml', 'utf8')).replace(
      `${MODERN}:1.0.0`,
      `${MODERN}:1.0.0@${await pinOnNode(`${MODERN}:1.0.0`)}`,
    );
    await kubectl(['apply', '-n', namespace.name, '-f', '-'], manifest);
    await waitUntilReady(namespace.name, 'modern');
    await kubectl(['apply', '-n', namespace.name, '-f', 'examples/compliance/scheduled-check.yaml']);
    const status = await finished('mcpcc', 'nightly', '-n', namespace.name);
    expect(status).toMatchObject({ result: 'Compliant', score: 100, counts: { fail: 0, warn: 0, error: 0 } });
    expect((await getServer(namespace.name, 'modern')).status?.compliance?.score).toBe(100);
  });

  it('examples/compliance as a whole covers the cluster, when somebody asks', async () => {
    await kubectl(['apply', '-n', DEMO_NAMESPACE, '-f', 'examples/compliance/']);
    onTestFinished(async () => void (await kubectl(['delete', 'mcpccc', 'fleet'])));
    const request = `mcp.kilocode.ai/run-requested-at=${new Date().toISOString()}`;
    await kubectl(['annotate', 'mcpccc', 'fleet', request]);
    const status = await finished('mcpccc', 'fleet');
    expect(status).toMatchObject({ lastRun: { trigger: 'Request' }, waivers: { unused: 1, invalid: 0 } });
    expect(status.servers).toBeGreaterThanOrEqual(3);
    expect(await kubectl(['get', 'mcpccc'])).toMatch(/^fleet +\w+ +\d+ +\d+ +\d+ /m);
  });

  it('kilo-mcp is a command in the operator’s container, as the documentation calls it', async () => {
    const exec = ['exec', '-n', OPERATOR_NAMESPACE, 'deploy/mcp-operator', '--'];
    expect(await kubectl([...exec, 'kilo-mcp', 'version'])).toMatch(/^version +\d/m);
  });
}

/** What the reports of the demo's namespace hold besides what passed or was skipped: `server score check outcome`. */
async function found(): Promise<readonly string[]> {
  const { items } = await get<Reports>('reports.openreports.io', '-n', DEMO_NAMESPACE);
  const lines = items.map(async ({ scope: { name }, results }) => {
    const score = (await getServer(DEMO_NAMESPACE, name)).status?.compliance?.score;
    return results
      .filter(({ result }) => result !== 'pass' && result !== 'skip')
      .map(({ rule, result }) => `${name} ${score} ${rule} ${result}`);
  });
  return (await Promise.all(lines)).flat().toSorted();
}

/** Makes an image of the node known by its digest as well, as a registry does. @returns the digest. */
async function pinOnNode(reference: string): Promise<string> {
  const images = ['--address', nodePaths(cluster).containerdSocket, '--namespace', 'k8s.io', 'images'];
  const listed = await run('ctr', [...images, 'list', `name==${reference}`]);
  const digest = /sha256:[0-9a-f]{64}/.exec(listed)?.[0] ?? '';
  const name = reference.slice(0, reference.lastIndexOf(':'));
  await run('ctr', [...images, 'tag', '--force', reference, `${name}@${digest}`]);
  return digest;
}

function finished(...check: readonly string[]): Promise<CheckStatus> {
  return waitFor(
    async () => {
      const { status = {} } = await get<{ readonly status?: CheckStatus }>(...check);
      return status.phase === 'Done' && status.lastRun?.finishedAt !== undefined && status;
    },
    { deadlineMs: 120_000, intervalMs: 500, description: `a finished run of ${check.join(' ')}` },
  );
}
