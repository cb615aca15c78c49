/** The part of RFC 6902 that plans use, on plain JSON: what is approved can be computed, compared and taken back without a server. */
import { TerminalError } from '../../core/errors.ts';
import { canonicalJson } from '../../core/canonical-json.ts';
import type { PatchOperation } from './plan.ts';

/** One step into a document: a field, or an index. */
export type Segment = string | number;

/** @returns the JSON pointer (RFC 6901). */
export function pointerOf(segments: readonly Segment[]): string {
  return segments
    .map((segment) => `/${String(segment).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}

/** @throws TerminalError when the text is no pointer. */
export function segmentsOf(pointer: string): readonly string[] {
  const [before, ...segments] = pointer.split('/');
  if (before !== '') throw new TerminalError(`${pointer} is no JSON pointer: it must begin with /`);
  return segments.map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** @returns the value at the pointer; undefined when there is none. */
export function valueAt(document: unknown, pointer: string): unknown {
  return segmentsOf(pointer).reduce((value, segment) => memberOf(value, segment), document);
}

/**
 * @returns a copy of the document with the operations applied, all of them.
 * @throws TerminalError that names the first operation that does not apply.
 */
export function applyOperations(document: unknown, operations: readonly PatchOperation[]): unknown {
  return operations.reduce(
    (value, operation) => applyAt(value, segmentsOf(operation.path), operation),
    document,
  );
}

/**
 * @param before the document that the operations were made for.
 * @returns operations that take them back: the last first, each tested against what it left.
 * @throws TerminalError when the operations do not apply to `before`.
 */
export function inverseOperations(
  before: unknown,
  operations: readonly PatchOperation[],
): readonly PatchOperation[] {
  const inverse: PatchOperation[][] = [];
  let document = before;
  for (const operation of operations) {
    inverse.unshift(inverseOf(document, operation));
    document = applyOperations(document, [operation]);
  }
  return inverse.flat();
}

function inverseOf(document: unknown, operation: PatchOperation): PatchOperation[] {
  const { op, path } = operation;
  if (op === 'test') return [];
  const was = valueAt(document, path);
  if (op === 'remove') return [{ op: 'add', path, value: was }];
  const left: PatchOperation = { op: 'test', path, value: operation.value };
  const isInserted = op === 'add' && (was === undefined || Array.isArray(valueAt(document, parentOf(path))));
  return [left, isInserted ? { op: 'remove', path } : { op: 'replace', path, value: was }];
}

function parentOf(pointer: string): string {
  return pointer.slice(0, pointer.lastIndexOf('/'));
}

function memberOf(value: unknown, segment: string): unknown {
  if (Array.isArray(value)) return isIndex(segment) ? value[Number(segment)] : undefined;
  return isObject(value) && Object.hasOwn(value, segment) ? value[segment] : undefined;
}

function applyAt(value: unknown, segments: readonly string[], operation: PatchOperation): unknown {
  const [segment, ...rest] = segments;
  if (segment === undefined) return atEnd(value, operation);
  if (rest.length === 0 && operation.op !== 'test') return changed(value, segment, operation);
  const member = memberOf(value, segment);
  if (member === undefined) throw unappliable(operation);
  const next = applyAt(member, rest, operation);
  if (Array.isArray(value)) return value.with(Number(segment), next);
  return { ...asObject(value, operation), [segment]: next };
}

/** A test looks at the whole value; nothing here replaces a whole document. */
function atEnd(value: unknown, operation: PatchOperation): unknown {
  if (operation.op !== 'test' || canonicalJson(value) !== canonicalJson(operation.value))
    throw unappliable(operation);
  return value;
}

function changed(
  parent: unknown,
  segment: string,
  operation: Exclude<PatchOperation, { readonly op: 'test' }>,
): unknown {
  if (Array.isArray(parent)) return changedList(parent, segment, operation);
  const object = asObject(parent, operation);
  if (operation.op !== 'add' && !Object.hasOwn(object, segment)) throw unappliable(operation);
  if (operation.op !== 'remove') return { ...object, [segment]: operation.value };
  const { [segment]: _removed, ...rest } = object;
  return rest;
}

function changedList(list: readonly unknown[], segment: string, operation: PatchOperation): unknown {
  const index = Number(segment);
  const last = operation.op === 'add' ? list.length : list.length - 1;
  if (!isIndex(segment) || index > last) throw unappliable(operation);
  if (operation.op === 'remove') return list.toSpliced(index, 1);
  return list.toSpliced(index, operation.op === 'add' ? 0 : 1, operation.value);
}

function asObject(value: unknown, operation: PatchOperation): Readonly<Record<string, unknown>> {
  if (!isObject(value)) throw unappliable(operation);
  return value;
}

/** Whether the value is an object of JSON, no list. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isIndex(segment: string): boolean {
  return /^(0|[1-9][0-9]*)$/.test(segment);
}

function unappliable({ op, path }: PatchOperation): TerminalError {
  return new TerminalError(`the patch does not apply: ${op} at ${path}`);
}
