import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../core/clock.ts';
import { silentLogger } from '../../../core/logger.ts';
import type { InformerRegistry, InformerState } from '../cache/informer-registry.ts';
import { createManager, type ManagerOptions, type Runnable, type Server } from './manager.ts';

/** Parts that write down what becomes of them. */
function parts(change: Partial<ManagerOptions> = {}) {
  const told: string[] = [];
  const states: InformerState[] = [
    { kind: 'Sample', objects: 0, synced: false, progressAgeMs: 0, idleMs: 0 },
  ];
  const informers: Partial<InformerRegistry> = {
    start: (signal) => {
      told.push('informers start');
      signal.addEventListener('abort', () => told.push('informers stop'));
    },
    waitForSync: async () => {
      states[0] = { kind: 'Sample', objects: 1, synced: true, progressAgeMs: 0, idleMs: 0 };
      told.push('informers synced');
    },
    states: () => states,
    stopped: () => Promise.resolve(),
  };
  const runnable: Runnable = {
    run: async (stop) => {
      told.push('runnable starts');
      await untilAborted(stop);
      told.push('runnable stops');
    },
  };
  const manager = createManager({
    logger: silentLogger,
    // The four methods that a manager uses.
    informers: informers as InformerRegistry,
    runnables: [runnable],
    healthProbeBindAddress: '127.0.0.1:0',
    metricsBindAddress: '127.0.0.1:0',
    registry: new Registry(),
    close: () => {
      told.push('close');
      return Promise.resolve();
    },
    ...change,
  });
  return { manager, told, states };
}

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve());
  });
const until = async (condition: () => boolean): Promise<void> => {
  const endMs = systemClock.monotonicMs() + 5_000;
  while (!condition()) {
    if (systemClock.monotonicMs() > endMs) throw new Error('waited 5 s in vain');
    await systemClock.sleep(1);
  }
};

describe('the manager', () => {
  it('starts in order, serves, and stops in order', async () => {
    const { manager, told, states } = parts();
    const stop = new AbortController();
    const running = manager.run(stop.signal);
    await until(() => told.includes('runnable starts'));
    const { health, metrics } = manager.ports();
    const status = async (path: string, port = health) =>
      (await fetch(`http://127.0.0.1:${port}${path}`)).status;
    expect(await status('/healthz')).toBe(200);
    expect(await status('/readyz')).toBe(200);
    expect(await status('/readyz/caches')).toBe(200);
    expect(await status('/readyz/unknown')).toBe(404);
    expect(await status('/other')).toBe(404);
    expect(await status('/metrics', metrics)).toBe(200);
    states[0] = { kind: 'Sample', objects: 1, synced: true, progressAgeMs: 400_000, idleMs: 400_000 };
    const sick = await fetch(`http://127.0.0.1:${health}/healthz`);
    expect([sick.status, await sick.text()]).toEqual([
      503,
      '[-]watches: nothing is heard of Sample\n[+]event-loop ok\nfailed\n',
    ]);
    stop.abort(new Error('stop'));
    await running;
    expect(told).toEqual([
      'informers start',
      'informers synced',
      'runnable starts',
      'runnable stops',
      'informers stop',
      'close',
    ]);
    await expect(status('/healthz')).rejects.toThrow();
  });

  it('is not alive when its event loop is late each time, and says how late it is', async () => {
    const loopLag = { quantileMs: () => 1_500, steadyMs: () => 1_500 };
    const { manager, told } = parts({ loopLag });
    const stop = new AbortController();
    const running = manager.run(stop.signal);
    await until(() => told.includes('runnable starts'));
    const { health, metrics } = manager.ports();
    const answer = await fetch(`http://127.0.0.1:${health}/healthz/event-loop`);
    expect([answer.status, await answer.text()]).toEqual([
      503,
      '[-]event-loop: is 1500 ms late each time\nfailed\n',
    ]);
    const text = await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text();
    expect(text).toContain('nodejs_eventloop_lag_p99_seconds 1.5');
    stop.abort(new Error('stop'));
    await running;
  });

  it('is not ready while it stops', async () => {
    let statusWhileStopping = 0;
    const slow: Runnable = {
      run: async (stop) => {
        await untilAborted(stop);
        statusWhileStopping = (await fetch(`http://127.0.0.1:${manager.ports().health}/readyz`)).status;
      },
    };
    const { manager, told } = parts({ runnables: [slow] });
    const stop = new AbortController();
    const running = manager.run(stop.signal);
    await until(() => told.includes('informers synced'));
    stop.abort(new Error('stop'));
    await running;
    expect(statusWhileStopping).toBe(503);
  });

  it('aborts what does not stop in time', async () => {
    const stubborn: Runnable = { run: (_stop, abort) => untilAborted(abort) };
    const { manager, told } = parts({ runnables: [stubborn], drainTimeoutMs: 20 });
    const stop = new AbortController();
    const running = manager.run(stop.signal);
    await until(() => told.includes('informers synced'));
    stop.abort(new Error('stop'));
    await running;
    expect(told.at(-1)).toBe('close');
  });

  it('ends with the error of the first part that fails, and stops the others', async () => {
    const failing: Runnable = { run: () => Promise.reject(new Error('broken')) };
    let isStopped = false;
    const other: Runnable = {
      run: async (stop) => {
        await untilAborted(stop);
        isStopped = true;
      },
    };
    const { manager, told } = parts({ runnables: [other, failing] });
    await expect(manager.run(new AbortController().signal)).rejects.toThrow('broken');
    expect(isStopped).toBe(true);
    expect(told.at(-1)).toBe('close');
  });

  it('stops in order while it still starts', async () => {
    const stop = new AbortController();
    stop.abort(new Error('stop'));
    const { manager, told } = parts();
    await manager.run(stop.signal);
    expect(told).not.toContain('runnable starts');
    expect(told.at(-1)).toBe('close');
  });

  it('has servers answer before the caches are complete, and until the runnables have ended', async () => {
    const told: string[] = [];
    const serverOf = (name: string): Server => ({
      listen: async (stop) => {
        told.push(`${name} listens`);
        stop.addEventListener('abort', () => told.push(`${name} is told`));
        return { port: 1, close: async () => void told.push(`${name} ends`) };
      },
    });
    const { manager, told: others } = parts({ servers: [serverOf('one'), serverOf('two')] });
    const push = others.push.bind(others);
    others.push = (...words) => (told.push(...words), push(...words));
    const stop = new AbortController();
    const running = manager.run(stop.signal);
    await until(() => told.includes('runnable starts'));
    stop.abort(new Error('stop'));
    await running;
    expect(told).toEqual([
      'one listens',
      'two listens',
      'informers start',
      'informers synced',
      'runnable starts',
      'one is told',
      'two is told',
      'runnable stops',
      'one ends',
      'two ends',
      'informers stop',
      'close',
    ]);
  });

  it('ends the servers that listen when another one cannot', async () => {
    let isOpen = false;
    const works: Server = {
      listen: async () => {
        isOpen = true;
        return { port: 1, close: async () => void (isOpen = false) };
      },
    };
    const fails: Server = { listen: () => Promise.reject(new Error('in use')) };
    const { manager, told } = parts({ servers: [works, fails] });
    await expect(manager.run(new AbortController().signal)).rejects.toThrow('in use');
    expect({ isOpen, told }).toEqual({ isOpen: false, told: ['close'] });
  });

  it('says which address is in use', async () => {
    const { manager: first, told } = parts();
    const stop = new AbortController();
    const running = first.run(stop.signal);
    await until(() => told.includes('runnable starts'));
    const { manager: second } = parts({ healthProbeBindAddress: `127.0.0.1:${first.ports().health}` });
    await expect(second.run(new AbortController().signal)).rejects.toThrow(/EADDRINUSE/);
    stop.abort(new Error('stop'));
    await running;
  });

  it('listens nowhere when told so', async () => {
    const { manager, told } = parts({ healthProbeBindAddress: '0', metricsBindAddress: '0' });
    const stop = new AbortController();
    const running = manager.run(stop.signal);
    await until(() => told.includes('runnable starts'));
    expect(manager.ports()).toEqual({ health: undefined, metrics: undefined });
    stop.abort(new Error('stop'));
    await running;
  });
});
