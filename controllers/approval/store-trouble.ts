/** What becomes of work while the store cannot be used. */
import { isStoresOwn } from '../../checks/engine/history.ts';
import type { Reconciler } from '../../operator/runtime/index.ts';

/** While the store cannot be used; what waits for it is named as soon as it can be, so that this is the fallback. */
export const STORE_RETRY_MS = 30_000;

/** Looks again after {@link STORE_RETRY_MS} where the store was the matter: backing off for as long as it was away would take longer to come back. */
export function patient(reconciler: Reconciler): Reconciler {
  return {
    reconcile: async (key, context) => {
      try {
        return await reconciler.reconcile(key, context);
      } catch (error) {
        if (!isStoresOwn(error)) throw error;
        return { kind: 'requeue', afterMs: STORE_RETRY_MS };
      }
    },
  };
}
