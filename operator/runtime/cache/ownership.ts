/**
 * Who owns which fields of an object: what is kept of `metadata.managedFields` when an object enters a store. Entries are
 * shared between objects of the same shape (ten thousand alike Deployments hold one copy). Of `metadata` only labels and
 * annotations are kept, of `status` nothing, because no drift is ever decided on the rest.
 */
import type { ManagedFieldsEntry } from '../object/object.ts';

/**
 * A set of paths as a tree, in the API server's own encoding (FieldsV1): `f:name` is a field, `k:{...}` the list item with
 * these keys, `v:value` the item of a set, `i:index` the item at a position, and `.` the node itself. An empty node is a leaf.
 */
export interface FieldTree {
  readonly [segment: string]: FieldTree;
}

/** The paths of one manager, one operation and one subresource. */
export interface OwnershipEntry {
  readonly manager: string;
  readonly operation: string;
  /** Empty when the fields were written through the object itself. */
  readonly subresource: string;
  readonly fields: FieldTree;
}

/** Every manager's paths. */
export type Ownership = readonly OwnershipEntry[];

/**
 * How much text may stand for what is shared: thousands of shapes, which is more than a cluster has unless somebody makes up new
 * ones. Emptied when it grows past this; without it, each edit of one object by one tenant could cost a megabyte for good.
 */
const MAX_SHARED_CHARACTERS = 8 * 1024 * 1024;
/**
 * No kind nests its fields as deep; the API server stores up to 10,000 levels that somebody made up, which recursion does not
 * survive, here or later. An entry beyond is dropped: what it owns counts as owned by nobody.
 */
const MAX_DEPTH = 100;
const IGNORED_ROOTS = new Set(['f:status', 'f:apiVersion', 'f:kind']);
const KEPT_METADATA = new Set(['f:labels', 'f:annotations']);
const NO_OWNERSHIP: Ownership = Object.freeze([]);

/** One for the process: children of all kinds come from the same few writers. */
export function internOwnership(managedFields: readonly ManagedFieldsEntry[] | undefined): Ownership {
  return interner.intern(managedFields);
}

/** Values by their text. Dropping them costs memory later, never correctness: those in use stay alive through their objects. */
class Shared<T> {
  readonly #values = new Map<string, T>();
  #characters = 0;

  get(signature: string): T | undefined {
    return this.#values.get(signature);
  }

  remember(signature: string, value: T): void {
    if (this.#characters + signature.length > MAX_SHARED_CHARACTERS) {
      this.#values.clear();
      this.#characters = 0;
    }
    this.#values.set(signature, value);
    this.#characters += signature.length;
  }
}

/** Turns managedFields into {@link Ownership}, sharing equal entries and equal lists of entries. */
class OwnershipInterner {
  readonly #entries = new Shared<OwnershipEntry>();
  readonly #lists = new Shared<Ownership>();

  /** The ownership recorded in `managedFields`. */
  intern(managedFields: readonly ManagedFieldsEntry[] | undefined): Ownership {
    if (managedFields === undefined || managedFields.length === 0) return NO_OWNERSHIP;
    const relevant = managedFields.map(relevantEntry).filter((entry) => entry !== undefined);
    const signature = JSON.stringify(relevant);
    const known = this.#lists.get(signature);
    if (known !== undefined) return known;
    const list = Object.freeze(relevant.map((entry) => this.#share(entry)));
    this.#lists.remember(signature, list);
    return list;
  }

  #share(entry: OwnershipEntry): OwnershipEntry {
    const signature = JSON.stringify(entry);
    const known = this.#entries.get(signature);
    if (known !== undefined) return known;
    this.#entries.remember(signature, Object.freeze(entry));
    return entry;
  }
}

const interner = new OwnershipInterner();

function relevantEntry(entry: ManagedFieldsEntry): OwnershipEntry | undefined {
  if (entry.subresource === 'status') return undefined;
  const fields = relevantFields((entry.fieldsV1 ?? {}) as FieldTree);
  if (Object.keys(fields).length === 0 || isDeeperThan(MAX_DEPTH, fields)) return undefined;
  return {
    manager: entry.manager ?? '',
    operation: entry.operation ?? '',
    subresource: entry.subresource ?? '',
    fields,
  };
}

function isDeeperThan(levels: number, tree: FieldTree): boolean {
  if (levels === 0) return true;
  return Object.values(tree).some((child) => isDeeperThan(levels - 1, child));
}

function relevantFields(tree: FieldTree): FieldTree {
  const { 'f:metadata': metadata = {}, ...content } = tree;
  const kept = filterTree(metadata, (segment) => KEPT_METADATA.has(segment));
  return {
    ...filterTree(content, (segment) => !IGNORED_ROOTS.has(segment)),
    ...(Object.keys(kept).length > 0 && { 'f:metadata': kept }),
  };
}

function filterTree(tree: FieldTree, keep: (segment: string) => boolean): FieldTree {
  return Object.fromEntries(Object.entries(tree).filter(([segment]) => keep(segment)));
}
