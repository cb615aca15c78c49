import { describe, expect, it } from 'vitest';
import { FakeInformer } from '../securitypolicy/testing/informer.ts';
import { MCPSERVER } from '../mcpserver/index.ts';
import { CLUSTER_COMPLIANCE_CHECK, COMPLIANCE_CHECK, NAMESPACE, type AnyCheck } from './kinds.ts';
import type { CheckMemory } from './memory.ts';
import { remediableFindings } from './remediable.ts';
import { Servers } from './servers.ts';
import { aCheck, aClusterCheck, aFinding, aMemory, aServer, aSummary } from './testing/objects.ts';

const SERVER = aServer('one');
const fail = (check: string) => aFinding({ check, outcome: 'Fail' });

function failuresWith(
  checks: readonly AnyCheck[],
  findings: Parameters<typeof aSummary>[1],
): readonly string[] {
  const servers = new FakeInformer(MCPSERVER, SERVER);
  const memories = new Map<string, CheckMemory>(
    checks.map((check) => [
      check.metadata.uid ?? '',
      aMemory(check, { summaries: new Map([['uid-one', aSummary('one', findings)]]) }),
    ]),
  );
  return remediableFindings({
    servers,
    kinds: [new FakeInformer(COMPLIANCE_CHECK), new FakeInformer(CLUSTER_COMPLIANCE_CHECK)],
    scope: new Servers(servers.store, new FakeInformer(NAMESPACE).store),
    runs: {
      known: (uid) => memories.get(uid),
      serverWatch: () => ({ hasSynced: () => true, start: () => () => undefined }),
    },
    checks: () => checks,
  }).failuresOf(SERVER);
}

describe('what may be asked to be repaired', () => {
  it('is what checks with mode Remediate found, each once', () => {
    const checks = [aCheck({ mode: 'Remediate' }), aClusterCheck({ mode: 'Remediate' })];
    const findings = [
      fail('MCP-W06'),
      fail('MCP-W03'),
      aFinding({ check: 'MCP-W01', outcome: 'Pass' }),
      aFinding({ check: 'MCP-W02', outcome: 'Waived' }),
    ];
    expect(failuresWith(checks, findings)).toEqual(['MCP-W03', 'MCP-W06']);
  });

  it.each([
    ['that only reports', aCheck({})],
    ['that is suspended', aCheck({ mode: 'Remediate', suspend: true })],
    ['of other servers', aCheck({ mode: 'Remediate', serverSelector: { matchLabels: { tier: 'public' } } })],
  ])('is nothing of a check %s', (_reason, check) => {
    expect(failuresWith([check], [fail('MCP-W06')])).toEqual([]);
  });
});
