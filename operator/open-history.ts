/** History and its ledger for commands: the store that the operator's configuration or flags name. Loaded when somebody asks. */
import type { HistoryReader, LedgerLocation, OpenedLedger } from '../cli/index.ts';
import { systemClock } from '../core/clock.ts';
import { ConfigError } from '../core/errors.ts';
import { Store, type StoreSettings } from '../stores/index.ts';
import { loadSettings } from './config/load.ts';

/** @throws ConfigError when the file cannot be used, or names no store. */
export async function openHistory(configFile: string): Promise<HistoryReader> {
  return opened(loadSettings({}, configFile).store);
}

/** @throws ConfigError when the file or a flag cannot be used, or none names a store. */
export async function openLedger({ configFile, store }: LedgerLocation): Promise<OpenedLedger> {
  const history = await opened(withFlags(loadSettings({}, configFile).store, store));
  return {
    requests: history,
    verify: async (checkpoints, signal) => (await history.ledger()).verify(checkpoints, signal),
    acknowledge: async (cluster, reason, signal) => {
      const { acknowledgeInCluster } = await import('./acknowledge-restore.ts');
      return acknowledgeInCluster(await history.ledger(), cluster, reason, signal);
    },
    close: () => history.close(),
  };
}

async function opened(settings: StoreSettings): Promise<Store> {
  if (settings.mode === 'None')
    throw new ConfigError('--config: it names no store: set store.mode to External or Embedded');
  const history = new Store(settings, systemClock, { migrate: false });
  await history.open();
  return history;
}

function withFlags(settings: StoreSettings, flags: LedgerLocation['store']): StoreSettings {
  const { 'tls.mode': mode, 'tls.caFile': caFile, ...rest } = flags;
  if (mode !== undefined && !isTLSMode(mode))
    throw new ConfigError('--store-tls: write verify-full, verify-ca or disable');
  const place = placeOf(rest);
  return {
    ...settings,
    ...rest,
    ...place,
    tls: { mode: mode ?? settings.tls.mode, caFile: caFile ?? settings.tls.caFile },
  };
}

/** A place on the command line replaces the file's whole place. */
function placeOf({ url, directory, user }: LedgerLocation['store']): Partial<StoreSettings> {
  const role = user === undefined ? {} : { userFile: '' };
  if (directory !== undefined) return { mode: 'Embedded', ...role };
  return url === undefined ? role : { mode: 'External', host: '', ...role };
}

function isTLSMode(text: string): text is StoreSettings['tls']['mode'] {
  return ['verify-full', 'verify-ca', 'disable'].includes(text);
}
