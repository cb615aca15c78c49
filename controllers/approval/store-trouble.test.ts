import { describe, expect, it } from 'vitest';
import { FencedError, StoreUnavailableError, isStoresOwn } from '../../checks/engine/history.ts';
import { silentLogger } from '../../core/logger.ts';
import type { Reconciler } from '../../operator/runtime/index.ts';
import { STORE_RETRY_MS, patient } from './store-trouble.ts';

const REFUSED = Object.assign(new Error('no'), { name: 'StoreRefusedError' });
const AWAY = new StoreUnavailableError('connection refused');
const CONTEXT = { signal: new AbortController().signal, logger: silentLogger, reconcileID: '1' };
const KEY = { namespace: 'team-a', name: 'one' };
const failing = (reason: Error): Reconciler => ({ reconcile: () => Promise.reject(reason) });

describe('trouble with the store', () => {
  it('is told from a bug', () => {
    const deposed = new FencedError('a newer leader wrote before');
    expect([AWAY, REFUSED, deposed, new Error('bug')].map(isStoresOwn)).toEqual([true, true, false, false]);
  });

  it.each([AWAY, REFUSED])('is waited for: $name', async (error) => {
    const reconciler = patient(failing(error));
    expect(await reconciler.reconcile(KEY, CONTEXT)).toEqual({ kind: 'requeue', afterMs: STORE_RETRY_MS });
  });

  it('keeps nothing else', async () => {
    const bug = new Error('bug');
    await expect(patient(failing(bug)).reconcile(KEY, CONTEXT)).rejects.toThrow(bug);
    const done = patient({ reconcile: () => Promise.resolve({ kind: 'done' }) });
    expect(await done.reconcile(KEY, CONTEXT)).toEqual({ kind: 'done' });
  });
});
