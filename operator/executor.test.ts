import { describe, expect, it } from 'vitest';
import { systemClock } from '../core/clock.ts';
import { silentLogger } from '../core/logger.ts';
import { Store } from '../stores/index.ts';
import { loadSettings } from './config/load.ts';
import type { Settings } from './config/settings.ts';
import { createExecutorProcess, embeddedExecutor } from './executor.ts';
import { processIdentity } from './identity.ts';
import type { Shared } from './shared.ts';

function settingsWith(mode: Settings['store']['mode']): Settings {
  const settings = loadSettings({});
  return { ...settings, store: { ...settings.store, mode, directory: '/nowhere', host: 'db', user: 'kilo' } };
}

describe('the executor process', () => {
  it.each(['None', 'Embedded'] as const)('refuses a store that it cannot share: %s', async (mode) => {
    const dependencies = { settings: settingsWith(mode), environment: {}, logger: silentLogger };
    await expect(createExecutorProcess(dependencies)).rejects.toThrow(
      `store.mode: it is ${mode}, and the executor shares a store with the operator: set it to External`,
    );
  });
});

describe('the executor within the operator', () => {
  it.each([
    ['None', false, 0],
    ['External', true, 0],
    ['Embedded', true, 1],
    // As long as there is no store there is nothing to do.
    ['Embedded', false, 0],
  ] as const)('with store.mode %s and a store (%s): %i', (mode, hasStore, expected) => {
    const settings = settingsWith(mode);
    const shared = {
      settings,
      identity: processIdentity(settings, {}, 'mcp-system'),
      logger: silentLogger,
      apiServer: { client: () => ({}) },
      // Not opened: nothing runs here.
      ...(hasStore && { history: new Store(settings.store, systemClock) }),
    };
    // A boundary: the executor uses nothing else of what the operator's parts share.
    expect(embeddedExecutor(shared as unknown as Shared)).toHaveLength(expected);
  });
});
