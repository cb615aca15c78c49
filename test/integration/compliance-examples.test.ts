/** What stands in `examples/compliance/` is applied as it is. */
import { describe, expect, inject, it } from 'vitest';
import { kubectl } from '../harness/kubectl.ts';
import { createNamespace } from '../harness/namespace.ts';

describe('examples/compliance', () => {
  it('is taken by the API server, rules and all', async () => {
    const kubeconfig = inject('kubeconfigPath');
    const namespace = await createNamespace(kubeconfig, 'examples');
    const apply = ['-n', namespace.name, 'apply', '--dry-run=server', '-f', 'examples/compliance/'];
    expect((await kubectl(kubeconfig, apply)).trim().split('\n').toSorted()).toEqual([
      'clustercompliancecheck.mcp.kilocode.ai/fleet created (server dry run)',
      'compliancecheck.mcp.kilocode.ai/nightly created (server dry run)',
      'complianceprofile.mcp.kilocode.ai/mcp-baseline-v1 created (server dry run)',
    ]);
    await namespace.remove();
  });
});
