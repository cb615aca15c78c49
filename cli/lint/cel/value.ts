/**
 * From JSON to CEL, by the schema, as the API server binds `self`: an integer is an int and not a double, an object has the fields
 * that its schema declares, a map all of its own.
 */
import type { CelInput } from '@bufbuild/cel';
import type { JsonSchema } from '../../../api/schema/json-schema.ts';

/**
 * @param value fits `schema`: who calls has checked that.
 * @returns the value for CEL. A field that the schema does not declare is not in it.
 */
export function toCel(schema: JsonSchema, value: unknown): CelInput {
  if (Array.isArray(value)) return value.map((item) => toCel(schema.items ?? {}, item));
  if (typeof value === 'object' && value !== null) return toMap(schema, value);
  // Beside `number` there are `integer` and int-or-string, and a number among those is whole.
  if (typeof value === 'number') return schema.type === 'number' ? value : BigInt(value);
  return typeof value === 'string' || typeof value === 'boolean' ? value : null;
}

function toMap(schema: JsonSchema, value: object): Map<string, CelInput> {
  const known = Object.entries(value).flatMap(([name, field]) => {
    const child = childSchema(schema, name);
    return child === undefined ? [] : [[name, toCel(child, field)] as const];
  });
  return new Map(known);
}

/** @returns the schema of one field, declared or of a map. */
export function childSchema(schema: JsonSchema, name: string): JsonSchema | undefined {
  const { properties = {}, additionalProperties } = schema;
  if (Object.hasOwn(properties, name)) return properties[name];
  return typeof additionalProperties === 'object' ? additionalProperties : undefined;
}
