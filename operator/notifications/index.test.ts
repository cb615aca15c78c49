import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../core/errors.ts';
import { silentLogger } from '../../core/logger.ts';
import { FakeClock } from '../../core/testing/fake-clock.ts';
import { loadSettings } from '../config/load.ts';
import { createNotifier } from './index.ts';
import { createNotificationMetrics } from './metrics.ts';
import { checkNotificationSettings } from './settings.ts';

const NOBODY = loadSettings({}).notifications;
const SOMEBODY = { ...NOBODY, url: 'https://example.com/hook', secretFile: '/run/secret' };

describe('checkNotificationSettings', () => {
  it.each([
    ['nobody is told', NOBODY, false],
    ['somebody is told, with a secret and a store', SOMEBODY, true],
  ])('takes settings by which %s', (_reason, settings, hasStore) => {
    expect(() => checkNotificationSettings(settings, { hasStore })).not.toThrow();
  });

  it.each([
    ['without a secret', { ...SOMEBODY, secretFile: '' }, true, 'notifications.secretFile: '],
    ['without a store', SOMEBODY, false, 'set store.mode'],
    ['with a URL that is none', { ...SOMEBODY, url: 'https://[' }, true, 'notifications.url: '],
  ])('refuses settings %s', (_reason, settings, hasStore, expected) => {
    const check = (): void => checkNotificationSettings(settings, { hasStore });
    expect(check).toThrow(ConfigError);
    expect(check).toThrow(expected);
  });
});

interface Ran {
  readonly calls: readonly string[];
  readonly errors: readonly string[];
  readonly metrics: string;
}

interface RunOptions {
  readonly failing?: boolean;
  /** Keys of messages that are past their time. */
  readonly expiredKeys?: readonly string[];
}

/** Runs for `ms` with an outbox that writes down what is asked of it. */
async function run(
  settings: typeof NOBODY,
  ms: number,
  { failing = false, expiredKeys = [] }: RunOptions = {},
): Promise<Ran> {
  const calls: string[] = [];
  const errors: string[] = [];
  const expired = expiredKeys.map((key) => ({ topic: 'approval', key }));
  const registry = new Registry();
  const call = <T>(name: string, value: T): Promise<T> => {
    calls.push(name);
    return failing ? Promise.reject(new Error('away')) : Promise.resolve(value);
  };
  const clock = new FakeClock();
  const stop = new AbortController();
  const running = createNotifier({
    settings,
    openOutbox: () =>
      Promise.resolve({
        take: () => call('take', []),
        delivered: () => call('delivered', true),
        failed: () => call('failed', true),
        dead: () => call('dead', true),
        expire: () => call('expire', expired.splice(0)),
        discard: () => call('discard', 0),
        prune: (before) => call(`prune ${before}`, 0),
      }),
    metrics: createNotificationMetrics(registry),
    clock,
    logger: {
      ...silentLogger,
      error: (message, fields) => void errors.push(`${message}: ${JSON.stringify(fields)}`),
    },
  }).run(stop.signal, stop.signal, { epoch: 1, signal: stop.signal });
  await clock.advance(ms);
  stop.abort();
  await running;
  return { calls, errors, metrics: await registry.metrics() };
}

describe('the notifier', () => {
  it('takes nothing and keeps nothing while nobody is to be told', async () => {
    const { calls } = await run(NOBODY, 60_000);
    expect(calls.filter((name) => name === 'discard')).toHaveLength(2);
    expect(calls).not.toContain('take');
  });

  it('delivers while somebody is, and discards nothing', async () => {
    const { calls } = await run(SOMEBODY, 2_000);
    expect(calls.filter((name) => name === 'take')).toHaveLength(2);
    expect(calls).not.toContain('discard');
    expect(calls.some((name) => name.startsWith('prune '))).toBe(true);
  });

  it('goes on after a store that was away', async () => {
    const { calls } = await run(NOBODY, 120_000, { failing: true });
    expect(calls).toEqual(['discard', 'discard', 'discard']);
  });

  it('tells of each message whose time was over before somebody took it, once', async () => {
    const { errors, metrics } = await run(SOMEBODY, 130_000, {
      expiredKeys: ['uid-a/Pending', 'uid-b/Denied'],
    });
    expect(errors).toEqual([
      'a notification is given up: {"message":"uid-a/Pending","trouble":"Expired"}',
      'a notification is given up: {"message":"uid-b/Denied","trouble":"Expired"}',
    ]);
    expect(metrics).toContain('mcp_notifications_total{result="expired"} 2');
  });

  it('has every result at nought before anything happens', async () => {
    const { metrics } = await run(SOMEBODY, 0);
    for (const result of ['delivered', 'failed', 'givenUp', 'expired'])
      expect(metrics).toContain(`mcp_notifications_total{result="${result}"} 0`);
  });
});
