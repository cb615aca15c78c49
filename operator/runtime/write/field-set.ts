/**
 * FieldsV1 made usable: the paths that managers own, as one tree that can be walked beside an object. Trees are computed once
 * for each interned {@link Ownership}, so that ten thousand objects of one shape share them.
 */
import type { FieldTree, Ownership, OwnershipEntry } from '../cache/ownership.ts';

/** One node of the tree; without any child it is a leaf: the value at its path is owned as a whole. */
export interface FieldNode {
  /** `f:`: members of a map. */
  readonly fields: Map<string, FieldNode>;
  /** `k:`: items of a list that is merged by keys, by the text of their keys: a list may have tens of thousands. */
  readonly items: Map<string, KeyedItem>;
  /** `v:`: items of a set. */
  readonly values: Set<unknown>;
  /** `i:`: items by position (not used by the API server's own kinds). */
  readonly positions: Map<number, FieldNode>;
}

/** An item of a keyed list, such as the container named `server`. */
export interface KeyedItem {
  readonly key: Readonly<Record<string, unknown>>;
  readonly node: FieldNode;
}

const contentTrees = new WeakMap<Ownership, FieldNode>();
const metadataTrees = new WeakMap<Ownership, Map<string, FieldNode>>();

/**
 * Everything owned by anybody outside `metadata`. Fields written through a subresource are left out: who may only scale cannot
 * add a container. The manager's name means nothing here, because anybody may claim any name.
 */
export function contentTree(ownership: Ownership): FieldNode {
  const known = contentTrees.get(ownership);
  if (known !== undefined) return known;
  const tree = union(ownership.filter((entry) => entry.subresource === ''));
  tree.fields.delete('metadata');
  contentTrees.set(ownership, tree);
  return tree;
}

/** What `manager` itself owns under `metadata`: what an earlier version of our intent had set there. */
export function metadataTree(ownership: Ownership, manager: string): FieldNode {
  const byManager = metadataTrees.get(ownership) ?? new Map<string, FieldNode>();
  metadataTrees.set(ownership, byManager);
  const known = byManager.get(manager);
  if (known !== undefined) return known;
  const tree = union(ownership.filter((entry) => entry.manager === manager));
  const metadata = tree.fields.get('metadata') ?? emptyNode();
  byManager.set(manager, metadata);
  return metadata;
}

/** Whether the value at this node is owned as a whole: a scalar, or an atomic list or map. */
export function isLeaf(node: FieldNode): boolean {
  return (
    node.fields.size === 0 && node.items.size === 0 && node.values.size === 0 && node.positions.size === 0
  );
}

/** The names of the members by which the list at this node is merged, in alphabetical order. */
export function keyNamesOf(node: FieldNode): readonly string[] {
  for (const { key } of node.items.values()) return Object.keys(key).toSorted();
  return [];
}

/** The node of the item in a keyed list that `item` is. */
export function itemNode(node: FieldNode, item: unknown): FieldNode | undefined {
  return node.items.get(identityOf(item, keyNamesOf(node)) ?? '')?.node;
}

/** What tells an item of a keyed list from the others; undefined for what cannot be one. */
export function identityOf(item: unknown, keyNames: readonly string[]): string | undefined {
  if (typeof item !== 'object' || item === null) return undefined;
  const members = item as Readonly<Record<string, unknown>>;
  return JSON.stringify(keyNames.map((name) => [name, members[name]]));
}

/** Whether `item` has all the values of `key`. */
export function hasKey(item: unknown, key: Readonly<Record<string, unknown>>): boolean {
  if (typeof item !== 'object' || item === null) return false;
  const members = item as Readonly<Record<string, unknown>>;
  return Object.entries(key).every(([name, value]) => members[name] === value);
}

function emptyNode(): FieldNode {
  return { fields: new Map(), items: new Map(), values: new Set(), positions: new Map() };
}

function union(entries: readonly OwnershipEntry[]): FieldNode {
  const root = emptyNode();
  for (const entry of entries) merge(root, entry.fields);
  return root;
}

function merge(node: FieldNode, tree: FieldTree): void {
  for (const [segment, child] of Object.entries(tree)) {
    // `.` is the node itself.
    if (segment === '.') continue;
    const target = childNode(node, segment);
    if (target !== undefined) merge(target, child);
  }
}

function childNode(node: FieldNode, segment: string): FieldNode | undefined {
  const rest = segment.slice(2);
  switch (segment.slice(0, 2)) {
    case 'f:':
      return getOrAdd(node.fields, rest);
    case 'i:':
      return getOrAdd(node.positions, Number(rest));
    case 'k:':
      return keyedNode(node, JSON.parse(rest) as Readonly<Record<string, unknown>>);
    case 'v:':
      node.values.add(JSON.parse(rest));
      return undefined;
    default:
      return undefined;
  }
}

function getOrAdd<Key>(nodes: Map<Key, FieldNode>, key: Key): FieldNode {
  const known = nodes.get(key);
  if (known !== undefined) return known;
  const node = emptyNode();
  nodes.set(key, node);
  return node;
}

function keyedNode(node: FieldNode, key: Readonly<Record<string, unknown>>): FieldNode {
  const identity = identityOf(key, Object.keys(key).toSorted()) ?? '';
  const known = node.items.get(identity);
  if (known !== undefined) return known.node;
  const item = { key, node: emptyNode() };
  node.items.set(identity, item);
  return item.node;
}
