/**
 * What `/healthz` and `/readyz` say. A process that is up proves nothing: live means that its loop turns, its lease is in order
 * and its watches are at work; ready means that its caches are complete. A standby is ready too.
 */
import type { InformerRegistry } from '../cache/informer-registry.ts';
import type { LeaderElector } from '../election/elector.ts';
import type { HttpAnswer, HttpHandler } from './http-listener.ts';

/** One thing that can be wrong. */
export interface HealthCheck {
  readonly name: string;
  /** What is wrong, or undefined. */
  readonly problem: () => string | undefined;
}

/** A reflector that hears nothing tries again within 150 s, and waits at most 60 s in between: this long, it hangs. */
const MAX_IDLE_MS = 300_000;

/** Answers `/healthz` and `/readyz`, each also with a check's name appended. */
export function healthHandler(live: readonly HealthCheck[], ready: readonly HealthCheck[]): HttpHandler {
  return (path) => {
    const [, endpoint, name] = path.split('/');
    if (endpoint === 'healthz') return Promise.resolve(report(live, name));
    if (endpoint === 'readyz') return Promise.resolve(report(ready, name));
    return Promise.resolve(undefined);
  };
}

/**
 * Each watch is at work. An API server that is away is not our illness, and restarting would only delay us when it is back; a
 * watch that nobody reads any more is.
 */
export function watchesAlive(informers: InformerRegistry): HealthCheck {
  return {
    name: 'watches',
    problem: () => {
      const idle = informers.states().filter((state) => state.idleMs > MAX_IDLE_MS);
      return idle.length === 0
        ? undefined
        : `nothing is heard of ${idle.map((state) => state.kind).join(', ')}`;
    },
  };
}

/** Every first list is complete. */
export function cachesSynced(informers: InformerRegistry): HealthCheck {
  return {
    name: 'caches',
    problem: () => {
      const waiting = informers.states().filter((state) => !state.synced);
      return waiting.length === 0
        ? undefined
        : `not listed yet: ${waiting.map((state) => state.kind).join(', ')}`;
    },
  };
}

/** A leader that could not renew has ended, or should have. */
export function leaseRenewed(elector: LeaderElector): HealthCheck {
  return { name: 'lease', problem: () => (elector.isHealthy() ? undefined : 'the lease was not renewed') };
}

function report(checks: readonly HealthCheck[], name: string | undefined): HttpAnswer | undefined {
  const chosen = name === undefined || name === '' ? checks : checks.filter((check) => check.name === name);
  if (chosen.length === 0 && name) return undefined;
  const results = chosen.map((check) => ({ name: check.name, problem: check.problem() }));
  const isHealthy = results.every(({ problem }) => problem === undefined);
  const lines = results.map(({ name, problem }) =>
    problem === undefined ? `[+]${name} ok` : `[-]${name}: ${problem}`,
  );
  return {
    status: isHealthy ? 200 : 503,
    contentType: 'text/plain; charset=utf-8',
    body: `${[...lines, isHealthy ? 'ok' : 'failed'].join('\n')}\n`,
  };
}
