/** Stores on a real PostgreSQL, as a process opens them. */
import { systemClock } from '../../core/clock.ts';
import type { OpenStore } from '../../stores/open-store.ts';
import { Store, type StoreSettings } from '../../stores/index.ts';

/** A store, open; `store.close()` ends it. */
export interface RunningStore {
  readonly store: Store;
  readonly open: OpenStore;
}

/** Opens the database and migrates it. */
export async function openStore(settings: StoreSettings): Promise<RunningStore> {
  const store = new Store(settings, systemClock);
  try {
    return { store, open: await store.open() };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** A change that nothing else depends on: one row of the ledger. */
export function aChange(key: string) {
  return {
    key,
    kind: 'ProfileChanged',
    object: { kind: 'ComplianceProfile', namespace: '', name: 'strict', uid: 'strict' },
    changedBy: 'alice@example.com',
    summary: 'Generation 2',
    at: '2026-01-01T00:00:00.000Z',
  } as const;
}
