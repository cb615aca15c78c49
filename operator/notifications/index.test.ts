import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../core/errors.ts';
import { silentLogger } from '../../core/logger.ts';
import { FakeClock } from '../../core/testing/fake-clock.ts';
import { loadSettings } from '../config/load.ts';
import { createNotifier } from './index.ts';
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

/** Runs for `ms` with an outbox that writes down what is asked of it. */
async function run(settings: typeof NOBODY, ms: number, failing = false): Promise<readonly string[]> {
  const calls: string[] = [];
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
        discard: () => call('discard', 0),
        prune: (before) => call(`prune ${before}`, 0),
      }),
    clock,
    logger: silentLogger,
  }).run(stop.signal, stop.signal, { epoch: 1, signal: stop.signal });
  await clock.advance(ms);
  stop.abort();
  await running;
  return calls;
}

describe('the notifier', () => {
  it('takes nothing and keeps nothing while nobody is to be told', async () => {
    const calls = await run(NOBODY, 60_000);
    expect(calls.filter((name) => name === 'discard')).toHaveLength(2);
    expect(calls).not.toContain('take');
  });

  it('delivers while somebody is, and discards nothing', async () => {
    const calls = await run(SOMEBODY, 2_000);
    expect(calls.filter((name) => name === 'take')).toHaveLength(2);
    expect(calls).not.toContain('discard');
    expect(calls.some((name) => name.startsWith('prune '))).toBe(true);
  });

  it('goes on after a store that was away', async () => {
    const calls = await run(NOBODY, 120_000, true);
    expect(calls).toEqual(['discard', 'discard', 'discard']);
  });
});
