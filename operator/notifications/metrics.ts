/** What Prometheus sees of notifications. No label names a request or a receiver. */
import { Counter, type Registry } from 'prom-client';

/** `failed` is tried again; `givenUp` and `expired` are not. Whether a receiver refused or was down until the last try, the log says. */
const RESULTS = ['delivered', 'failed', 'givenUp', 'expired'] as const;

/** @see createNotificationMetrics */
export interface NotificationMetrics {
  /** What came of a try, or of a message. */
  readonly count: (result: (typeof RESULTS)[number]) => void;
}

/** Registers the metrics. */
export function createNotificationMetrics(registry: Registry): NotificationMetrics {
  const results = new Counter({
    name: 'mcp_notifications_total',
    help: 'Deliveries of notifications while this process led: delivered, failed (and tried again), givenUp (refused for good, or tried for the last time), and expired before they could be made.',
    labelNames: ['result'] as const,
    registers: [registry],
  });
  for (const result of RESULTS) results.inc({ result }, 0);
  return { count: (result) => results.inc({ result }) };
}
