/** What the process weighs after all that, and what it asked for in its life. */
import { systemClock } from '../../../core/clock.ts';
import type { Phase } from '../bench.ts';
import { countCalls, type AuditedCall } from '../rig/audit.ts';
import { OPERATOR_USER } from '../rig/operator.ts';

const SETTLE_MS = 10_000;
const MILLISECONDS = 1000;

export const settled: Phase = {
  name: 'settled',
  run: async ({ operator, controlPlane, record, signal }) => {
    await systemClock.sleep(SETTLE_MS, signal);
    const memory = await operator.memoryMiB();
    record('rssPeakMiB', memory.peak);
    record('rssSettledMiB', memory.now);
    const lagSeconds = await operator.metric('nodejs_eventloop_lag_p99_seconds');
    if (lagSeconds !== undefined) record('loopLagP99Ms', lagSeconds * MILLISECONDS);
    record('connections', operator.mostConnections);
    const calls = await controlPlane.audit.calls(OPERATOR_USER);
    record('conflicts', countCalls(calls).conflicts);
    record('listsPerKind', mostPerKind(calls, 'list'));
    record('watchesPerKind', mostPerKind(calls, 'watch'));
  },
};

function mostPerKind(calls: readonly AuditedCall[], verb: string): number {
  const byKind = Object.groupBy(
    calls.filter((call) => call.verb === verb && !call.uri.includes('continue=')),
    ({ resource }) => resource,
  );
  return Math.max(0, ...Object.values(byKind).map((group) => group?.length ?? 0));
}
