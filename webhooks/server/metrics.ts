/** The server's metrics under controller-runtime's names and labels, every series there from the start. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** @see createWebhookMetrics */
export interface WebhookMetrics {
  /** @param webhook path of the webhook. */
  started(webhook: string): void;
  /** @param code undefined when the sender did not wait for an answer. */
  ended(webhook: string, code: AnswerCode | undefined, durationMs: number): void;
}

/** Every code that the server answers. */
const ANSWER_CODES = [200, 400, 405, 413, 415, 500, 503] as const;
export type AnswerCode = (typeof ANSWER_CODES)[number];

/** Seconds, as in controller-runtime: fine where a webhook ought to be, coarse up to the longest that an API server waits. */
const LATENCY_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Registers the metrics. @param webhooks their paths. */
export function createWebhookMetrics(registry: Registry, webhooks: readonly string[]): WebhookMetrics {
  const registers = [registry];
  const latency = new Histogram({
    name: 'controller_runtime_webhook_latency_seconds',
    help: 'How long admission requests took.',
    labelNames: ['webhook'] as const,
    buckets: LATENCY_BUCKETS,
    registers,
  });
  const total = new Counter({
    name: 'controller_runtime_webhook_requests_total',
    help: 'Admission requests, by HTTP status code. A denial is an answer: 200.',
    labelNames: ['webhook', 'code'] as const,
    registers,
  });
  const inFlight = new Gauge({
    name: 'controller_runtime_webhook_requests_in_flight',
    help: 'Admission requests at hand.',
    labelNames: ['webhook'] as const,
    registers,
  });
  for (const webhook of webhooks) {
    latency.zero({ webhook });
    inFlight.set({ webhook }, 0);
    for (const code of ANSWER_CODES) total.inc({ webhook, code }, 0);
  }
  return {
    started: (webhook) => inFlight.inc({ webhook }),
    ended: (webhook, code, durationMs) => {
      inFlight.dec({ webhook });
      if (code !== undefined) total.inc({ webhook, code });
      latency.observe({ webhook }, durationMs / 1000);
    },
  };
}
