/** What the parts of the operator process share, and how all of them render. */
import type { ControllerParts } from '../controllers/parts.ts';
import type { ProbeFunction } from '../controllers/mcpserver/index.ts';
import type { Logger } from '../core/logger.ts';
import type { RenderSettings } from '../render/index.ts';
import type { Store } from '../stores/index.ts';
import type { Settings } from './config/settings.ts';
import type { Environment, ProcessIdentity } from './identity.ts';
import {
  createController,
  type ApiServer,
  type EventRecorder,
  type Informers,
  type MetricsRegistry,
  type Runnable,
  type RuntimeMetrics,
} from './runtime/index.ts';

/** What a process is given from outside. */
export interface OperatorDependencies {
  readonly settings: Settings;
  readonly environment: Environment;
  readonly logger: Logger;
  /** `probe` of `mcp/` when absent; a bench passes its own. */
  readonly probe?: ProbeFunction;
}

/** What is made once and handed to every part. */
export interface Shared extends OperatorDependencies {
  readonly apiServer: ApiServer;
  readonly identity: ProcessIdentity;
  readonly registry: MetricsRegistry;
  readonly metrics: RuntimeMetrics;
  readonly informers: Informers;
  readonly recorder: EventRecorder;
  /** Absent with `store.mode: None`. */
  readonly history?: Store;
}

/** Admission judges what the controller would make: all render with this. */
export function rendering({ settings, identity }: Pick<Shared, 'settings' | 'identity'>): RenderSettings {
  return {
    clusterDNS: settings.clusterDNS,
    operator: {
      namespaceLabels: { 'kubernetes.io/metadata.name': identity.operatorNamespace },
      podLabels: settings.operatorPodLabels,
    },
  };
}

/** A running controller of its parts. @param concurrency how many keys it handles at the same time. */
export function running({ logger, metrics }: Shared, parts: ControllerParts, concurrency: number): Runnable {
  return createController({ ...parts, concurrency, logger, observer: metrics.controller(parts.name) });
}
