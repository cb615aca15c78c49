/** What every controller of the project consists of; `createController` of the runtime makes a running one of it. */
import type { ConsistencyStore, ControllerOptions, Reconciler, Watch } from '../operator/runtime/index.ts';

export interface ControllerParts {
  readonly name: string;
  readonly reconciler: Reconciler;
  readonly watches: readonly Watch[];
  /** The one that the controller's writer uses; absent when it writes nothing that it watches. */
  readonly consistency?: ConsistencyStore;
  /** How often one key may be reconciled, where the runtime's default is not right. */
  readonly keyBudget?: NonNullable<ControllerOptions['keyBudget']>;
}
