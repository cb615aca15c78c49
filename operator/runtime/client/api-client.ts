/**
 * The client over a transport: URLs, content types, deadlines. Writes are validated strictly by the server
 * (`fieldValidation=Strict`), so that a misspelt field of ours is an error and not a silent loss.
 */
import type { Clock } from '../../../core/clock.ts';
import { errorMessage, TransientError } from '../../../core/errors.ts';
import type { KubernetesObject, ObjectKey } from '../object/object.ts';
import { keyOf } from '../object/object.ts';
import { apiVersionOf, collectionPath, objectPath, type ResourceType } from '../object/resource.ts';
import { ConnectionError, NotFoundError } from './api-error.ts';
import type {
  ApplyOptions,
  DeleteOptions,
  KubernetesClient,
  ListOptions,
  ObjectList,
  WatchOptions,
  WriteOptions,
} from './client.ts';
import type { ApiRequest, Transport } from './transport.ts';
import type { WatchEvent } from './watch-event.ts';
import { watchEvents, withInactivityLimit } from './watch-stream.ts';

const MEBIBYTE = 1024 * 1024;
/** etcd holds 1.5 MiB; JSON and managedFields can multiply that. */
const MAX_OBJECT_BYTES = 8 * MEBIBYTE;
const MAX_LIST_BYTES = 256 * MEBIBYTE;

const JSON_TYPE = 'application/json';
const PARTIAL_METADATA = 'as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
const PARTIAL_METADATA_LIST = 'as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/** What a client needs. */
export interface ApiClientOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  /** `<program>/<version> (<controller>)`: tells controllers apart in audit logs and flow control. */
  readonly userAgent: string;
  /** For one call with all its retries; 30 s by default. */
  readonly deadlineMs?: number;
}

const DEFAULT_DEADLINE_MS = 30_000;

/** A typed client. */
export function createApiClient(options: ApiClientOptions): KubernetesClient {
  const { transport, clock, userAgent } = options;
  const deadlineMs = options.deadlineMs ?? DEFAULT_DEADLINE_MS;

  const read = (path: string, accept: string, maxBytes: number, signal: AbortSignal): Promise<unknown> =>
    transport.send(
      { method: 'GET', path, headers: { accept, 'user-agent': userAgent }, deadlineMs, maxBytes },
      signal,
    );
  const write = (
    method: ApiRequest['method'],
    path: string,
    body: unknown,
    contentType: string,
    signal: AbortSignal,
  ): Promise<unknown> =>
    transport.send(
      {
        method,
        path,
        headers: { accept: JSON_TYPE, 'content-type': contentType, 'user-agent': userAgent },
        body: JSON.stringify(body),
        deadlineMs,
        maxBytes: MAX_OBJECT_BYTES,
      },
      signal,
    );

  return {
    get: async <T extends KubernetesObject>(type: ResourceType<T>, key: ObjectKey, signal: AbortSignal) => {
      try {
        return (await read(objectPath(type, key), JSON_TYPE, MAX_OBJECT_BYTES, signal)) as T;
      } catch (error) {
        if (error instanceof NotFoundError) return undefined;
        throw error;
      }
    },
    list: async <T extends KubernetesObject>(
      type: ResourceType<T>,
      list: ListOptions,
      signal: AbortSignal,
    ) => {
      const path = `${collectionPath(type, list.namespace ?? '')}${query(listQuery(list))}`;
      const answer = await read(
        path,
        acceptFor(list.metadataOnly, PARTIAL_METADATA_LIST),
        MAX_LIST_BYTES,
        signal,
      );
      return readList<T>(type, answer);
    },
    watch: <T extends KubernetesObject>(type: ResourceType<T>, watch: WatchOptions, signal: AbortSignal) => {
      const request = {
        path: `${collectionPath(type, watch.namespace ?? '')}${query(watchQuery(watch))}`,
        headers: { accept: acceptFor(watch.metadataOnly, PARTIAL_METADATA), 'user-agent': userAgent },
        deadlineMs,
      };
      return openWatch<T>(transport, clock, request, watch.inactivityMs, signal);
    },
    create: async <T extends KubernetesObject>(
      type: ResourceType<T>,
      object: KubernetesObject,
      options: WriteOptions,
      signal: AbortSignal,
    ) => {
      const collection = collectionPath(type, keyOf(object).namespace);
      const path =
        options.subresource === undefined ? collection : objectPath(type, keyOf(object), options.subresource);
      return (await write('POST', `${path}${query(writeQuery(options))}`, object, JSON_TYPE, signal)) as T;
    },
    apply: async <T extends KubernetesObject>(
      type: ResourceType<T>,
      intent: KubernetesObject,
      options: ApplyOptions,
      signal: AbortSignal,
    ) => {
      const parameters = { ...writeQuery(options), ...(options.force === true && { force: 'true' }) };
      const path = `${objectPath(type, keyOf(intent), options.subresource)}${query(parameters)}`;
      // The server takes YAML here, of which JSON is a part.
      return (await write('PATCH', path, intent, 'application/apply-patch+yaml', signal)) as T;
    },
    replace: async <T extends KubernetesObject>(
      type: ResourceType<T>,
      object: KubernetesObject,
      options: WriteOptions,
      signal: AbortSignal,
    ) => {
      const path = `${objectPath(type, keyOf(object), options.subresource)}${query(writeQuery(options))}`;
      return (await write('PUT', path, object, JSON_TYPE, signal)) as T;
    },
    patchJson: async <T extends KubernetesObject>(
      type: ResourceType<T>,
      key: ObjectKey,
      operations: readonly object[],
      options: WriteOptions,
      signal: AbortSignal,
    ) => {
      const path = `${objectPath(type, key, options.subresource)}${query(writeQuery(options))}`;
      return (await write('PATCH', path, operations, 'application/json-patch+json', signal)) as T;
    },
    delete: async (type: ResourceType, key: ObjectKey, options: DeleteOptions, signal: AbortSignal) => {
      try {
        await write('DELETE', objectPath(type, key), deleteBody(options), JSON_TYPE, signal);
      } catch (error) {
        if (!(error instanceof NotFoundError)) throw error;
      }
    },
  };
}

async function* openWatch<T extends KubernetesObject>(
  transport: Transport,
  clock: Clock,
  request: {
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly deadlineMs: number;
  },
  inactivityMs: number,
  signal: AbortSignal,
): AsyncGenerator<WatchEvent<T>> {
  const controller = new AbortController();
  const onAbort = (): void => controller.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    signal.throwIfAborted();
    const chunks = await transport.stream(request, controller.signal);
    const quiet = (): void =>
      controller.abort(new TransientError(`the watch was silent for ${inactivityMs} ms`));
    yield* watchEvents<T>(withInactivityLimit(chunks, clock, inactivityMs, quiet), MAX_OBJECT_BYTES);
  } catch (cause) {
    if (signal.aborted || cause instanceof TransientError) throw cause;
    throw new ConnectionError(`the watch broke: ${errorMessage(cause)}`, { cause, refused: false });
  } finally {
    signal.removeEventListener('abort', onAbort);
    controller.abort();
  }
}

type Query = Readonly<Record<string, string>>;

function listQuery(options: ListOptions): Query {
  return {
    ...selectors(options),
    ...(options.limit !== undefined && { limit: String(options.limit) }),
    ...(options.continue !== undefined && { continue: options.continue }),
    ...(options.resourceVersion !== undefined && { resourceVersion: options.resourceVersion }),
  };
}

function watchQuery(options: WatchOptions): Query {
  return {
    ...selectors(options),
    watch: 'true',
    allowWatchBookmarks: 'true',
    resourceVersion: options.resourceVersion,
    timeoutSeconds: String(options.timeoutSeconds),
  };
}

function selectors(options: { readonly labelSelector?: string; readonly fieldSelector?: string }): Query {
  return {
    ...(options.labelSelector !== undefined && { labelSelector: options.labelSelector }),
    ...(options.fieldSelector !== undefined && { fieldSelector: options.fieldSelector }),
  };
}

function writeQuery(options: WriteOptions): Query {
  return {
    fieldManager: options.fieldManager,
    fieldValidation: 'Strict',
    ...(options.dryRun === true && { dryRun: 'All' }),
  };
}

function query(parameters: Query): string {
  const text = new URLSearchParams(parameters).toString();
  return text === '' ? '' : `?${text}`;
}

function acceptFor(metadataOnly: boolean | undefined, transform: string): string {
  return metadataOnly === true ? `${JSON_TYPE};${transform}` : JSON_TYPE;
}

function deleteBody(options: DeleteOptions): object {
  return {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    propagationPolicy: options.propagationPolicy ?? 'Background',
    preconditions: {
      uid: options.uid,
      ...(options.resourceVersion !== undefined && { resourceVersion: options.resourceVersion }),
    },
  };
}

interface RawList<T> {
  readonly items?: readonly T[] | null;
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
}

/** Items of a list carry no apiVersion and kind of their own: the API server leaves them to the list's. */
function readList<T extends KubernetesObject>(type: ResourceType<T>, answer: unknown): ObjectList<T> {
  const { items, metadata } = answer as RawList<T>;
  const typeMeta = { apiVersion: apiVersionOf(type), kind: type.kind };
  return {
    items: (items ?? []).map((item) => ({ ...typeMeta, ...item })),
    resourceVersion: metadata?.resourceVersion ?? '',
    ...(metadata?.continue && { continue: metadata.continue }),
  };
}
