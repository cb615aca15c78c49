/**
 * What holds for the schema as a whole, so that a field added later cannot forget it.
 */
import { describe, expect, it } from 'vitest';
import type { JsonSchema } from '../schema/json-schema.ts';
import { mcpServerCustomResource } from './mcp-server.ts';

interface Field {
  readonly path: string;
  readonly schema: JsonSchema;
}

function fieldsBelow(path: string, schema: JsonSchema): readonly Field[] {
  const { properties = {}, items, additionalProperties } = schema;
  const values = typeof additionalProperties === 'object' ? additionalProperties : undefined;
  return [
    { path, schema },
    ...Object.entries(properties).flatMap(([name, field]) => fieldsBelow(`${path}.${name}`, field)),
    ...(items ? fieldsBelow(`${path}[]`, items) : []),
    ...(values ? fieldsBelow(`${path}{}`, values) : []),
  ];
}

function isOurs({ schema }: Field, borrowed: readonly Field[]): boolean {
  return !borrowed.some((field) => field.schema === schema);
}

const root: JsonSchema = mcpServerCustomResource.schema;
const all = fieldsBelow('', root);
const roots = all.filter(({ schema }) => schema.borrowed !== undefined);
const borrowed = roots.flatMap(({ path, schema }) =>
  fieldsBelow(path, schema).filter((field) => field.schema !== schema),
);
const ours = all.filter((field) => isOurs(field, borrowed) && field.path !== '.metadata');

describe('the schema of MCPServer', () => {
  it('has fields of both kinds', () => {
    expect(ours.length).toBeGreaterThan(80);
    expect(borrowed.length).toBeGreaterThan(200);
  });

  it('says in a sentence what each field of ours is for', () => {
    const silent = ours.filter(
      ({ path, schema }) => !path.endsWith('{}') && !/^[A-Z`a-z].*[.]$/s.test(schema.description ?? ''),
    );
    expect(silent.map(({ path }) => path)).toEqual([]);
  });

  it('keeps the descriptions of borrowed types short', () => {
    const long = borrowed.filter(({ schema }) => (schema.description ?? '').length > 60);
    expect(long.map(({ path }) => path)).toEqual([]);
  });

  it('bounds every list, map and string of ours, as the cost of a rule counts with the worst', () => {
    const unbounded = ours.filter(({ schema }) => {
      if (schema.type === 'array') return schema.maxItems === undefined;
      if (typeof schema.additionalProperties === 'object')
        return schema.maxProperties === undefined && schema.borrowed === undefined;
      return (
        schema.type === 'string' &&
        !schema.enum &&
        schema.format === undefined &&
        schema.maxLength === undefined
      );
    });
    expect(unbounded.map(({ path }) => path)).toEqual(['.apiVersion', '.kind']);
  });

  it('says of every list how its entries merge', () => {
    const unsaid = ours.filter(
      ({ schema }) => schema.type === 'array' && schema['x-kubernetes-list-type'] === undefined,
    );
    expect(unsaid.map(({ path }) => path)).toEqual([]);
  });

  it('gives every rule a message that is more than a fact about CEL', () => {
    const rules = all.flatMap(({ schema }) => schema['x-kubernetes-validations'] ?? []);
    expect(rules.length).toBeGreaterThan(40);
    expect(rules.filter(({ message }) => /\bself\.|has\(/.test(message))).toEqual([]);
  });
});
