/** What a watch delivers, after parsing and before anybody acts on it. */
import type { KubernetesObject } from '../object/object.ts';

/** One change, or a bookmark: a resource version up to which the watch has told everything. */
export type WatchEvent<T extends KubernetesObject> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string };
