import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { registerPolicyMetrics } from './metrics.ts';
import type { Figures } from './tally.ts';

it('metrics follow the policies that there are, and their rules', async () => {
  const registry = new Registry();
  const figures = new Map<string, Figures>();
  registerPolicyMetrics(registry, () => figures);
  const series = async (): Promise<string[]> =>
    (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  expect(await series()).toEqual([]);
  const serversByRule = new Map([
    ['volumes', 2],
    ['maxReplicas', 0],
  ]);
  figures.set('strict', { matchedServers: 3, violatingServers: 2, serversByRule });
  expect(await series()).toEqual([
    'mcp_policy_servers{policy="strict",state="matched"} 3',
    'mcp_policy_servers{policy="strict",state="violating"} 2',
    'mcp_policy_violations{policy="strict",rule="volumes"} 2',
    'mcp_policy_violations{policy="strict",rule="maxReplicas"} 0',
  ]);
  figures.delete('strict');
  expect(await series()).toEqual([]);
});
