/**
 * What Prometheus sees of policies: gauges read from the verdicts when they are scraped, so that a policy that is gone has no series.
 * Labels are bounded by the number of policies and of rules; servers are not among them.
 */
import { Gauge, type Registry } from 'prom-client';
import type { Figures } from './tally.ts';

/** Registers the metrics. @param read the figures of every policy by its name. */
export function registerPolicyMetrics(registry: Registry, read: () => ReadonlyMap<string, Figures>): void {
  const registers = [registry];
  const servers = new Gauge({
    name: 'mcp_policy_servers',
    help: 'MCPServers that the MCPSecurityPolicy judges (matched), and those among them that break it (violating).',
    labelNames: ['policy', 'state'] as const,
    registers,
    collect: () => {
      servers.reset();
      for (const [policy, { matchedServers, violatingServers }] of read()) {
        servers.set({ policy, state: 'matched' }, matchedServers);
        servers.set({ policy, state: 'violating' }, violatingServers);
      }
    },
  });
  const violations = new Gauge({
    name: 'mcp_policy_violations',
    help: 'MCPServers that break the rule of the MCPSecurityPolicy.',
    labelNames: ['policy', 'rule'] as const,
    registers,
    collect: () => {
      violations.reset();
      for (const [policy, { serversByRule }] of read())
        for (const [rule, count] of serversByRule) violations.set({ policy, rule }, count);
    },
  });
}
