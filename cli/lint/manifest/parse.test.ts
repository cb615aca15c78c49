import { describe, expect, it } from 'vitest';
import { type Position, parseFile } from './parse.ts';

const values = (text: string): readonly unknown[] =>
  parseFile('file', text).manifests.map(({ value }) => value);

describe('parseFile', () => {
  it.each([
    { reason: 'one document', text: 'a: 1', expected: [{ a: 1 }] },
    { reason: 'several documents', text: 'a: 1\n---\nb: 2\n---\n', expected: [{ a: 1 }, { b: 2 }] },
    { reason: 'nothing', text: '', expected: [] },
    { reason: 'a comment', text: '# nothing\n---\n# here\n', expected: [] },
    { reason: 'JSON', text: '{"a":\t[1, "\\ud83d\\ude00\\/"]}', expected: [{ a: [1, '😀/'] }] },
    { reason: 'a List', text: 'kind: List\nitems: [{a: 1}, {b: 2}]', expected: [{ a: 1 }, { b: 2 }] },
    {
      reason: 'a list of our kind, with a List in it',
      text: 'kind: MCPServerList\nitems: [{kind: List, items: [{a: 1}]}]',
      expected: [{ a: 1 }],
    },
    {
      reason: 'a kind that only ends like one',
      text: 'kind: AllowList\nspec: {}',
      expected: [{ kind: 'AllowList', spec: {} }],
    },
    { reason: 'anchors', text: 'a: &x {b: 1}\nc: *x', expected: [{ a: { b: 1 }, c: { b: 1 } }] },
    {
      reason: 'merged maps',
      text: 'a: &x {b: 1}\nc: {<<: *x, d: 2}',
      expected: [{ a: { b: 1 }, c: { b: 1, d: 2 } }],
    },
    { reason: 'a text', text: 'just text', expected: ['just text'] },
  ])('reads $reason', ({ text, expected }) => {
    expect(parseFile('file', text).problems).toEqual([]);
    expect(values(text)).toEqual(expected);
  });

  it.each([
    ['yes', true],
    ['y', true],
    ['off', false],
    ['0644', 420],
    ['1_000', 1000],
    ['0x1F', 31],
    ['1.0', 1],
    ['~', null],
    ['12:30', '12:30'],
    ['2026-01-01', '2026-01-01'],
    ['"yes"', 'yes'],
    ['1.2.3', '1.2.3'],
  ])('reads the value %s as kubectl does', (text, expected) => {
    expect(values(`a: ${text}`)).toEqual([{ a: expected }]);
  });

  it.each([
    { reason: 'no YAML', text: 'a: 1\nb: [', at: [2, 5], message: 'must be sufficiently indented' },
    { reason: 'a key twice', text: 'a: 1\nb: 2\na: 3', at: [3, 1], message: 'the same key stands twice' },
    { reason: 'a template', text: 'a: {{ .Values.a }}', at: [1, 5], message: 'yet to be rendered' },
    { reason: 'an alias of nothing', text: 'a: *x', at: [1, 1], message: 'Unresolved alias' },
    { reason: 'an anchor in itself', text: 'a: &x [*x]', at: [1, 1], message: 'contains itself' },
    { reason: 'JSON that ends early', text: '{"a": 1', at: [1, 8], message: 'must end with a }' },
  ])('says where there is $reason', ({ text, at, message }) => {
    const [line, column] = at;
    expect(parseFile('file', text)).toEqual({
      manifests: [],
      problems: [{ file: 'file', at: { line, column }, message: expect.stringContaining(message) as string }],
    });
  });

  it('does not expand what would fill the memory', () => {
    const levels = Array.from({ length: 30 }, (_, level) => {
      const entries = level === 0 ? '1, 1' : `*l${level - 1}, *l${level - 1}`;
      return `l${level}: &l${level} [${entries}]`;
    });
    const { manifests, problems } = parseFile('file', levels.join('\n'));
    expect(manifests).toEqual([]);
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringContaining('Excessive alias count'),
    ]);
  });

  it('does not copy one large text again and again', () => {
    const text = `a: &a ${'x'.repeat(400_000)}\nb: [${'*a, '.repeat(60)}]`;
    expect(parseFile('file', text).problems).toMatchObject([
      { message: expect.stringContaining('more than a file may hold') as string },
    ]);
  });

  it('does not look for the meaning of aliases for ever', () => {
    const pairs = Array.from({ length: 2000 }, (_, index) => `&a${index} x, *a${index}`);
    expect(parseFile('file', `a: [${pairs.join(', ')}]`).problems).toMatchObject([
      { message: 'there are more than 1000 aliases' },
    ]);
  });

  it('reads a map of many keys at once', () => {
    const fields = Array.from({ length: 50_000 }, (_, index) => `f${index}: 1`).join('\n');
    expect(parseFile('file', `${fields}\nf7: 2`).problems).toMatchObject([
      { at: { line: 50_001, column: 1 } },
    ]);
  });

  it('survives endless nesting, in few words', () => {
    const { manifests, problems } = parseFile('file', '['.repeat(100_000));
    expect(manifests).toEqual([]);
    expect(problems.length).toBeLessThan(5);
  });

  it('judges the other documents of a file that has a broken one', () => {
    const { manifests, problems } = parseFile('file', 'a: 1\n---\nb: 2\nb: 2\n---\nc: 3');
    expect(manifests.map(({ value }) => value)).toEqual([{ a: 1 }, { c: 3 }]);
    expect(problems.map(({ at }) => at.line)).toEqual([4]);
  });
});

describe('positions', () => {
  const TEXT = `# a comment
kind: List
items:
  - metadata: { name: a, labels: { a.b/c: d } }
    spec:
      env:
        - &one
          name: ONE
          value: x
        - *one
      podTemplate:
        spec:
          containers:
            - name: sidecar
              image: y
          topologySpreadConstraints:
            - topologyKey: zone
              whenUnsatisfiable: DoNotSchedule
              maxSkew: 0
---
"metadata":
  "name": "b"
`;
  const manifests = parseFile('file', TEXT).manifests;
  const at = (index: number, path: string): Position | undefined => manifests[index]?.at(path);

  it.each([
    { reason: 'the object', path: '', line: 4, column: 5 },
    { reason: 'a field', path: 'spec', line: 5, column: 5 },
    { reason: 'an entry by its index', path: 'spec.env[0]', line: 8, column: 11 },
    { reason: 'a field of an entry', path: 'spec.env[0].value', line: 9, column: 11 },
    { reason: 'a field behind an alias', path: 'spec.env[1].value', line: 9, column: 11 },
    {
      reason: 'an entry by its key',
      path: 'spec.podTemplate.spec.containers[name=sidecar].image',
      line: 15,
      column: 15,
    },
    {
      reason: 'an entry by two keys',
      path: 'spec.podTemplate.spec.topologySpreadConstraints[topologyKey=zone,whenUnsatisfiable=DoNotSchedule].maxSkew',
      line: 19,
      column: 15,
    },
    { reason: 'a key with dots', path: 'metadata.labels.a.b/c', line: 4, column: 36 },
    { reason: 'a key in brackets', path: 'metadata.labels[a.b/c]', line: 4, column: 36 },
    { reason: 'what is around a missing field', path: 'metadata.labels[owner]', line: 4, column: 26 },
    {
      reason: 'what is around a missing entry',
      path: 'spec.podTemplate.spec.containers[name=server].securityContext',
      line: 13,
      column: 11,
    },
    { reason: 'what begins like the field and is another', path: 'spec.envFrom', line: 5, column: 5 },
  ])('of $reason', ({ path, line, column }) => {
    expect(at(0, path)).toEqual({ line, column });
  });

  it('of a field whose name is in quotes, in a later document', () => {
    expect(at(1, 'metadata.name')).toEqual({ line: 22, column: 3 });
  });
});
