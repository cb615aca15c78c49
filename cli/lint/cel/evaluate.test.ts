import { describe, expect, it } from 'vitest';
import { mcpServerSchema, securityPolicySchema } from '../../../api/index.ts';
import { withDefaults } from '../../../api/schema/defaults.ts';
import type { JsonSchema, ValidationRule } from '../../../api/schema/json-schema.ts';
import { FULL_IMAGE_SPEC, FULL_REMOTE_SPEC } from '../../../test/harness/mcp-server.ts';
import { evaluate } from './evaluate.ts';
import { occurrences } from './occurrence.ts';

/** What all rules say of an object, as the worker asks them. */
function judge(schema: JsonSchema, value: unknown, broken: readonly string[] = []) {
  return occurrences(schema, value, broken).flatMap((occurrence) => evaluate(occurrence) ?? []);
}

const text = { type: 'string' };
const integer = { type: 'integer' };
const FIELDS: JsonSchema = {
  type: 'object',
  properties: {
    text,
    integer,
    double: { type: 'number' },
    flag: { type: 'boolean' },
    either: { 'x-kubernetes-int-or-string': true },
    list: { type: 'array', items: { type: 'object', properties: { name: text } } },
    map: { type: 'object', additionalProperties: integer },
  },
};
const EVERY = {
  text: 'aé😀',
  integer: 7,
  double: 7,
  flag: true,
  either: 7,
  list: [{ name: 'a' }, { name: 'b' }],
  map: { 'a.b/c': 1 },
};

function ruled(rule: string, more: Partial<ValidationRule> = {}): JsonSchema {
  const validation = { rule, message: 'is wrong', ...more };
  return {
    type: 'object',
    properties: { spec: { ...FIELDS, 'x-kubernetes-validations': [validation] } },
  };
}

describe('a rule', () => {
  it.each([
    { reason: 'integers are ints', rule: 'self.integer / 2 == 3 && type(self.integer) == int' },
    { reason: 'numbers are doubles', rule: 'type(self.double) == double' },
    { reason: 'a number or a text is either', rule: 'type(self.either) == int' },
    { reason: 'booleans', rule: 'self.flag' },
    { reason: 'texts have as many characters as people count', rule: 'self.text.size() == 3' },
    { reason: 'a field that is there', rule: 'has(self.text) && has(self.list)' },
    { reason: 'lists', rule: "self.list.exists(i, i.name == 'b') && self.list.size() == 2" },
    { reason: 'exists_one', rule: "self.list.exists_one(i, i.name == 'b')" },
    { reason: 'keys of maps', rule: "self.map.all(k, k.matches('^[a-z./]+$')) && self.map['a.b/c'] == 1" },
    { reason: 'the operator in', rule: "'a.b/c' in self.map && 7 in [self.integer]" },
    {
      reason: 'raw texts keep their backslashes',
      rule: String.raw`'a1'.matches(r'^\w\d$') && r'\d' == '\\d'`,
    },
    { reason: 'a match anywhere counts', rule: "'abc'.matches('b')" },
    { reason: '$ is the end of the text, not of a line', rule: String.raw`!'a\n'.matches('^a$')` },
    { reason: 'functions of texts', rule: "'AbÉ'.lowerAscii() == 'abÉ' && 'a-b'.contains('-')" },
  ])('reads $reason: $rule', ({ rule }) => {
    expect(judge(ruled(rule), { spec: EVERY })).toEqual([]);
  });

  it.each([
    { reason: 'with false', rule: 'false', path: 'spec', message: 'is wrong' },
    {
      reason: 'and blames a field',
      rule: 'false',
      fieldPath: '.text',
      path: 'spec.text',
      message: 'is wrong',
    },
    {
      reason: 'when it asks for what is not there',
      rule: "self.text == 'a'",
      path: 'spec',
      message: 'field not found: text evaluating rule: is wrong',
    },
    {
      reason: 'when it is no CEL',
      rule: 'self.',
      path: 'spec',
      message: expect.stringMatching(/evaluating rule: is wrong$/) as string,
    },
    {
      reason: 'when it decides nothing',
      rule: '1',
      path: 'spec',
      message: 'the result is not a boolean evaluating rule: is wrong',
    },
    {
      reason: 'when types do not go together',
      rule: "self.either > 'a'",
      either: 7,
      path: 'spec',
      message: expect.stringMatching(/evaluating rule: is wrong$/) as string,
    },
  ])('refuses $reason', ({ rule, fieldPath, either, path, message }) => {
    const schema = ruled(rule, fieldPath === undefined ? {} : { fieldPath });
    expect(judge(schema, { spec: either === undefined ? {} : { either } })).toEqual([{ path, message }]);
  });
});

describe('rules of a schema', () => {
  const rule = (text: string) => ({ 'x-kubernetes-validations': [{ rule: text, message: 'no' }] });
  const schema: JsonSchema = {
    type: 'object',
    ...rule("self.metadata.name != 'bad' && !has(self.metadata.labels)"),
    properties: {
      list: { type: 'array', items: { ...text, ...rule("self != 'bad'") } },
      map: { type: 'object', additionalProperties: { ...text, ...rule("self != 'bad'") } },
      number: { ...integer, ...rule('self < 3') },
    },
  };

  it.each([
    { reason: 'the object itself, by its name', value: { metadata: { name: 'bad' } }, paths: [''] },
    {
      reason: 'no labels, which rules may not see',
      value: { metadata: { name: 'a', labels: { b: 'c' } } },
      paths: [],
    },
    {
      reason: 'each entry of a list',
      value: { metadata: { name: 'a' }, list: ['bad', 'good', 'bad'] },
      paths: ['list[0]', 'list[2]'],
    },
    {
      reason: 'each value of a map',
      value: { metadata: { name: 'a' }, map: { 'x.y': 'bad', z: 'good' } },
      paths: ['map[x.y]'],
    },
    { reason: 'nothing that is absent', value: { metadata: { name: 'a' } }, paths: [] },
  ])('judge $reason', ({ value, paths }) => {
    expect(judge(schema, value).map(({ path }) => path)).toEqual(paths);
  });

  it('leave out what would see a broken field, and judge the rest', () => {
    const value = { metadata: { name: 'bad' }, number: 'three', list: ['bad'] };
    expect(judge(schema, value, ['number']).map(({ path }) => path)).toEqual(['list[0]']);
    expect(judge(schema, value, ['list[0]']).map(({ path }) => path)).toEqual(['number']);
  });
});

describe('the rules of our kinds', () => {
  const named = { metadata: { name: 'sample' } };
  const policy = { spec: { enforcement: 'Warn', serverSelector: {} } };
  it.each([
    {
      reason: 'every field of an image',
      schema: mcpServerSchema,
      value: { spec: FULL_IMAGE_SPEC },
      least: 80,
    },
    {
      reason: 'every field of a remote',
      schema: mcpServerSchema,
      value: { spec: FULL_REMOTE_SPEC },
      least: 15,
    },
    { reason: 'a policy', schema: securityPolicySchema, value: policy, least: 1 },
  ])('can all be evaluated, and take $reason', ({ schema, value, least }) => {
    const complete = withDefaults(schema, { ...named, ...value });
    expect(occurrences(schema, complete).length).toBeGreaterThanOrEqual(least);
    expect(judge(schema, complete)).toEqual([]);
  });
});
