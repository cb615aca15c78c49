/**
 * A deleted server takes everything with it.
 */
import { expect, it, onTestFinished } from 'vitest';
import { createNamespace } from '../../harness/namespace.ts';
import { waitFor } from '../../harness/wait.ts';
import { get, kubeconfigPath, kubectl } from '../cluster.ts';
import { applyServer, everythingSpec, waitUntilReady } from '../servers.ts';

const KINDS =
  'deployments,replicasets,pods,services,endpointslices,serviceaccounts,networkpolicies,poddisruptionbudgets,secrets,configmaps';

interface Listed {
  readonly items: readonly { readonly kind: string; readonly metadata: { readonly name: string } }[];
}

export function deletionScenario(): void {
  it('deletion leaves nothing behind', async () => {
    const namespace = await createNamespace(kubeconfigPath, 'deletion');
    onTestFinished(() => namespace.remove());
    const untouched = await waitFor(async () => {
      const seen = await names(namespace.name);
      return seen.includes('ServiceAccount default') && seen.includes('ConfigMap kube-root-ca.crt')
        ? seen
        : undefined;
    });
    await applyServer(namespace.name, 'short-lived', everythingSpec({ replicas: 2 }));
    await waitUntilReady(namespace.name, 'short-lived');
    expect((await names(namespace.name)).length).toBeGreaterThan(untouched.length + 6);
    await kubectl(['delete', 'mcpserver', 'short-lived', '-n', namespace.name, '--timeout=60s']);
    await waitFor(async () => (await names(namespace.name)).join() === untouched.join(), {
      deadlineMs: 60_000,
    });
  });
}

async function names(namespace: string): Promise<readonly string[]> {
  const { items } = await get<Listed>(KINDS, '-n', namespace);
  return items.map(({ kind, metadata }) => `${kind} ${metadata.name}`).toSorted();
}
