/**
 * From a TypeBox schema to the structural schema of a CRD. Two things differ. TypeBox requires what is never absent once
 * defaults are filled in, a CRD requires what the user must write: a field with a default is not required there. And a CRD
 * may hold no keyword of our own.
 */
import type { TSchema } from 'typebox';
import { type JsonSchema, mapChildren } from './json-schema.ts';

/** @returns a plain structural schema; TypeBox's own markers are gone. */
export function structural(schema: TSchema): JsonSchema {
  return convert(JSON.parse(JSON.stringify(schema)) as JsonSchema);
}

function convert(schema: JsonSchema): JsonSchema {
  const { required, borrowed: _, ...rest } = mapChildren(schema, convert);
  const written = required?.filter((name) => rest.properties?.[name]?.default === undefined) ?? [];
  return written.length === 0 ? rest : { ...rest, required: written };
}
