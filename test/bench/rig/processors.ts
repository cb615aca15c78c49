/** How busy the whole machine is: a latency that was measured while every core was busy tells how long the queue was, and little else. */
import { cpus } from 'node:os';

/** Time of all cores together, since the machine was started. */
export interface ProcessorTime {
  readonly busyMs: number;
  readonly totalMs: number;
}

/** @returns what the cores have done until now, whoever asked for it. */
export function processorTime(): ProcessorTime {
  const times = cpus().map((core) => core.times);
  const totalMs = times.reduce(
    (sum, { user, nice, sys, irq, idle }) => sum + user + nice + sys + irq + idle,
    0,
  );
  const idleMs = times.reduce((sum, { idle }) => sum + idle, 0);
  return { busyMs: totalMs - idleMs, totalMs };
}

/** @returns the share of the cores that was used from one moment to another, from 0 to 1; 0 when no time has passed. */
export function busyShare(from: ProcessorTime, to: ProcessorTime): number {
  const totalMs = to.totalMs - from.totalMs;
  return totalMs <= 0 ? 0 : (to.busyMs - from.busyMs) / totalMs;
}
