/**
 * What Prometheus sees of servers: one series a server where an alert must name it, counts by outcome otherwise. Series of deleted
 * servers go away with them.
 */
import { Histogram } from 'prom-client';
import type { MetricsRegistry, ObjectKey } from '../../operator/runtime/index.ts';
import type { ProbeResult } from './probe-memory.ts';

/** @see createServerMetrics */
export interface ServerMetrics {
  ready(key: ObjectKey, isReady: boolean): void;
  definitionsChanged(key: ObjectKey): void;
  probed(result: ProbeResult, durationMs: number): void;
  /** Drops the series of a server that is gone. */
  forget(key: ObjectKey): void;
}

const OUTCOMES = ['verified', 'authRequired', 'failed', 'unreadable', 'interrupted'] as const;

/** Registers the metrics. */
export function createServerMetrics(registry: MetricsRegistry): ServerMetrics {
  const ready = registry.objectSeries({
    name: 'mcp_server_ready',
    help: 'Whether the MCPServer is Ready (1) or not (0).',
    type: 'gauge',
  });
  const changes = registry.objectSeries({
    name: 'mcp_server_definitions_changed_total',
    help: 'How often the MCPServer described itself otherwise than before.',
    type: 'counter',
  });
  const duration = new Histogram({
    name: 'mcp_probe_duration_seconds',
    help: 'How long probes took, by outcome.',
    labelNames: ['outcome'] as const,
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    registers: [registry],
  });
  for (const outcome of OUTCOMES) duration.zero({ outcome });
  return {
    ready: (key, isReady) => {
      ready.set(key, isReady ? 1 : 0);
      // `increase()` cannot see a series that begins at 1.
      changes.add(key, 0);
    },
    definitionsChanged: (key) => changes.add(key, 1),
    probed: ({ kind }, durationMs) => duration.observe({ outcome: kind }, durationMs / 1000),
    forget: (key) => {
      ready.remove(key);
      changes.remove(key);
    },
  };
}
