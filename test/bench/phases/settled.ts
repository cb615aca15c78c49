/** What the process weighs after all that, and what it asked for in its life. */
import { systemClock } from '../../../core/clock.ts';
import type { Phase } from '../bench.ts';
import { countCalls, type AuditedCall } from '../rig/audit.ts';
import { OPERATOR_USER } from '../rig/operator.ts';

const SETTLE_MS = 10_000;
/** It logs warnings and errors only. */
const SHOWN_LINES = 5;
const MILLISECONDS = 1000;
/** A watch ends by itself after five to ten minutes and goes on in a new one: `operator/runtime/cache/reflector.ts`. */
const SHORTEST_WATCH_MS = 300_000;

export const settled: Phase = {
  name: 'settled',
  run: async ({ operator, controlPlane, record, report, signal }) => {
    await systemClock.sleep(SETTLE_MS, signal);
    for (const line of operator.process.lines.slice(0, SHOWN_LINES)) report(`    the operator: ${line}`);
    const memory = await operator.memoryMiB();
    record('rssPeakMiB', memory.peak);
    record('rssSettledMiB', memory.now);
    const lagSeconds = await operator.metric('nodejs_eventloop_lag_p99_seconds');
    if (lagSeconds !== undefined) record('loopLagP99Ms', lagSeconds * MILLISECONDS);
    record('connections', operator.mostConnections);
    const calls = await controlPlane.audit.calls(OPERATOR_USER);
    record('conflicts', countCalls(calls).conflicts);
    record('listsPerKind', mostPerKind(calls, 'list'));
    const watches = firstWatches(calls);
    record('watchesPerKind', mostPerKind(watches, 'watch'));
    for (const resource of again(watches)) report(`    ${resource} was watched again`);
  },
};

function mostPerKind(calls: readonly AuditedCall[], verb: string): number {
  const byKind = Object.groupBy(
    calls.filter((call) => call.verb === verb && !call.uri.includes('continue=')),
    ({ resource }) => resource,
  );
  return Math.max(0, ...Object.values(byKind).map((group) => group?.length ?? 0));
}

/** Those that were opened while none could have ended by itself: an API server that does not serve a new kind yet answers 429. */
function firstWatches(calls: readonly AuditedCall[]): readonly AuditedCall[] {
  const watches = calls.filter(({ verb, code }) => verb === 'watch' && code < 400);
  const startedAtMs = Math.min(...watches.map(({ receivedAtMs }) => receivedAtMs));
  return watches.filter(({ receivedAtMs }) => receivedAtMs < startedAtMs + SHORTEST_WATCH_MS);
}

/** The kind of each but the first of its kind. */
function again(watches: readonly AuditedCall[]): readonly string[] {
  const seen = new Set<string>();
  return watches
    .map(({ resource }) => resource)
    .filter((resource) => seen.has(resource) || !seen.add(resource));
}
