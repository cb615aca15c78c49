/** What differs between two documents: the operations that lead from one to the other, and the lines that people read. */
import { stringify } from 'yaml';
import { canonicalJson } from '../../core/canonical-json.ts';
import { type Segment, isObject, pointerOf } from './json-patch.ts';
import type { PatchOperation } from './plan.ts';

/** One difference. */
export interface Change {
  readonly segments: readonly Segment[];
  /** Of what holds it, as people write it: `spec.podTemplate.spec.containers[name=proxy].securityContext`. */
  readonly parent: string;
  /** Undefined where something is added. */
  readonly before: unknown;
  /** Undefined where something is removed. */
  readonly after: unknown;
}

interface Place {
  readonly segments: readonly Segment[];
  readonly label: string;
}

/**
 * @param at where both stand in their object: `['spec']`.
 * @returns the differences, in the order of the fields. Entries of lists are compared by position; a list that gets shorter differs as a whole.
 */
export function changesBetween(before: unknown, after: unknown, at: readonly string[]): readonly Change[] {
  return compare(
    before,
    after,
    { segments: at.slice(0, -1), label: at.slice(0, -1).join('.') },
    at.at(-1) ?? '',
  );
}

function compare(before: unknown, after: unknown, parent: Place, segment: Segment): readonly Change[] {
  if (isSame(before, after)) return [];
  const place = enter(parent, segment, before);
  if (isObject(before) && isObject(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) => compare(before[key], after[key], place, key));
  }
  if (Array.isArray(before) && Array.isArray(after) && after.length >= before.length)
    return after.flatMap((entry, index) => compare(before[index], entry, place, index));
  return [{ segments: place.segments, parent: parent.label, before, after }];
}

function enter({ segments, label }: Place, segment: Segment, value: unknown): Place {
  const entered = [...segments, segment];
  if (typeof segment === 'string')
    return { segments: entered, label: label === '' ? segment : `${label}.${segment}` };
  const name =
    isObject(value) && typeof value['name'] === 'string' ? `name=${value['name']}` : String(segment);
  return { segments: entered, label: `${label}[${name}]` };
}

function isSame(one: unknown, other: unknown): boolean {
  if (one === undefined || other === undefined) return one === other;
  return canonicalJson(one) === canonicalJson(other);
}

/** @returns the operations for the changes, each that replaces or removes after a test of what is there. */
export function operationsFor(changes: readonly Change[]): readonly PatchOperation[] {
  return changes.flatMap(({ segments, before, after }): readonly PatchOperation[] => {
    const path = pointerOf(segments);
    if (before === undefined) return [{ op: 'add', path, value: after }];
    const test: PatchOperation = { op: 'test', path, value: before };
    return [test, after === undefined ? { op: 'remove', path } : { op: 'replace', path, value: after }];
  });
}

/** @returns the changes as lines of YAML with `-` and `+`, under the path of what holds them. */
export function diffOf(changes: readonly Change[]): string {
  const byParent = [...Map.groupBy(changes, ({ parent }) => parent)];
  return byParent
    .flatMap(([parent, group]) => [...(parent === '' ? [] : [`${parent}:`]), ...group.flatMap(linesOf)])
    .join('\n');
}

function linesOf({ segments, before, after }: Change): readonly string[] {
  const segment = segments.at(-1) ?? '';
  return [...signed('-', segment, before), ...signed('+', segment, after)];
}

function signed(sign: '-' | '+', segment: Segment, value: unknown): readonly string[] {
  if (value === undefined) return [];
  const shown = typeof segment === 'number' ? [value] : { [segment]: value };
  const lines = stringify(shown, { lineWidth: 0 }).trimEnd().split('\n');
  return lines.map((line) => `${sign} ${line}`);
}
