/**
 * The public face of the controller runtime: everything a controller or the composition root may use. It knows Kubernetes and
 * no domain word; what is not exported here is machinery.
 */
export {
  formatKey,
  keyOf,
  parseKey,
  type KubernetesObject,
  type LabelSelector,
  type ObjectKey,
  type ObjectMeta,
  type OwnerReference,
} from './object/object.ts';
export type { ResourceType } from './object/resource.ts';
export { controllerOf, controllerReference } from './object/owner.ts';
export type {
  ApplyOptions,
  DeleteOptions,
  JsonPatchOperation,
  KubernetesClient,
  ListOptions,
  ObjectList,
  WriteOptions,
} from './client/client.ts';
export { withDeadline } from './client/deadline.ts';
export type { Discovery } from './client/discovery.ts';
export { connect, type ApiServer, type ConnectOptions } from './client/connect.ts';
export { loadClusterAccess, type ClusterAccess } from './client/kubeconfig.ts';
export {
  AlreadyExistsError,
  ApiConflictError,
  apiStatusOf,
  ForbiddenError,
  InvalidError,
  NotFoundError,
  UnauthorizedError,
  type ApiStatus,
  type FieldCause,
} from './client/api-error.ts';
export {
  NAMESPACE_INDEX,
  OWNER_UID_INDEX,
  type Change,
  type Indexer,
  type Informer,
  type InformerOptions,
  type Informers,
  type PartialObjectMetadata,
  type Store,
} from './cache/informer.ts';
export { createInformers, type InformerRegistry, type InformerState } from './cache/informer-registry.ts';
export type { Ownership, OwnershipEntry } from './cache/ownership.ts';
export { createConsistencyStore, type ConsistencyStore } from './controller/consistency.ts';
export { createController, type Controller, type ControllerOptions } from './controller/controller.ts';
export type { ReconcileContext, Reconciler, ReconcileResult } from './controller/reconciler.ts';
export {
  createFinalizer,
  type Finalizer,
  type FinalizerOptions,
  type FinalizerState,
} from './write/finalizer.ts';
export {
  PRIORITY_INITIAL_LIST,
  watchMapped,
  watchOwned,
  watchSelf,
  type Predicate,
  type Watch,
} from './controller/watch.ts';
export { createObjectWriter, type ObjectWriterOptions } from './write/object-writer.ts';
export type { EnsureAbsentResult, EnsureResult, ObjectWriter, Owner } from './write/writer.ts';
export type { EventDetails, EventRecorder } from './events/recorder.ts';
export { createEventBroadcaster, type EventBroadcaster } from './events/broadcaster.ts';
export { createLeaderElector, type LeaderElector } from './election/elector.ts';
export type { Leadership } from './election/leadership.ts';
export {
  createManager,
  type Manager,
  type ManagerOptions,
  type Runnable,
  type RunningServer,
  type Server,
} from './manager/manager.ts';
export { parseBindAddress } from './manager/bind-address.ts';
export type { HealthCheck } from './manager/health.ts';
export { createRuntimeMetrics, type RuntimeMetrics } from './manager/metrics.ts';
export { MetricsRegistry } from './manager/metrics-registry.ts';
export { exitOnEscapedErrors } from './manager/process.ts';
export { RUNTIME_PERMISSIONS, type Permission } from './permissions.ts';
