import { Gauge } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { nextTurn } from '../../../core/next-turn.ts';
import { MetricsRegistry } from './metrics-registry.ts';

const key = (name: string): { readonly namespace: string; readonly name: string } => ({
  namespace: 'team-a',
  name,
});

describe('the metrics registry', () => {
  it("writes series by object behind prom-client's own", async () => {
    const registry = new MetricsRegistry();
    new Gauge({ name: 'other', help: 'Another.', registers: [registry] }).set(3);
    const ready = registry.objectSeries({ name: 'ready', help: 'Whether it is.', type: 'gauge' });
    const changes = registry.objectSeries({ name: 'changes_total', help: 'How often.', type: 'counter' });
    ready.set(key('one'), 1);
    ready.set(key('two'), 1);
    ready.set(key('two'), 0);
    changes.add(key('one'), 0);
    changes.add(key('one'), 2);
    expect(await registry.metrics()).toBe(
      [
        '# HELP other Another.',
        '# TYPE other gauge',
        'other 3',
        '',
        '# HELP ready Whether it is.',
        '# TYPE ready gauge',
        'ready{namespace="team-a",name="one"} 1',
        'ready{namespace="team-a",name="two"} 0',
        '',
        '# HELP changes_total How often.',
        '# TYPE changes_total counter',
        'changes_total{namespace="team-a",name="one"} 2',
        '',
      ].join('\n'),
    );
  });

  it('drops what is gone, and begins anew with what comes back', async () => {
    const registry = new MetricsRegistry();
    const series = registry.objectSeries({ name: 'ready', help: 'Whether it is.', type: 'gauge' });
    series.set(key('one'), 1);
    series.remove(key('one'));
    expect(await registry.metrics()).not.toContain('ready{');
    series.add(key('one'), 0);
    expect(await registry.metrics()).toContain('ready{namespace="team-a",name="one"} 0\n');
  });

  it('lets others go on while it writes many, each of them once', async () => {
    const registry = new MetricsRegistry();
    const series = registry.objectSeries({ name: 'ready', help: 'Whether it is.', type: 'gauge' });
    const names = Array.from({ length: 5_000 }, (_, index) => `server-${index}`);
    for (const name of names) series.set(key(name), 1);
    const progress = { turns: 0, isWritten: false };
    const written = registry.metrics().finally(() => (progress.isWritten = true));
    while (!progress.isWritten) {
      await nextTurn();
      progress.turns += 1;
      series.remove(key('server-1'));
      series.set(key('server-1'), 1);
    }
    expect(progress.turns).toBeGreaterThanOrEqual(10);
    expect((await written).match(/^ready\{/gm)).toHaveLength(5_000);
  });
});
