/**
 * Drift of random objects: what was applied as intended is clean, whatever the server filled in; every addition that somebody
 * owns and every changed value is found where it is; and what is removed gives back the object that was intended.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { internOwnership, type FieldTree } from '../cache/ownership.ts';
import type { KubernetesObject } from '../object/object.ts';
import { removalOf } from './bodies.ts';
import { findDrift, isClean } from './drift.ts';

const OPTIONS = { seed: 4, numRuns: 300 };
const OURS = 'ours';

type Json = Record<string, unknown>;
/** A value, and the schema that the API server would record its ownership by. */
type Shape =
  | { readonly kind: 'scalar' | 'atomic'; readonly value: unknown }
  | { readonly kind: 'map'; readonly members: ReadonlyMap<string, Shape> }
  | { readonly kind: 'keyed'; readonly items: ReadonlyMap<string, Shape> }
  | { readonly kind: 'set'; readonly values: readonly string[] };

const name = fc.constantFrom('alpha', 'beta', 'gamma', 'with/slash', 'with~tilde', 'limits');
/** What nobody's intent has: additions take their names from here. */
const FOREIGN = ['evil', 'spy/ware', '~'];
const scalar = fc.oneof(fc.integer({ min: 1 }), fc.string({ minLength: 1, maxLength: 5 }), fc.constant(true));

const { shape } = fc.letrec<{ shape: Shape; map: Shape }>((tie) => ({
  shape: fc.oneof(
    { depthSize: 'small', maxDepth: 4 },
    fc.record({ kind: fc.constant('scalar'), value: scalar }),
    fc.record({ kind: fc.constant('atomic'), value: fc.array(scalar, { minLength: 1, maxLength: 3 }) }),
    fc.record({
      kind: fc.constant('set'),
      values: fc.uniqueArray(fc.constantFrom('one', 'two', 'three'), { minLength: 1 }),
    }),
    tie('map'),
    fc.record({
      kind: fc.constant('keyed'),
      items: entries(fc.constantFrom('server', 'proxy', 'init'), tie('map')),
    }),
  ),
  map: fc.record({ kind: fc.constant('map'), members: entries(name, tie('shape')) }),
}));
const content = entries(fc.constantFrom('spec', 'data', 'rules'), shape);

function entries(key: fc.Arbitrary<string>, value: fc.Arbitrary<Shape>): fc.Arbitrary<Map<string, Shape>> {
  return fc
    .uniqueArray(fc.tuple(key, value), { minLength: 1, maxLength: 3, selector: ([each]) => each })
    .map((pairs) => new Map(pairs));
}

function valueOf(of: Shape): unknown {
  if (of.kind === 'map')
    return Object.fromEntries([...of.members].map(([key, each]) => [key, valueOf(each)]));
  if (of.kind === 'keyed')
    return [...of.items].map(([key, each]) => ({ name: key, ...asJson(valueOf(each)) }));
  return of.kind === 'set' ? [...of.values] : structuredClone(of.value);
}

/** FieldsV1 of whoever set the whole value. */
function fieldsOf(of: Shape): FieldTree {
  if (of.kind === 'map') return fieldsOfMembers(of.members);
  if (of.kind === 'set')
    return Object.fromEntries(of.values.map((value) => [`v:${JSON.stringify(value)}`, {}]));
  if (of.kind !== 'keyed') return {};
  return Object.fromEntries(
    [...of.items].map(([key, each]) => [itemSegment(key), { '.': {}, 'f:name': {}, ...fieldsOf(each) }]),
  );
}

function fieldsOfMembers(members: ReadonlyMap<string, Shape>): FieldTree {
  return Object.fromEntries([...members].map(([key, each]) => [`f:${key}`, fieldsOf(each)]));
}

const itemSegment = (key: string): string => `k:${JSON.stringify({ name: key })}`;
const asJson = (value: unknown): Json => value as Json;
const escape = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

/** A map, keyed list or set of the object: where something can be added. */
interface Place {
  readonly kind: 'map' | 'keyed' | 'set';
  readonly pointer: string;
  /** The container itself. */
  readonly value: Json | unknown[];
  /** The way to it through FieldsV1. */
  readonly segments: readonly string[];
}
/** A value of the intent that is no container. */
interface Leaf {
  readonly pointer: string;
  readonly parent: Json;
  readonly key: string;
}

function explore(
  of: Shape,
  value: unknown,
  pointer: string,
  segments: readonly string[],
  found: Found,
): void {
  if (of.kind === 'map') {
    found.places.push({ kind: 'map', pointer, value: asJson(value), segments });
    exploreMembers(of.members, asJson(value), pointer, segments, found);
  } else if (of.kind === 'keyed' && Array.isArray(value)) {
    found.places.push({ kind: 'keyed', pointer, value, segments });
    [...of.items].forEach(([key, item], position) =>
      explore(item, value[position], `${pointer}/${position}`, [...segments, itemSegment(key)], found),
    );
  } else if (of.kind === 'set' && Array.isArray(value)) {
    found.places.push({ kind: 'set', pointer, value, segments });
  }
}

function exploreMembers(
  members: ReadonlyMap<string, Shape>,
  parent: Json,
  pointer: string,
  segments: readonly string[],
  found: Found,
): void {
  for (const [key, member] of members) {
    const path = `${pointer}/${escape(key)}`;
    explore(member, parent[key], path, [...segments, `f:${key}`], found);
    if (member.kind === 'scalar' || member.kind === 'atomic')
      found.leaves.push({ pointer: path, parent, key });
  }
}

interface Found {
  readonly places: Place[];
  readonly leaves: Leaf[];
}

/** The intent as it was applied, with the places and values in the live object. */
function applied(members: ReadonlyMap<string, Shape>) {
  const intended = (): KubernetesObject => ({
    apiVersion: 'v1',
    kind: 'Thing',
    metadata: { name: 'one', uid: 'uid' },
    ...Object.fromEntries([...members].map(([key, each]) => [key, valueOf(each)])),
  });
  const live = intended();
  const found: Found = { places: [], leaves: [] };
  exploreMembers(members, asJson(live), '', [], found);
  const managedFields = [{ manager: OURS, operation: 'Apply', fieldsV1: fieldsOfMembers(members) }];
  return { intent: intended(), live, managedFields, ...found };
}

/** Adds something to `place`. @returns where it is, and its FieldsV1. */
function add({ kind, value, pointer, segments }: Place, key: string): { pointer: string; fields: FieldTree } {
  const nested = (last: string, fields: FieldTree): FieldTree =>
    [...segments, last].reduceRight((child, segment) => ({ [segment]: child }), fields);
  if (!Array.isArray(value)) {
    value[key] = 'added';
    return { pointer: `${pointer}/${escape(key)}`, fields: nested(`f:${key}`, {}) };
  }
  value.push(kind === 'set' ? key : { name: key, image: 'added' });
  const segment = kind === 'set' ? `v:${JSON.stringify(key)}` : itemSegment(key);
  const fields = kind === 'set' ? {} : { '.': {}, 'f:name': {}, 'f:image': {} };
  return { pointer: `${pointer}/${value.length - 1}`, fields: nested(segment, fields) };
}

/** A JSON patch of tests and removals (RFC 6902). */
function patch(object: KubernetesObject, operations: ReturnType<typeof removalOf>): unknown {
  const result = structuredClone(object);
  for (const operation of operations) {
    const segments = operation.path.slice(1).split('/');
    const last = unescape(segments.pop() ?? '');
    const parent = segments.reduce(
      (value, segment) => asJson(asJson(value)[unescape(segment)]),
      asJson(result),
    );
    if (operation.op === 'test') expect(parent[last], operation.path).toEqual(operation.value);
    else if (Array.isArray(parent)) parent.splice(Number(last), 1);
    else delete parent[last];
  }
  return result;
}

const unescape = (segment: string): string => segment.replaceAll('~1', '/').replaceAll('~0', '~');
const pick = fc.nat();
const choose = <T>(from: readonly T[], at: number): T | undefined => from[at % Math.max(1, from.length)];

describe('drift of any object', () => {
  it('is none after an apply, whatever the server filled in', () => {
    fc.assert(
      fc.property(content, fc.array(fc.tuple(pick, fc.constantFrom(...FOREIGN))), (members, defaults) => {
        const { intent, live, managedFields, places } = applied(members);
        for (const [at, key] of defaults) {
          const place = choose(places, at);
          if (place !== undefined) add(place, key);
        }
        expect(findDrift(intent, live, internOwnership(managedFields), OURS)).toEqual({
          changed: [],
          foreign: [],
        });
      }),
      OPTIONS,
    );
  });

  it('finds every addition that anybody owns, and its removal gives back what was intended', () => {
    const additions = fc.uniqueArray(
      fc.tuple(pick, fc.constantFrom(...FOREIGN), fc.constantFrom(OURS, 'other')),
      {
        minLength: 1,
        maxLength: 6,
      },
    );
    fc.assert(
      fc.property(content, additions, (members, wanted) => {
        const { intent, live, managedFields, places } = applied(members);
        const expected = new Set<string>();
        const taken = new Set<string>();
        const entriesOfAll: object[] = [...managedFields];
        for (const [at, key, manager] of wanted) {
          const place = choose(places, at);
          if (place === undefined || taken.has(`${place.pointer} ${key}`)) continue;
          taken.add(`${place.pointer} ${key}`);
          const added = add(place, key);
          expected.add(added.pointer);
          entriesOfAll.push({ manager, operation: 'Update', fieldsV1: added.fields });
        }
        const drift = findDrift(intent, live, internOwnership(entriesOfAll), OURS);
        expect(drift.changed).toEqual([]);
        expect(new Set(drift.foreign.map(({ path }) => path))).toEqual(expected);
        expect(patch(live, removalOf(live, drift.foreign))).toEqual(intent);
        expect(isClean(drift)).toBe(expected.size === 0);
      }),
      OPTIONS,
    );
  });

  it('finds every value that was changed or taken away', () => {
    fc.assert(
      fc.property(content, pick, fc.boolean(), (members, at, isTakenAway) => {
        const { intent, live, managedFields, leaves } = applied(members);
        const leaf = choose(leaves, at);
        fc.pre(leaf !== undefined);
        if (isTakenAway) delete leaf.parent[leaf.key];
        else leaf.parent[leaf.key] = 'something else';
        const { changed, foreign } = findDrift(intent, live, internOwnership(managedFields), OURS);
        expect(changed.map(({ path }) => path)).toEqual([leaf.pointer]);
        expect(foreign).toEqual([]);
      }),
      OPTIONS,
    );
  });
});
