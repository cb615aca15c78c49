import { describe, expect, it } from 'vitest';
import { createValidator } from './validator.ts';

const judge = createValidator({
  type: 'object',
  required: ['name'],
  properties: {
    name: { type: 'string', maxLength: 5 },
    mode: { type: 'string', enum: ['A', 'B'] },
    amount: { 'x-kubernetes-int-or-string': true, pattern: '^[0-9]+m?$' },
    small: { type: 'integer', format: 'int32' },
    when: { type: 'string', format: 'date-time' },
    env: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: { type: 'object', properties: { name: { type: 'string' }, value: { type: 'string' } } },
    },
    words: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
    'a/b~c': { type: 'integer' },
  },
});

describe('createValidator', () => {
  it.each([
    { name: 'a' },
    { name: 'a', mode: 'B', amount: 5, small: -(2 ** 31), when: '2026-01-01T00:00:00Z' },
    { name: 'a', amount: '100m', env: [{ name: 'a' }, { name: 'b' }], words: ['a', 'b'] },
  ])('finds nothing wrong with %j', (value) => {
    expect(judge(value)).toEqual([]);
  });

  it.each([
    { value: {}, path: 'name', message: 'is required: set it' },
    {
      value: { name: 'a', surplus: 1 },
      path: 'surplus',
      message: 'is not a field of this kind: correct its name or remove it',
    },
    { value: { name: 'a', mode: 'C' }, path: 'mode', message: 'must be one of A, B' },
    { value: { name: 'too long' }, path: 'name', message: 'must NOT have more than 5 characters' },
    { value: { name: 'a', amount: 1.5 }, path: 'amount', message: 'must be an integer or a string' },
    { value: { name: 'a', amount: 'x' }, path: 'amount', message: 'must match pattern "^[0-9]+m?$"' },
    { value: { name: 'a', small: 2 ** 31 }, path: 'small', message: 'must match format "int32"' },
    { value: { name: 'a', when: '2026-01-01' }, path: 'when', message: 'must match format "date-time"' },
    {
      value: { name: 'a', env: [{ name: 'a' }, { name: 'a', value: 'b' }] },
      path: 'env',
      message: 'must not hold two entries with the same key',
    },
    {
      value: { name: 'a', words: ['a', 'a'] },
      path: 'words',
      message: 'must not hold two entries with the same key',
    },
    {
      value: { name: 'a', env: [{ name: 'a' }, { name: 1 }] },
      path: 'env[1].name',
      message: 'must be string',
    },
    {
      value: { name: 'a', env: [{ name: 'a', surplus: 1 }] },
      path: 'env[0].surplus',
      message: 'is not a field of this kind: correct its name or remove it',
    },
    { value: { name: 'a', 'a/b~c': 'x' }, path: 'a/b~c', message: 'must be integer' },
  ])('says of $value: $path $message', ({ value, path, message }) => {
    expect(judge(value)).toEqual([{ path, message }]);
  });

  it('says everything at once', () => {
    expect(judge({ mode: 'C', small: 'x' }).map(({ path }) => path)).toEqual(['name', 'mode', 'small']);
  });
});
