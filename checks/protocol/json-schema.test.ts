/** That judging schemas of strangers ends, whatever they wrote. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faultOfSchema } from './json-schema.ts';

const NETWORK = 'https://schemas.example/a.json';

describe('faultOfSchema', () => {
  it.each([
    ['an embedded schema with an $id', { $defs: { a: { $id: NETWORK } }, not: { $ref: NETWORK } }, undefined],
    [
      'a reference to a meta-schema',
      { $ref: 'https://json-schema.org/draft/2020-12/schema' },
      'networkReference',
    ],
    ['a reference to a file', { $ref: 'other.json' }, undefined],
    ['a URN', { $ref: 'urn:uuid:0' }, undefined],
    ['a default that looks like a reference', { default: { $ref: NETWORK } }, undefined],
    ['an unknown keyword with a reference inside', { 'x-note': { $ref: NETWORK } }, undefined],
    ['a reference that is no text', { $ref: 7 }, 'invalid'],
    ['a tuple of 2020-12', { prefixItems: [{ $ref: NETWORK }] }, 'networkReference'],
    [
      'a network reference in an unknown dialect',
      { $schema: NETWORK, $ref: 'ftp://a.example/b' },
      'networkReference',
    ],
    ['a meta-schema of draft-04', { $schema: 'http://json-schema.org/draft-04/schema#' }, 'unknownDialect'],
  ])('%s', async (_reason, schema, expected) => {
    expect(await faultOfSchema(schema)).toBe(expected);
  });

  it('walks a schema of a hundred thousand levels', async () => {
    let schema: Record<string, unknown> = { $ref: NETWORK };
    for (let level = 0; level < 100_000; level++) schema = { not: schema };
    expect(await faultOfSchema(schema)).toBe('networkReference');
    expect(await faultOfSchema({ not: schema['not'], allOf: [] })).toBe('networkReference');
  });

  it('judges any object without an error', async () => {
    const keys = fc.constantFrom(
      '$ref',
      '$id',
      '$schema',
      'type',
      'properties',
      'items',
      'anyOf',
      '__proto__',
      'a',
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.string(),
        fc.integer(),
        fc.constant(null),
        tie('object'),
        fc.array(tie('value'), { maxLength: 3 }),
      ),
      object: fc.dictionary(keys, tie('value'), { maxKeys: 4 }),
    }));
    const objects = fc.dictionary(keys, value, { maxKeys: 4 });
    await fc.assert(
      fc.asyncProperty(objects, async (schema) => {
        expect(['invalid', 'networkReference', 'tooDeep', 'unknownDialect', undefined]).toContain(
          await faultOfSchema(schema),
        );
      }),
    );
  });
});
