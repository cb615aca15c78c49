import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import { structural } from './structural.ts';

describe('structural', () => {
  it('does not require what has a default', () => {
    const schema = Type.Object({
      a: Type.String(),
      b: Type.String({ default: '' }),
      c: Type.Optional(Type.String()),
    });
    expect(structural(schema).required).toEqual(['a']);
  });

  it('leaves out an empty list of required fields, at every depth', () => {
    const schema = Type.Object({
      list: Type.Array(Type.Object({ a: Type.Integer({ default: 0 }) }), { default: [] }),
    });
    expect(structural(schema)).toEqual({
      type: 'object',
      properties: {
        list: {
          type: 'array',
          default: [],
          items: { type: 'object', properties: { a: { type: 'integer', default: 0 } } },
        },
      },
    });
  });

  it('keeps no keyword of our own', () => {
    expect(structural(Type.Unsafe({ type: 'object', borrowed: 'EnvVar' }))).toEqual({ type: 'object' });
  });
});
