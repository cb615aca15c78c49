/** What Prometheus sees of approval. No label names a request, a person or a namespace. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { PHASES, isFinal, type ApprovalRow } from '../../approval/index.ts';
import type { Clock } from '../../core/clock.ts';

/** @see createApprovalMetrics */
export interface ApprovalMetrics {
  /** A request came to another phase. @param before undefined when it was opened. */
  moved(before: ApprovalRow | undefined, after: ApprovalRow): void;
}

/** Registers the metrics. @param open the requests that are not final, as long as they are known. */
export function createApprovalMetrics(
  registry: Registry,
  open: () => readonly ApprovalRow[],
  clock: Clock,
): ApprovalMetrics {
  const registers = [registry];
  registerOpenGauges(registry, open, clock);
  const entered = new Counter({
    name: 'mcp_approval_transitions_total',
    help: 'How many requests for approval came into a phase while this process led.',
    labelNames: ['phase'] as const,
    registers,
  });
  for (const phase of PHASES) entered.inc({ phase }, 0);
  const decided = new Histogram({
    name: 'mcp_approval_decision_seconds',
    help: 'How long requests for approval waited until they were approved or denied.',
    labelNames: ['phase'] as const,
    buckets: [1, 10, 60, 300, 900, 3_600, 14_400, 43_200, 86_400, 259_200],
    registers,
  });
  for (const phase of ['Approved', 'Denied']) decided.zero({ phase });
  return {
    moved: (before, { phase, createdAt }) => {
      entered.inc({ phase });
      if (before?.phase === 'Pending' && (phase === 'Approved' || phase === 'Denied'))
        decided.observe({ phase }, Math.max(0, clock.now().getTime() - Date.parse(createdAt)) / 1000);
    },
  };
}

/** Read when metrics are read. */
function registerOpenGauges(registry: Registry, open: () => readonly ApprovalRow[], clock: Clock): void {
  const registers = [registry];
  const openPhases = PHASES.filter((phase) => !isFinal(phase));
  const requests = new Gauge({
    name: 'mcp_approval_requests',
    help: 'Requests for approval that are open, by phase.',
    labelNames: ['phase'] as const,
    registers,
    collect: () => {
      const rows = open();
      for (const phase of openPhases)
        requests.set({ phase }, rows.filter((row) => row.phase === phase).length);
    },
  });
  const oldest = new Gauge({
    name: 'mcp_approval_oldest_pending_seconds',
    help: 'Age of the oldest request for approval that waits for people; 0 when none does.',
    registers,
    collect: () => {
      const since = open()
        .filter(({ phase }) => phase === 'Pending')
        .map(({ createdAt }) => Date.parse(createdAt));
      oldest.set(since.length === 0 ? 0 : Math.max(0, clock.now().getTime() - Math.min(...since)) / 1000);
    },
  });
}
