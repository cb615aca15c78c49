/**
 * Shorthands for what our schemas say again and again in Kubernetes' dialect of JSON Schema.
 */
import { type Static, type TArray, type TSchema, type TUnsafe, Type } from 'typebox';
import type { ValidationRule } from './json-schema.ts';

interface ListOptions {
  readonly description: string;
  readonly maxItems: number;
  readonly rules?: readonly ValidationRule[];
}

/** A list whose order means nothing: entries merge by `keys`, and two with the same keys are refused. */
export function listMap<Item extends TSchema>(
  item: Item,
  keys: readonly string[],
  options: ListOptions,
): TArray<Item> {
  return list(item, options, { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': keys });
}

/** A list that is replaced as a whole, as its order means something. */
export function listAtomic<Item extends TSchema>(item: Item, options: ListOptions): TArray<Item> {
  return list(item, options, { 'x-kubernetes-list-type': 'atomic' });
}

function list<Item extends TSchema>(
  item: Item,
  { rules, ...options }: ListOptions,
  kind: Readonly<Record<string, unknown>>,
): TArray<Item> {
  return Type.Array(item, { ...options, ...kind, ...(rules && validations(...rules)) });
}

/** CEL rules as the schema keyword that carries them. */
export function validations(...rules: readonly ValidationRule[]): {
  'x-kubernetes-validations': readonly ValidationRule[];
} {
  return { 'x-kubernetes-validations': rules };
}

/** One of a closed set of words. */
export function oneOf<const Word extends string>(
  words: readonly Word[],
  options: { readonly description: string; readonly default?: Word },
): TUnsafe<Word> {
  return Type.Unsafe<Word>({ type: 'string', enum: words, ...options });
}

/** A map from string to string. */
export function stringMap(options: {
  readonly description: string;
  readonly maxProperties: number;
  readonly values: { readonly maxLength: number; readonly pattern?: string };
  readonly rules?: readonly ValidationRule[];
}): TUnsafe<Record<string, string>> {
  const { values, rules = [], ...rest } = options;
  return Type.Unsafe({
    type: 'object',
    additionalProperties: { type: 'string', ...values },
    ...rest,
    ...(rules.length > 0 && validations(...rules)),
  });
}

/** A number, or a percentage as text: Kubernetes' IntOrString. */
export function intOrString(description: string): TUnsafe<number | string> {
  return Type.Unsafe({ 'x-kubernetes-int-or-string': true, description });
}

/** The TypeScript type of a schema. */
export type { Static };
