import type { LabelSelector } from '../../api/index.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contradictions, isMet, requirementProblems, requirementsOf } from './selector.ts';

const requirements = (selector: LabelSelector) => requirementsOf(selector, 'spec.namespaceSelector');
const matches = (selector: LabelSelector, labels?: Record<string, string>): boolean =>
  requirements(selector).every((requirement) => isMet(requirement, labels));
const expression = (key: string, operator: string, values?: string[]): LabelSelector => ({
  matchExpressions: [{ key, operator, ...(values && { values }) }],
});
const labelsAnd = (
  matchLabels: Record<string, string>,
  ...condition: Parameters<typeof expression>
): LabelSelector => ({
  matchLabels,
  matchExpressions: expression(...condition).matchExpressions ?? [],
});
const problems = (selector: LabelSelector) => requirements(selector).flatMap(requirementProblems);

describe('a selector', () => {
  it.each<{ reason: string; selector: LabelSelector; labels?: Record<string, string>; expected: boolean }>([
    { reason: '{} selects everything', selector: {}, labels: { a: 'b' }, expected: true },
    { reason: '{} selects what has no labels', selector: {}, expected: true },
    {
      reason: 'matchLabels',
      selector: { matchLabels: { a: 'b' } },
      labels: { a: 'b', c: 'd' },
      expected: true,
    },
    { reason: 'another value', selector: { matchLabels: { a: 'b' } }, labels: { a: 'c' }, expected: false },
    { reason: 'no labels', selector: { matchLabels: { a: 'b' } }, expected: false },
    {
      reason: 'an empty value is a value',
      selector: { matchLabels: { a: '' } },
      labels: { a: '' },
      expected: true,
    },
    {
      reason: 'an empty value is not absence',
      selector: { matchLabels: { a: '' } },
      labels: {},
      expected: false,
    },
    {
      reason: 'all of them',
      selector: { matchLabels: { a: 'b', c: 'd' } },
      labels: { a: 'b' },
      expected: false,
    },
    { reason: 'In', selector: expression('a', 'In', ['b', 'c']), labels: { a: 'c' }, expected: true },
    { reason: 'In, absent', selector: expression('a', 'In', ['b']), labels: {}, expected: false },
    { reason: 'NotIn', selector: expression('a', 'NotIn', ['b']), labels: { a: 'c' }, expected: true },
    { reason: 'NotIn, in', selector: expression('a', 'NotIn', ['b']), labels: { a: 'b' }, expected: false },
    { reason: 'NotIn, absent', selector: expression('a', 'NotIn', ['b']), labels: {}, expected: true },
    { reason: 'Exists', selector: expression('a', 'Exists'), labels: { a: '' }, expected: true },
    { reason: 'Exists, absent', selector: expression('a', 'Exists'), labels: { b: '' }, expected: false },
    { reason: 'DoesNotExist', selector: expression('a', 'DoesNotExist'), labels: { b: '' }, expected: true },
    {
      reason: 'DoesNotExist, there',
      selector: expression('a', 'DoesNotExist'),
      labels: { a: '' },
      expected: false,
    },
    {
      reason: 'what every object inherits is no label',
      selector: expression('constructor', 'Exists'),
      labels: {},
      expected: false,
    },
    {
      reason: 'labels and expressions',
      selector: labelsAnd({ a: 'b' }, 'c', 'Exists'),
      labels: { a: 'b' },
      expected: false,
    },
  ])('$reason: $expected', ({ selector, labels, expected }) => {
    expect(matches(selector, labels)).toBe(expected);
  });
});

describe('a problem of a selector', () => {
  const PATH = 'spec.namespaceSelector.matchExpressions[0]';

  it.each<{ reason: string; selector: LabelSelector; path?: string; message: RegExp }>([
    {
      reason: 'operator',
      selector: expression('a', 'Gt', ['1']),
      message: /^the operator "Gt" does not exist: use In, NotIn/,
    },
    { reason: 'case', selector: expression('a', 'in', ['1']), message: /^the operator "in" does not exist/ },
    {
      reason: 'In without values',
      selector: expression('a', 'In'),
      message: /^the operator In needs values/,
    },
    {
      reason: 'NotIn, empty',
      selector: expression('a', 'NotIn', []),
      message: /^the operator NotIn needs values/,
    },
    {
      reason: 'Exists with values',
      selector: expression('a', 'Exists', ['b']),
      message: /^the operator Exists takes no values/,
    },
    {
      reason: 'DoesNotExist',
      selector: expression('a', 'DoesNotExist', ['b']),
      message: /DoesNotExist takes no values/,
    },
    { reason: 'key', selector: expression('a b', 'Exists'), message: /^the key "a b" is no key of a label/ },
    { reason: 'empty key', selector: expression('', 'Exists'), message: /^the key "" is no key/ },
    { reason: 'two slashes', selector: expression('a/b/c', 'Exists'), message: /is no key/ },
    { reason: 'empty prefix', selector: expression('/b', 'Exists'), message: /is no key/ },
    { reason: 'upper case prefix', selector: expression('A.b/c', 'Exists'), message: /is no key/ },
    { reason: 'long name', selector: expression('a'.repeat(64), 'Exists'), message: /is no key/ },
    { reason: 'long prefix', selector: expression(`${'a'.repeat(254)}/b`, 'Exists'), message: /is no key/ },
    {
      reason: 'value',
      selector: expression('a', 'In', ['b', 'c d']),
      message: /^the value "c d" is no value of a label/,
    },
    {
      reason: 'long value',
      selector: expression('a', 'In', ['b'.repeat(64)]),
      message: /is no value of a label/,
    },
    {
      reason: 'matchLabels',
      selector: { matchLabels: { 'a.b/c': '-' } },
      path: 'spec.namespaceSelector.matchLabels[a.b/c]',
      message: /^the value "-" is no value/,
    },
  ])('$reason', ({ selector, path = PATH, message }) => {
    expect(problems(selector)).toEqual([{ path, message: expect.stringMatching(message) }]);
  });

  it('is none of these', () => {
    expect(problems({ matchLabels: { 'example.com/A_b.c-1': '', x: 'A_b.c-1' } })).toEqual([]);
    expect(problems(expression(`${'a'.repeat(253)}/${'b'.repeat(63)}`, 'In', ['c'.repeat(63)]))).toEqual([]);
  });
});

describe('a contradiction', () => {
  it.each<{ reason: string; selector: LabelSelector; expected: string[] }>([
    {
      reason: 'NotIn',
      selector: labelsAnd({ a: 'b' }, 'a', 'NotIn', ['b']),
      expected: ['a'],
    },
    {
      reason: 'DoesNotExist',
      selector: labelsAnd({ a: 'b' }, 'a', 'DoesNotExist'),
      expected: ['a'],
    },
    {
      reason: 'disjoint',
      selector: labelsAnd({ a: 'b' }, 'a', 'In', ['c', 'd']),
      expected: ['a'],
    },
    {
      reason: 'overlap',
      selector: labelsAnd({ a: 'b' }, 'a', 'In', ['b', 'd']),
      expected: [],
    },
    {
      reason: 'another key',
      selector: labelsAnd({ a: 'b' }, 'c', 'NotIn', ['b']),
      expected: [],
    },
    {
      reason: 'Exists and NotIn',
      selector: {
        matchExpressions: [
          { key: 'a', operator: 'Exists' },
          { key: 'a', operator: 'NotIn', values: ['b'] },
        ],
      },
      expected: [],
    },
    {
      reason: 'Exists and DoesNotExist',
      selector: {
        matchExpressions: [
          { key: 'a', operator: 'Exists' },
          { key: 'a', operator: 'DoesNotExist' },
        ],
      },
      expected: ['a'],
    },
    {
      reason: 'NotIn and DoesNotExist',
      selector: {
        matchExpressions: [
          { key: 'a', operator: 'NotIn', values: ['b'] },
          { key: 'a', operator: 'DoesNotExist' },
        ],
      },
      expected: [],
    },
  ])('$reason', ({ selector, expected }) => {
    expect(contradictions(requirements(selector))).toEqual(expected);
  });

  // The reference tries every object over two keys with the values that selectors name, one that none names, and none.
  it('is found exactly where no object is selected', () => {
    const key = fc.constantFrom('a', 'b');
    const values = fc.uniqueArray(fc.constantFrom('x', 'y'), { minLength: 1 });
    const requirement = fc.oneof(
      fc
        .tuple(key, fc.constantFrom('In', 'NotIn'), values)
        .map(([key, operator, values]) => ({ key, operator, values })),
      fc.tuple(key, fc.constantFrom('Exists', 'DoesNotExist')).map(([key, operator]) => ({ key, operator })),
    );
    const states = [undefined, 'x', 'y', 'z'];
    const objects = states.flatMap((a) => states.map((b) => ({ ...(a && { a }), ...(b && { b }) })));
    fc.assert(
      fc.property(fc.array(requirement, { maxLength: 5 }), (matchExpressions) => {
        const isSelected = objects.some((labels) => matches({ matchExpressions }, labels));
        expect(contradictions(requirements({ matchExpressions })).length === 0).toBe(isSelected);
      }),
      { numRuns: 2000 },
    );
  });
});
