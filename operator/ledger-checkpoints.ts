/**
 * Where the ledger was at times, in a ConfigMap of the operator's own namespace: who may change the database and not the cluster cannot rewrite its
 * end unseen, and a database that was restored from a backup does not go on as if nothing had happened.
 */
import type { Clock } from '../core/clock.ts';
import { errorMessage } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import {
  Checkpointer,
  type Checkpoint,
  type CheckpointSink,
  type CheckpointSource,
} from '../stores/index.ts';
import type {
  KubernetesClient,
  KubernetesObject,
  Permission,
  ResourceType,
  Runnable,
} from './runtime/index.ts';

/** Name of the ConfigMap. */
const CHECKPOINTS = 'mcp-operator-ledger';
const FIELD_MANAGER = 'mcp-operator/ledger';
/** Some weeks of them at the usual pace; a ConfigMap holds 1 MiB. */
const MOST_CHECKPOINTS = 2_000;

interface ConfigMap extends KubernetesObject {
  readonly data?: Readonly<Record<string, string>>;
}
const CONFIG_MAP: ResourceType<ConfigMap> = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
};

export const CHECKPOINT_PERMISSIONS: readonly Permission[] = [
  {
    apiGroups: [''],
    resources: ['configmaps'],
    resourceNames: [CHECKPOINTS],
    verbs: ['get', 'patch'],
    isOwnNamespace: true,
    why: 'Keeps checkpoints of the ledger outside of its database.',
  },
];

/** Keeps checkpoints in the ConfigMap, one line each, the newest last. */
export class CheckpointConfigMap implements CheckpointSink {
  readonly #client: Pick<KubernetesClient, 'get' | 'apply'>;
  readonly #namespace: string;

  constructor(client: Pick<KubernetesClient, 'get' | 'apply'>, namespace: string) {
    this.#client = client;
    this.#namespace = namespace;
  }

  async write(checkpoint: Checkpoint, signal: AbortSignal): Promise<void> {
    const lines = await this.#lines(signal);
    const line = JSON.stringify(checkpoint);
    const kept = [...lines.filter((other) => other !== line), line].slice(-MOST_CHECKPOINTS);
    const object: ConfigMap = {
      apiVersion: 'v1',
      kind: CONFIG_MAP.kind,
      metadata: {
        name: CHECKPOINTS,
        namespace: this.#namespace,
        labels: { 'app.kubernetes.io/managed-by': 'mcp-operator' },
      },
      data: { checkpoints: `${kept.join('\n')}\n` },
    };
    await this.#client.apply(CONFIG_MAP, object, { fieldManager: FIELD_MANAGER, force: true }, signal);
  }

  async last(signal: AbortSignal): Promise<Checkpoint | undefined> {
    const line = (await this.#lines(signal)).at(-1);
    // A boundary: this class wrote the line.
    return line === undefined ? undefined : (JSON.parse(line) as Checkpoint);
  }

  async #lines(signal: AbortSignal): Promise<readonly string[]> {
    const key = { namespace: this.#namespace, name: CHECKPOINTS };
    const stored = await this.#client.get(CONFIG_MAP, key, signal);
    return (stored?.data?.['checkpoints'] ?? '').split('\n').filter((line) => line !== '');
  }
}

export interface LedgerWatchOptions {
  readonly source: CheckpointSource;
  readonly sink: CheckpointSink;
  /** Told where the ledger is, each time that it is looked at. */
  readonly onPlace: (seq: number) => void | Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Takes checkpoints while this process leads. Trouble is logged when it begins and when it changes, not at every look. */
export function createLedgerWatch({ source, sink, onPlace, clock, logger }: LedgerWatchOptions): Runnable {
  let trouble: string | undefined;
  const onTrouble = (error: unknown): void => {
    const message = errorMessage(error);
    if (message !== trouble) logger.error('no checkpoint of the ledger', { error: message });
    trouble = message;
  };
  const watched: CheckpointSource = {
    continuity: (checkpoint) => source.continuity(checkpoint),
    place: async () => {
      const place = await source.place();
      await onPlace(place?.seq ?? 0);
      trouble = undefined;
      return place;
    },
  };
  return { run: (stop) => new Checkpointer(watched, sink, clock).run(onTrouble, stop) };
}
