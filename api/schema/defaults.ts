/**
 * Fills in defaults as the API server does for custom resources.
 * @see https://github.com/kubernetes/kubernetes/tree/master/staging/src/k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting
 */
import type { JsonSchema } from './json-schema.ts';

/**
 * @returns a copy of `value` with every absent field that has a default filled in, from the outside in. A field that is null is
 * absent, as the API server drops such fields.
 */
export function withDefaults(schema: JsonSchema, value: unknown): unknown {
  if (Array.isArray(value))
    return value.map((item) => (schema.items ? withDefaults(schema.items, item) : item));
  if (typeof value !== 'object' || value === null) return value;
  const fields = { ...defaultsOf(schema), ...withoutNulls(value) };
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, fieldWithDefaults(schema, name, field)]),
  );
}

type Default = readonly [name: string, value: unknown];

function defaultsOf(schema: JsonSchema): Record<string, unknown> {
  return Object.fromEntries(defaultedIn(schema).map(([name, value]) => [name, copied(value)]));
}

/** Schemas do not change, and admission asks about the same ones for every request. */
const known = new WeakMap<JsonSchema, readonly Default[]>();

function defaultedIn(schema: JsonSchema): readonly Default[] {
  const already = known.get(schema);
  if (already !== undefined) return already;
  const defaulted = Object.entries(schema.properties ?? {}).flatMap(([name, property]): readonly Default[] =>
    property.default === undefined ? [] : [[name, property.default]],
  );
  known.set(schema, defaulted);
  return defaulted;
}

/** Each object its own. */
function copied(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? structuredClone(value) : value;
}

function withoutNulls(value: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== null));
}

function fieldWithDefaults(schema: JsonSchema, name: string, field: unknown): unknown {
  const { properties, additionalProperties } = schema;
  const own =
    properties?.[name] ?? (typeof additionalProperties === 'object' ? additionalProperties : undefined);
  return own === undefined ? field : withDefaults(own, field);
}
