import { describe, expect, it } from 'vitest';
import { withDefaults } from './defaults.ts';
import type { JsonSchema } from './json-schema.ts';

const schema: JsonSchema = {
  type: 'object',
  properties: {
    port: { type: 'integer', default: 8080 },
    name: { type: 'string' },
    probe: { type: 'object', default: {}, properties: { seconds: { type: 'integer', default: 300 } } },
    absent: { type: 'object', properties: { inner: { type: 'integer', default: 1 } } },
    list: {
      type: 'array',
      items: { type: 'object', properties: { protocol: { type: 'string', default: 'TCP' } } },
    },
    map: {
      type: 'object',
      additionalProperties: { type: 'object', properties: { on: { type: 'boolean', default: true } } },
    },
  },
};
const FILLED = { port: 8080, probe: { seconds: 300 } };

describe('withDefaults', () => {
  it.each([
    { reason: 'fills what is absent, defaults of defaults too', value: {}, expected: FILLED },
    {
      reason: 'keeps what is there',
      value: { port: 1, name: 'a' },
      expected: { ...FILLED, port: 1, name: 'a' },
    },
    { reason: 'fills half an object', value: { probe: {} }, expected: FILLED },
    {
      reason: 'makes no object without a default',
      value: { absent: {} },
      expected: { ...FILLED, absent: { inner: 1 } },
    },
    { reason: 'takes null for absent', value: { port: null, name: null }, expected: FILLED },
    {
      reason: 'keeps false, 0 and empty',
      value: { port: 0, list: [] },
      expected: { ...FILLED, port: 0, list: [] },
    },
    {
      reason: 'goes into lists',
      value: { list: [{}] },
      expected: { ...FILLED, list: [{ protocol: 'TCP' }] },
    },
    {
      reason: 'goes into maps',
      value: { map: { a: {} } },
      expected: { ...FILLED, map: { a: { on: true } } },
    },
    { reason: 'leaves unknown fields', value: { other: { a: 1 } }, expected: { ...FILLED, other: { a: 1 } } },
    { reason: 'leaves what is no object', value: 'text', expected: 'text' },
  ])('$reason', ({ value, expected }) => {
    expect(withDefaults(schema, value)).toEqual(expected);
  });

  it('shares nothing with the schema and changes nothing of the value', () => {
    const value = Object.freeze({ list: Object.freeze([Object.freeze({})]) });
    const first = withDefaults(schema, value);
    expect(first).toEqual({ ...FILLED, list: [{ protocol: 'TCP' }] });
    expect(Object.values(first as object)).not.toContain(schema.properties?.['probe']?.default);
  });
});
