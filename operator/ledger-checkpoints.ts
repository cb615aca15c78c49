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
  type LedgerStanding,
  type Store,
} from '../stores/index.ts';
import type {
  EventRecorder,
  KubernetesClient,
  KubernetesObject,
  Permission,
  ResourceType,
  Runnable,
} from './runtime/index.ts';

/** Name of the ConfigMap. */
export const LEDGER_CHECKPOINTS = 'mcp-operator-ledger';
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
    resourceNames: [LEDGER_CHECKPOINTS],
    verbs: ['get', 'patch'],
    isOwnNamespace: true,
    why: 'Keeps checkpoints of the ledger outside of its database.',
  },
];

/** What the ConfigMap holds. */
interface Kept {
  /** The newest last. */
  readonly checkpoints: readonly Checkpoint[];
  /** Those that a ledger did not go through any more when a person acknowledged that. */
  readonly superseded: readonly Checkpoint[];
}

/** Keeps checkpoints in the ConfigMap, one line each, the newest last. */
export class CheckpointConfigMap implements CheckpointSink {
  readonly #client: Pick<KubernetesClient, 'get' | 'apply'>;
  readonly #namespace: string;

  constructor(client: Pick<KubernetesClient, 'get' | 'apply'>, namespace: string) {
    this.#client = client;
    this.#namespace = namespace;
  }

  async write(checkpoint: Checkpoint, signal: AbortSignal): Promise<void> {
    const { checkpoints, superseded } = await this.#read(signal);
    const others = checkpoints.filter((other) => !isSame(other, checkpoint));
    await this.#store({ checkpoints: [...others, checkpoint], superseded }, signal);
  }

  async last(signal: AbortSignal): Promise<Checkpoint | undefined> {
    return (await this.#read(signal)).checkpoints.at(-1);
  }

  /**
   * Begins anew at `place`, for a ledger that does not go on from the last checkpoint.
   * @param stillGood picks those that it still goes through; the others are kept apart, to be looked at.
   */
  async restart(
    place: Checkpoint,
    stillGood: (checkpoints: readonly Checkpoint[]) => Promise<readonly Checkpoint[]>,
    signal: AbortSignal,
  ): Promise<void> {
    const { checkpoints, superseded } = await this.#read(signal);
    const good = new Set(await stillGood(checkpoints));
    const lost = checkpoints.filter((checkpoint) => !good.has(checkpoint));
    await this.#store({ checkpoints: [...good, place], superseded: [...superseded, ...lost] }, signal);
  }

  async #read(signal: AbortSignal): Promise<Kept> {
    const key = { namespace: this.#namespace, name: LEDGER_CHECKPOINTS };
    const stored = await this.#client.get(CONFIG_MAP, key, signal);
    return {
      checkpoints: parse(stored?.data?.['checkpoints']),
      superseded: parse(stored?.data?.['superseded']),
    };
  }

  async #store({ checkpoints, superseded }: Kept, signal: AbortSignal): Promise<void> {
    const object: ConfigMap = {
      ...configMapIn(this.#namespace),
      data: {
        checkpoints: format(checkpoints),
        ...(superseded.length > 0 && { superseded: format(superseded) }),
      },
    };
    await this.#client.apply(CONFIG_MAP, object, { fieldManager: FIELD_MANAGER, force: true }, signal);
  }
}

/** The ConfigMap without what it holds: also what Events are about. */
function configMapIn(namespace: string): ConfigMap {
  const labels = { 'app.kubernetes.io/managed-by': 'mcp-operator' };
  return {
    apiVersion: 'v1',
    kind: CONFIG_MAP.kind,
    metadata: { name: LEDGER_CHECKPOINTS, namespace, labels },
  };
}

function parse(lines = ''): readonly Checkpoint[] {
  // A boundary: this class wrote the lines.
  return lines.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Checkpoint]));
}

function format(checkpoints: readonly Checkpoint[]): string {
  return checkpoints
    .slice(-MOST_CHECKPOINTS)
    .map((checkpoint) => `${JSON.stringify(checkpoint)}\n`)
    .join('');
}

function isSame(one: Checkpoint, other: Checkpoint): boolean {
  return one.chain === other.chain && one.seq === other.seq && one.hash === other.hash;
}

/** The ledger of a store that may not be open yet. */
export function ledgerOf(store: Pick<Store, 'ledger'>): CheckpointSource {
  return {
    place: async () => (await store.ledger()).place(),
    continuity: async (checkpoint) => (await store.ledger()).continuity(checkpoint),
  };
}

/** @returns the number of the ledger's last row; 0 while there is none. */
export async function ledgerHead(store: Pick<Store, 'ledger'>): Promise<number> {
  const place = await ledgerOf(store).place();
  return place?.seq ?? 0;
}

export interface LedgerWatchOptions {
  readonly source: CheckpointSource;
  readonly sink: CheckpointSink;
  /** Told where the ledger is, each time that it is looked at. */
  readonly onPlace: (seq: number) => void | Promise<void>;
  /** Told how it stands, each time that this changes. */
  readonly onStanding: (standing: LedgerStanding) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

const UNKNOWN: LedgerStanding = { kind: 'unknown' };

/** Takes checkpoints while this process leads. Trouble is logged when it begins and when it changes, not at every look. */
export function createLedgerWatch(options: LedgerWatchOptions): Runnable {
  const { source, sink, onPlace, onStanding, clock, logger } = options;
  let standing = UNKNOWN;
  let trouble: string | undefined;
  const stand = (next: LedgerStanding): void => {
    const hasChanged = next.kind !== standing.kind;
    standing = next;
    if (hasChanged) onStanding(next);
  };
  const onError = (error: unknown): void => {
    const message = errorMessage(error);
    if (message !== trouble) logger.error('no checkpoint of the ledger', { error: message });
    trouble = message;
  };
  const watched: CheckpointSource = {
    continuity: (checkpoint) => source.continuity(checkpoint),
    place: async () => {
      const place = await source.place();
      await onPlace(place?.seq ?? 0);
      return place;
    },
  };
  return {
    run: async (stop) => {
      const checkpointer = new Checkpointer(watched, sink, clock);
      const onLook = (error?: unknown): void => {
        if (error === undefined) trouble = undefined;
        else onError(error);
        stand(checkpointer.standing());
      };
      await checkpointer.run(onLook, stop);
      stand(UNKNOWN);
    },
  };
}

/** What people are told about the ledger, on the ConfigMap that it does not go on from. */
export function announceStanding(recorder: EventRecorder, namespace: string, standing: LedgerStanding): void {
  if (standing.kind !== 'broken') return;
  recorder.event(configMapIn(namespace), {
    type: 'Warning',
    reason: 'LedgerNotContinued',
    action: 'Compare',
    note: `The ledger of compliance history does not go on from checkpoint ${standing.checkpoint.seq} (${standing.continuity}): look at the database, then run kilo-mcp ledger acknowledge. Until then no checkpoint is taken.`,
  });
}
