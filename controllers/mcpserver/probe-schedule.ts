/**
 * When a server is probed next, and which of its pods. Pure: all that happened is in the memory, all that is, in the view.
 */
import { ANNOTATIONS, type MCPServer } from '../../api/index.ts';
import type { Pod } from './kinds.ts';
import type { ProbeMemory } from './probe-memory.ts';

/**
 * Names one run of a pod's containers: a restart makes another. A pod that is only not ready for a while stays the same run,
 * so that a flapping readiness probe does not cause a storm of ours.
 */
export function podRun(pod: Pod): string {
  const restarts = (pod.status?.containerStatuses ?? []).map(({ restartCount = 0 }) => restartCount);
  return [pod.metadata.uid ?? pod.metadata.name, ...restarts].join('/');
}

/** The request for a probe that the server's annotations hold. */
export function probeRequest(server: MCPServer): string | undefined {
  return server.metadata.annotations?.[ANNOTATIONS.probeRequestedAt];
}

/**
 * When the next probe is due, in monotonic milliseconds; now or in the past means at once.
 * @param readyRuns the runs of the ready pods of the current template; not used for a remote server.
 */
export function nextProbeMs(
  memory: ProbeMemory,
  server: MCPServer,
  readyRuns: readonly string[],
): number | undefined {
  const hasPods = server.spec.source.remote === undefined;
  if (hasPods && readyRuns.length === 0) return undefined;
  const request = probeRequest(server);
  if (request !== undefined && request !== memory.request) return 0;
  if (hasPods && readyRuns.some((run) => !memory.seen.has(run))) return 0;
  return memory.dueMs;
}

/**
 * The pod to probe among `ready`: one that has not been probed since it started; else the one that failed; else the one after
 * the last, by name, so that every replica has its turn.
 */
export function choosePod(memory: ProbeMemory, ready: readonly Pod[]): Pod | undefined {
  const byName = ready.toSorted((one, other) => (one.metadata.name < other.metadata.name ? -1 : 1));
  const indexOfRun = (run: string | undefined): number => byName.findIndex((pod) => podRun(pod) === run);
  const fresh = byName.find((pod) => !memory.seen.has(podRun(pod)));
  if (fresh !== undefined) return fresh;
  const failing = byName[indexOfRun(memory.failingRun)];
  return failing ?? byName[(indexOfRun(memory.lastRun) + 1) % Math.max(1, byName.length)];
}
