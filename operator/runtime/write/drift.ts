/**
 * What differs between what should be and what is. Pure: an intent, a live object and its field ownership in, differences out.
 *
 * - `changed`: a value of the intent is missing or different in the live object. One server-side apply sets it right.
 * - `foreign`: somebody owns a path of the live object that the intent does not have, such as a sidecar. Server-side apply
 *   alone would leave it in place, so it has to be removed. What nobody owns was filled in by the API server and stays, unless
 *   its kind's defaults are known and it is none of them: then somebody wiped the record of who added it.
 *
 * List kinds are not looked up in a schema: how the API server recorded the ownership (`k:`, `v:` or a leaf) tells how it merges.
 * Additions under `metadata` (labels, annotations, finalizers of others) are tolerated, except what our own manager left there.
 */
import type { Ownership } from '../cache/ownership.ts';
import type { KubernetesObject } from '../object/object.ts';
import {
  contentTree,
  hasKey,
  identityOf,
  isLeaf,
  itemNode,
  keyNamesOf,
  metadataTree,
  type FieldNode,
} from './field-set.ts';
import { isEmpty, isEqualAtomic, isEqualScalar, isMap, type JsonMap } from './equality.ts';
import { isServerDefault, knowsDefaultsOf } from './server-defaults.ts';

/** One place where they differ. */
export interface Difference {
  /** A JSON pointer into the live object. */
  readonly path: string;
  /** What is there now; undefined when nothing is. */
  readonly live: unknown;
}

/** @see module header. Foreign paths are in an order in which they can be removed one after the other. */
export interface Drift {
  readonly changed: readonly Difference[];
  readonly foreign: readonly Difference[];
}

/** Compares `live` with `intent`; `manager` is the field manager that writes the intent. */
export function findDrift(
  intent: KubernetesObject,
  live: KubernetesObject,
  ownership: Ownership,
  manager: string,
): Drift {
  const walk = new DriftWalk(live.kind);
  walk.metadata(intent, live, metadataTree(ownership, manager));
  const { metadata: _wanted, apiVersion: _version, ...content } = withoutStatus(intent);
  walk.content(content, asMap(live), contentTree(ownership), TOLERATED_ADDITIONS[live.kind] ?? []);
  return { changed: walk.changed, foreign: walk.foreign.toReversed() };
}

/** Whether there is nothing to do. */
export function isClean(drift: Drift): boolean {
  return drift.changed.length === 0 && drift.foreign.length === 0;
}

/** OpenShift adds its registry credentials to each service account, and would add them again for ever. */
const TOLERATED_ADDITIONS: Readonly<Record<string, readonly string[]>> = {
  ServiceAccount: ['secrets', 'imagePullSecrets'],
};

/** `kubectl rollout restart` is how people restart pods; taking its mark away would only restart them once more. */
const RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt';
/** Where it stands; anywhere else, in a nodeSelector for one, the same name means something else. */
const TEMPLATE_ANNOTATIONS = '/spec/template/metadata/annotations';

class DriftWalk {
  readonly changed: Difference[] = [];
  readonly foreign: Difference[] = [];
  readonly #kind: string;
  readonly #path: string[] = [];

  constructor(kind: string) {
    this.#kind = kind;
  }

  metadata(intent: KubernetesObject, live: KubernetesObject, own: FieldNode): void {
    this.#at('metadata', () => {
      for (const name of ['labels', 'annotations'] as const) {
        const wanted = intent.metadata[name] ?? {};
        const present = live.metadata[name] ?? {};
        this.#at(name, () => this.#members(wanted, present, own.fields.get(name)));
      }
      this.#at('ownerReferences', () => this.#ownerReferences(intent, live));
    });
  }

  content(intent: JsonMap, live: JsonMap, node: FieldNode, tolerated: readonly string[]): void {
    const { apiVersion: _version, kind: _kind, metadata: _metadata, status: _status, ...content } = live;
    const judged = Object.entries(content).filter(([name]) => name in intent || !tolerated.includes(name));
    this.#map(intent, Object.fromEntries(judged), node);
  }

  #ownerReferences(intent: KubernetesObject, live: KubernetesObject): void {
    const present = live.metadata.ownerReferences ?? [];
    for (const wanted of intent.metadata.ownerReferences ?? []) {
      const match = present.find((reference) => reference.uid === wanted.uid);
      if (match === undefined || !isEqualAtomic(asMap(wanted), asMap(match), [])) this.#change(present);
    }
  }

  #map(intent: JsonMap, live: JsonMap, node: FieldNode | undefined): void {
    this.#members(intent, live, node);
    if (!knowsDefaultsOf(this.#kind)) return;
    for (const [name, value] of Object.entries(live)) {
      if (value === null || node?.fields.has(name) || isServerDefault(this.#kind, name, value, intent))
        continue;
      this.#at(name, () => this.#unwanted(intent[name], value));
    }
  }

  #members(intent: JsonMap, live: JsonMap, node: FieldNode | undefined): void {
    for (const [name, value] of Object.entries(intent)) {
      this.#at(name, () => this.#value(value, live[name], node?.fields.get(name)));
    }
    for (const name of node?.fields.keys() ?? []) {
      this.#at(name, () => this.#unwanted(intent[name], live[name]));
    }
  }

  #value(intent: unknown, live: unknown, node: FieldNode | undefined): void {
    if (intent === undefined || intent === null) return;
    if (live === undefined || live === null) return this.#missing(intent, node);
    if (Array.isArray(intent)) return this.#list(intent, live, node);
    if (!isMap(intent)) {
      if (!isEqualScalar(intent, live, this.#path)) this.#change(live);
      return;
    }
    if (!isMap(live)) return this.#change(live);
    if (node !== undefined && isLeaf(node)) {
      if (!isEqualAtomic(intent, live, this.#path)) this.#change(live);
      return;
    }
    this.#map(intent, live, node);
  }

  /**
   * The API server drops empty values of many fields (`hostNetwork: false`) but goes on recording that we applied them. Without
   * that record the value is missing: somebody took it away.
   */
  #missing(intent: unknown, node: FieldNode | undefined): void {
    if (!isEmpty(intent) || node === undefined) this.#change(undefined);
  }

  #unwanted(intent: unknown, live: unknown): void {
    if ((intent !== undefined && intent !== null) || live === undefined) return;
    if (isRestartMark(this.#path, live)) return;
    this.foreign.push({ path: this.#pointer(), live });
  }

  #list(intent: readonly unknown[], live: unknown, node: FieldNode | undefined): void {
    if (!Array.isArray(live)) return this.#change(live);
    if (node !== undefined && node.items.size > 0) return this.#keyedList(intent, live, node);
    if (node !== undefined && node.values.size > 0) return this.#set(intent, live, node);
    if (!isEqualAtomic(intent, live, this.#path)) this.#change(live);
  }

  #keyedList(intent: readonly unknown[], live: readonly unknown[], node: FieldNode): void {
    const wanted = positionsOf(intent, live, keyNamesOf(node));
    // Order has a meaning in some lists: init containers run in it, and variables refer to earlier ones.
    const found = wanted.filter((position) => position >= 0);
    if (found.length < intent.length || !isAscending(found)) this.#change(live);
    const indexes = new Map(wanted.map((position, index) => [position, index]));
    live.forEach((item, position) => {
      this.#at(String(position), () => {
        const index = indexes.get(position);
        const owned = itemNode(node, item);
        if (index !== undefined) this.#value(intent[index], item, owned);
        else if (owned !== undefined || knowsDefaultsOf(this.#kind)) this.#unwanted(undefined, item);
      });
    });
  }

  #set(intent: readonly unknown[], live: readonly unknown[], node: FieldNode): void {
    if (intent.some((value) => !live.includes(value))) this.#change(live);
    live.forEach((value, position) => {
      if (intent.includes(value) || !node.values.has(value)) return;
      this.#at(String(position), () => this.#unwanted(undefined, value));
    });
  }

  #at(segment: string, visit: () => void): void {
    this.#path.push(segment);
    visit();
    this.#path.pop();
  }

  #change(live: unknown): void {
    this.changed.push({ path: this.#pointer(), live });
  }

  #pointer(): string {
    return this.#path.map((segment) => `/${segment.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
  }
}

/** The mark itself among other annotations, or annotations that hold nothing else. */
function isRestartMark(path: readonly string[], live: unknown): boolean {
  if (`/${path.join('/')}` === TEMPLATE_ANNOTATIONS)
    return isMap(live) && Object.keys(live).every((name) => name === RESTARTED_AT);
  return path.at(-1) === RESTARTED_AT && `/${path.slice(0, -1).join('/')}` === TEMPLATE_ANNOTATIONS;
}

/** Where in `live` each item of the intent is; -1 when it is not. Tens of thousands of items must not cost their square. */
function positionsOf(
  intent: readonly unknown[],
  live: readonly unknown[],
  keyNames: readonly string[],
): readonly number[] {
  const byIdentity = new Map(
    live.map((item, position) => [identityOf(item, keyNames), position] as const).toReversed(),
  );
  return intent.map(
    (item) =>
      byIdentity.get(identityOf(item, keyNames)) ??
      live.findIndex((candidate) => isSameItem(item, candidate, keyNames)),
  );
}

/** A keyed item matches when the keys that the intent spells out are the same; the server fills in the others. */
function isSameItem(intent: unknown, live: unknown, keyNames: readonly string[]): boolean {
  if (!isMap(intent)) return false;
  const spelled = keyNames.filter((name) => intent[name] !== undefined);
  return spelled.length > 0 && hasKey(live, Object.fromEntries(spelled.map((name) => [name, intent[name]])));
}

function isAscending(positions: readonly number[]): boolean {
  return positions.every((position, index) => index === 0 || position > (positions[index - 1] ?? 0));
}

function asMap(object: object): JsonMap {
  return object as JsonMap;
}

function withoutStatus(object: KubernetesObject): JsonMap {
  const { status: _status, kind: _kind, ...rest } = asMap(object);
  return rest;
}
