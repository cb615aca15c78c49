/** History for commands that only read it: the store that the operator's configuration names. Loaded when somebody asks for a report. */
import type { HistoryReader } from '../cli/index.ts';
import { systemClock } from '../core/clock.ts';
import { ConfigError } from '../core/errors.ts';
import { Store } from '../stores/index.ts';
import { loadSettings } from './config/load.ts';

/** @throws ConfigError when the file cannot be used, or names no store. */
export async function openHistory(configFile: string): Promise<HistoryReader> {
  const { store } = loadSettings({}, configFile);
  if (store.mode === 'None')
    throw new ConfigError(`--config: ${configFile} names no store: set store.mode to External or Embedded`);
  const history = new Store(store, systemClock);
  await history.open();
  return history;
}
