/**
 * Children that somebody edits or deletes come back, and what was added to them goes away.
 */
import { expect, it } from 'vitest';
import { waitFor } from '../../harness/wait.ts';
import { DEMO_NAMESPACE, get, kubectl } from '../cluster.ts';
import { waitUntilReady } from '../servers.ts';

interface Deployment {
  readonly metadata: { readonly uid: string };
  readonly spec: {
    readonly template: { readonly spec: { readonly containers: readonly { readonly name: string }[] } };
  };
}

const inDemo = ['-n', DEMO_NAMESPACE];
const SIDECAR = { name: 'sidecar', image: 'localhost/mcp-everything:2026.8.31' };

export function driftScenario(): void {
  it('a sidecar that somebody adds to the Deployment is removed', async () => {
    const patch = JSON.stringify({ spec: { template: { spec: { containers: [SIDECAR] } } } });
    await kubectl(['patch', 'deployment', 'mcp-everything', ...inDemo, '--type=strategic', '-p', patch]);
    await waitFor(async () => (await containers()).join() === 'server', { deadlineMs: 30_000 });
    await waitUntilReady(DEMO_NAMESPACE, 'everything');
  });

  it('an image that somebody swaps is put back', async () => {
    const image = 'server=localhost/mcp-modern:1.0.0';
    await kubectl(['set', 'image', 'deployment/mcp-everything', image, ...inDemo]);
    const path = 'jsonpath={.spec.template.spec.containers[0].image}';
    await waitFor(
      async () => {
        const now = await kubectl(['get', 'deployment', 'mcp-everything', ...inDemo, '-o', path]);
        return now === 'localhost/mcp-everything:2026.8.31';
      },
      { deadlineMs: 30_000 },
    );
  });

  it.each(['service', 'networkpolicy', 'serviceaccount', 'deployment'])(
    'a deleted %s is back',
    async (kind) => {
      const before = await uid(kind);
      await kubectl(['delete', kind, 'mcp-everything', ...inDemo, '--wait=false']);
      await waitFor(async () => (await uid(kind)) !== before, { deadlineMs: 30_000 });
    },
  );

  it('and the server is Ready again', async () => {
    await waitUntilReady(DEMO_NAMESPACE, 'everything');
    expect(await containers()).toEqual(['server']);
  });
}

async function containers(): Promise<readonly string[]> {
  const { spec } = await get<Deployment>('deployment', 'mcp-everything', ...inDemo);
  return spec.template.spec.containers.map(({ name }) => name);
}

async function uid(kind: string): Promise<string> {
  return (await get<Deployment>(kind, 'mcp-everything', ...inDemo)).metadata.uid;
}
