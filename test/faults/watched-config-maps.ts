/**
 * A subject for watch faults: the runtime's informer over one namespace's ConfigMaps, seen through a fault proxy, and a plain client
 * that changes them behind its back. What handlers were told is kept as a model, so that a lost change shows.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '../../core/logger.ts';
import { createInformers } from '../../operator/runtime/cache/informer-registry.ts';
import type { Change, Informer } from '../../operator/runtime/cache/informer.ts';
import { connect } from '../../operator/runtime/client/connect.ts';
import { loadClusterAccess } from '../../operator/runtime/client/kubeconfig.ts';
import type { KubernetesObject } from '../../operator/runtime/object/object.ts';
import type { ResourceType } from '../../operator/runtime/object/resource.ts';
import { createNamespace } from '../harness/namespace.ts';
import { connectPlainly, type PlainClient } from '../harness/plain-client.ts';
import { waitFor } from '../harness/wait.ts';
import { startFaultProxy, type CutMode, type FaultProxy } from './proxy/index.ts';
import { scaledClock } from './scaled-clock.ts';

/** A ConfigMap with one value. */
export interface ConfigMap extends KubernetesObject {
  readonly data?: { readonly value?: string };
}

const CONFIG_MAPS: ResourceType<ConfigMap> = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
};
const LABEL = 'fault-test';
/** Backoff of up to a minute and the inactivity limit of 150 s must fit into a test. */
export const CLOCK_FACTOR = 30;

/** Name to value, or to uid and value. */
export type View = Readonly<Record<string, string>>;

/** @see module header. */
export interface WatchedConfigMaps {
  readonly proxy: FaultProxy;
  readonly namespace: string;
  readonly changes: readonly Change<ConfigMap>[];
  /** Begins to watch; `synced` resolves with the first list. */
  start(): void;
  synced(deadlineMs?: number): Promise<void>;
  /** Cuts the watch that is open, and resolves when the proxy has let go of it. */
  cutWatch(mode?: CutMode): Promise<void>;
  set(name: string, value: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** Resolves when the informer shows exactly what the API server holds, its handlers were told the same, and it watches. */
  converged(deadlineMs?: number): Promise<View>;
  /** The collection's present version. */
  resourceVersion(): Promise<string>;
  /** Milliseconds on the informer's clock. */
  nowMs(): number;
  /** How many lists, and how many watches, were asked for from the log's `mark` on. */
  requests(mark?: number): { readonly lists: number; readonly watches: number };
  stop(): Promise<void>;
}

/** Makes a namespace, a proxy and an informer that has not started yet. */
export async function watchConfigMaps(kubeconfigPath: string): Promise<WatchedConfigMaps> {
  const directory = await mkdtemp(join(tmpdir(), 'faults-watch-'));
  const proxy = await startFaultProxy({ upstreamKubeconfig: kubeconfigPath, directory });
  const namespace = await createNamespace(kubeconfigPath, 'faults-watch');
  const writer = await connectPlainly(kubeconfigPath);
  const clock = scaledClock(CLOCK_FACTOR);
  const server = connect(await loadClusterAccess({ path: proxy.kubeconfigPath }), { program: 'test', clock });
  const informers = createInformers({
    client: server.client('faults'),
    namespaces: [namespace.name],
    logger: silentLogger,
    clock,
  });
  const informer = informers.for(CONFIG_MAPS, { labelSelector: LABEL });
  const changes: Change<ConfigMap>[] = [];
  informer.addHandler((change) => changes.push(change));
  const abort = new AbortController();
  const path = `/api/v1/namespaces/${namespace.name}/configmaps`;
  return {
    proxy,
    namespace: namespace.name,
    changes,
    start: () => informers.start(abort.signal),
    synced: async (deadlineMs = 20_000) => {
      await waitFor(() => informer.hasSynced(), { deadlineMs, description: 'the first list' });
    },
    cutWatch: async (mode) => {
      const [watch] = proxy.log.openWatches();
      // A watch is in the log when it was asked for, and can be cut when it was answered.
      await waitFor(() => proxy.cutWatches({}, mode) === 1, { description: 'a watch to cut' });
      await waitFor(() => watch?.durationMs !== undefined, { description: 'the watch to end' });
    },
    set: (name, value) => setConfigMap(writer, path, name, value),
    remove: async (name) => void (await writer.demand('DELETE', `${path}/${name}`)),
    converged: async (deadlineMs = 20_000) => {
      const wanted = viewOf((await listLive(writer, path)).items);
      const isThere = (): boolean =>
        isSame(wanted, cachedView(informer)) &&
        isSame(wanted, toldView(changes)) &&
        proxy.log.openWatches().length === 1;
      await waitFor(isThere, {
        deadlineMs,
        description: `the informer to show ${JSON.stringify(wanted)}`,
      });
      return wanted;
    },
    resourceVersion: async () => (await listLive(writer, path)).metadata.resourceVersion,
    nowMs: () => clock.monotonicMs(),
    requests: (mark = 0) => ({
      lists: proxy.log.entries({ verb: 'list', resource: 'configmaps' }, mark).length,
      watches: proxy.log.entries({ verb: 'watch', resource: 'configmaps' }, mark).length,
    }),
    stop: async () => {
      abort.abort();
      await informers.stopped();
      await server.close();
      await proxy.stop();
      await writer.close();
      await namespace.remove();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function setConfigMap(writer: PlainClient, path: string, name: string, value: string): Promise<void> {
  const object = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, labels: { [LABEL]: '' } },
    data: { value },
  };
  const url = `${path}/${name}?fieldManager=faults&force=true`;
  await writer.demand('PATCH', url, object, 'application/apply-patch+yaml');
}

interface ConfigMapList {
  readonly metadata: { readonly resourceVersion: string };
  readonly items: readonly ConfigMap[];
}

async function listLive(writer: PlainClient, path: string): Promise<ConfigMapList> {
  return (await writer.demand('GET', `${path}?labelSelector=${LABEL}`)) as ConfigMapList;
}

function cachedView(informer: Informer<ConfigMap>): View {
  return viewOf(informer.store.list());
}

/** The state that follows from what handlers were told, one change after the other. */
function toldView(changes: readonly Change<ConfigMap>[]): View {
  const told = new Map<string, ConfigMap>();
  for (const change of changes) {
    const { name } = change.object.metadata;
    if (change.kind === 'delete') told.delete(name);
    else told.set(name, change.object);
  }
  return viewOf([...told.values()]);
}

function viewOf(objects: readonly ConfigMap[]): View {
  return Object.fromEntries(
    objects.map(({ metadata, data }) => [metadata.name, `${metadata.uid} ${data?.value}`]),
  );
}

function isSame(one: View, other: View): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}
