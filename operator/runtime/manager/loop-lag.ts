/**
 * How late the event loop is: everything here runs in one thread, so whatever blocks it makes renewals, watches and probes late.
 * A timer is asked for every 250 ms and the time by which it comes late is kept for the last minute. Reading takes nothing away,
 * so any number of scrapers see the same. (perf_hooks' own monitor costs 0.25 s of CPU a minute at its usual 10 ms, this one 0.06.)
 */
import { Gauge, type Registry } from 'prom-client';
import type { Clock } from '../../../core/clock.ts';
import type { HealthCheck } from './health.ts';

/** The lag of the last minute, in milliseconds. */
export interface LoopLag {
  /** @param share 0.99 for the 99th percentile, 1 for the most. 0 before the first sample. */
  quantileMs(share: number): number;
  /** What the loop was late by at least, each time of the last few: one long pause alone leaves it small. */
  steadyMs(): number;
}

const SAMPLE_EVERY_MS = 250;
const SAMPLES = 240;
const STEADY_SAMPLES = 3;
/** A probe's usual timeout: a loop that is this late each time answers nobody in time. */
const MAX_STEADY_MS = 1_000;

/** Samples until `signal` aborts. */
export function measureLoopLag(clock: Clock, signal: AbortSignal): LoopLag {
  const samples: number[] = [];
  let next = 0;
  const sample = (): void => {
    const dueMs = clock.monotonicMs() + SAMPLE_EVERY_MS;
    clock.setTimeout(() => {
      if (signal.aborted) return;
      samples[next] = Math.max(0, clock.monotonicMs() - dueMs);
      next = (next + 1) % SAMPLES;
      sample();
    }, SAMPLE_EVERY_MS);
  };
  sample();
  const lastBut = (age: number): number => samples[(next - 1 - age + SAMPLES) % SAMPLES] ?? 0;
  return {
    quantileMs: (share) =>
      samples.toSorted((one, other) => one - other)[Math.ceil(samples.length * share) - 1] ?? 0,
    steadyMs: () => Math.min(...Array.from({ length: STEADY_SAMPLES }, (_, age) => lastBut(age))),
  };
}

/** The loop turns. One long pause (a suspended machine, a stopped process) is over when it is seen, and no illness. */
export function loopTurns(lag: LoopLag): HealthCheck {
  return {
    name: 'event-loop',
    problem: () => {
      const lateMs = lag.steadyMs();
      return lateMs > MAX_STEADY_MS ? `is ${Math.round(lateMs)} ms late each time` : undefined;
    },
  };
}

/** Under the names that prom-client gives to the same figures. */
export function registerLoopLag(registry: Registry, lag: LoopLag): void {
  const quantiles = [
    ['p50', 0.5, 'Event loop lag of the last minute: the median.'],
    ['p99', 0.99, 'Event loop lag of the last minute: the 99th percentile.'],
    ['max', 1, 'Event loop lag of the last minute: the most.'],
  ] as const;
  for (const [name, share, help] of quantiles) {
    const gauge = new Gauge({
      name: `nodejs_eventloop_lag_${name}_seconds`,
      help,
      registers: [],
      collect() {
        this.set(lag.quantileMs(share) / 1000);
      },
    });
    registry.registerMetric(gauge);
  }
}
