/**
 * Where rules apply: each rule of a schema once for every value that the schema describes, in the order of the API server.
 */
import type { JsonSchema, ValidationRule } from '../../../api/schema/json-schema.ts';
import { childSchema } from './value.ts';

/** One rule and the value it judges. */
export interface Occurrence {
  readonly rule: ValidationRule;
  /** Of the value: what `self` means in the rule. */
  readonly schema: JsonSchema;
  readonly self: unknown;
  /** Field of the value, as Kubernetes writes it; empty for the object itself. */
  readonly path: string;
}

/**
 * Every rule that applies to `value` or to something in it.
 * @param broken fields that do not fit the schema. A rule that would see one of them is left out, since it could only fail for the
 *   same mistake in words that hide it.
 */
export function occurrences(
  schema: JsonSchema,
  value: unknown,
  broken: readonly string[] = [],
): readonly Occurrence[] {
  return below({ schema: withObjectMeta(schema), self: value, path: '' }).filter(
    ({ path }) => !broken.some((field) => isWithin(field, path)),
  );
}

/** As much of an object's metadata as a rule may ask about; no schema of a CRD declares it. */
function withObjectMeta(schema: JsonSchema): JsonSchema {
  const text: JsonSchema = { type: 'string' };
  const metadata: JsonSchema = { type: 'object', properties: { name: text, generateName: text } };
  return { ...schema, properties: { ...schema.properties, metadata } };
}

type Place = Omit<Occurrence, 'rule'>;

function below(place: Place): readonly Occurrence[] {
  const rules = place.schema['x-kubernetes-validations'] ?? [];
  return [...rules.map((rule) => ({ rule, ...place })), ...children(place).flatMap(below)];
}

function children({ schema, self, path }: Place): readonly Place[] {
  if (Array.isArray(self)) {
    const { items } = schema;
    if (items === undefined) return [];
    return self.map((item: unknown, index) => ({ schema: items, self: item, path: `${path}[${index}]` }));
  }
  if (typeof self !== 'object' || self === null) return [];
  return Object.entries(self).flatMap(([name, field]: [string, unknown]) => {
    const child = childSchema(schema, name);
    return child === undefined ? [] : [{ schema: child, self: field, path: fieldPath(schema, path, name) }];
  });
}

/** A declared field stands after a dot, a key of a map in brackets. */
function fieldPath(schema: JsonSchema, path: string, name: string): string {
  if (schema.properties === undefined) return `${path}[${name}]`;
  return path === '' ? name : `${path}.${name}`;
}

function isWithin(field: string, path: string): boolean {
  return path === '' || field === path || field.startsWith(`${path}.`) || field.startsWith(`${path}[`);
}
