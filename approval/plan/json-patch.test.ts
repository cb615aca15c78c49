import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changesBetween, diffOf, operationsFor } from './changes.ts';
import { applyOperations, inverseOperations, pointerOf, segmentsOf, valueAt } from './json-patch.ts';
import type { PatchOperation } from './plan.ts';

describe('applyOperations', () => {
  // RFC 6902, appendix A, of the operations that plans use.
  it.each([
    ['A.1', { foo: 'bar' }, [{ op: 'add', path: '/baz', value: 'qux' }], { baz: 'qux', foo: 'bar' }],
    [
      'A.2',
      { foo: ['bar', 'baz'] },
      [{ op: 'add', path: '/foo/1', value: 'qux' }],
      { foo: ['bar', 'qux', 'baz'] },
    ],
    ['A.3', { baz: 'qux', foo: 'bar' }, [{ op: 'remove', path: '/baz' }], { foo: 'bar' }],
    ['A.4', { foo: ['bar', 'qux', 'baz'] }, [{ op: 'remove', path: '/foo/1' }], { foo: ['bar', 'baz'] }],
    [
      'A.5',
      { baz: 'qux', foo: 'bar' },
      [{ op: 'replace', path: '/baz', value: 'boo' }],
      { baz: 'boo', foo: 'bar' },
    ],
    [
      'A.8',
      { baz: 'qux', foo: ['a', 2, 'c'] },
      [
        { op: 'test', path: '/baz', value: 'qux' },
        { op: 'test', path: '/foo/1', value: 2 },
      ],
      { baz: 'qux', foo: ['a', 2, 'c'] },
    ],
    [
      'A.10',
      { foo: 'bar' },
      [{ op: 'add', path: '/child', value: { grandchild: {} } }],
      { foo: 'bar', child: { grandchild: {} } },
    ],
    ['A.14', { '/': 9, '~1': 10 }, [{ op: 'test', path: '/~01', value: 10 }], { '/': 9, '~1': 10 }],
    [
      'an end of a list',
      { foo: ['bar'] },
      [{ op: 'add', path: '/foo/1', value: 'qux' }],
      { foo: ['bar', 'qux'] },
    ],
  ] as const)('%s', (_example, document, operations, expected) => {
    expect(applyOperations(document, operations)).toEqual(expected);
  });

  it.each([
    ['A.9: another value', { baz: 'qux' }, { op: 'test', path: '/baz', value: 'bar' }],
    ['A.12: no parent', { foo: 'bar' }, { op: 'add', path: '/baz/bat', value: 'qux' }],
    ['A.15: text is no number', { '~1': 10 }, { op: 'test', path: '/~01', value: '10' }],
    ['a test of what is not there', { foo: 'bar' }, { op: 'test', path: '/baz', value: null }],
    ['a removal of what is not there', { foo: 'bar' }, { op: 'remove', path: '/baz' }],
    ['a replacement of what is not there', { foo: 'bar' }, { op: 'replace', path: '/baz', value: 1 }],
    ['past the end', { foo: ['bar'] }, { op: 'add', path: '/foo/2', value: 1 }],
    ['the entry behind the last', { foo: ['bar'] }, { op: 'remove', path: '/foo/1' }],
    ['an index that is none', { foo: ['bar'] }, { op: 'replace', path: '/foo/00', value: 1 }],
    ['a field of a text', { foo: 'bar' }, { op: 'add', path: '/foo/length', value: 1 }],
    ['what every object inherits', {}, { op: 'test', path: '/constructor', value: {} }],
  ] as const)('does not apply: %s', (_what, document, operation) => {
    expect(() => applyOperations(document, [operation])).toThrow(`${operation.op} at ${operation.path}`);
  });

  it('changes nothing of what it was given', () => {
    const document = Object.freeze({ list: Object.freeze([1]) });
    applyOperations(document, [
      { op: 'add', path: '/list/0', value: 0 },
      { op: 'add', path: '/more', value: 1 },
    ]);
    expect(document).toEqual({ list: [1] });
  });
});

describe('pointers', () => {
  it('lead to every field, whatever its name', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1 }), (segments) => {
        expect(segmentsOf(pointerOf(segments))).toEqual(segments);
      }),
    );
  });

  it('begin with a slash', () => {
    expect(() => segmentsOf('spec/replicas')).toThrow('must begin with /');
  });

  it('lead nowhere where nothing is', () => {
    expect(valueAt({ a: [1] }, '/a/0')).toBe(1);
    expect(valueAt({ a: [1] }, '/a/1')).toBeUndefined();
    expect(valueAt({ a: [1] }, '/a/length')).toBeUndefined();
  });
});

/** JSON without nulls: the API server drops fields that are null. */
const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('a', 'b', 1, 2, true),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c/d', 'e~f', 'name'), tie('value'), { maxKeys: 4 }),
  ),
})).value;
const documents = fc.dictionary(fc.constantFrom('a', 'b', 'c'), json);

describe('changesBetween', () => {
  it('leads from one document to the other, and back', () => {
    fc.assert(
      fc.property(documents, documents, (spec, other) => {
        const operations = operationsFor(changesBetween(spec, other, ['spec']));
        const patched = applyOperations({ spec }, operations);
        expect(patched).toEqual({ spec: other });
        expect(applyOperations(patched, inverseOperations({ spec }, operations))).toEqual({ spec });
      }),
      { numRuns: 1000 },
    );
  });

  it('finds nothing where nothing differs', () => {
    fc.assert(
      fc.property(documents, (spec) => {
        expect(changesBetween(spec, structuredClone(spec), ['spec'])).toEqual([]);
      }),
    );
  });

  it('tests everything that it replaces or removes', () => {
    fc.assert(
      fc.property(documents, documents, (spec, other) => {
        const operations = operationsFor(changesBetween(spec, other, ['spec']));
        for (const [index, { op, path }] of operations.entries())
          if (op === 'replace' || op === 'remove')
            expect(operations[index - 1]).toMatchObject({ op: 'test', path });
      }),
    );
  });
});

describe('diffOf', () => {
  it('shows lists by the names of their entries', () => {
    const before = { list: [{ name: 'one', a: 1 }, { name: 'two' }], gone: [1, 2], plain: ['x'] };
    const after = {
      list: [{ name: 'one', a: 2 }, { name: 'two', b: true }, { name: 'three' }],
      gone: [1],
      plain: ['y'],
    };
    expect(diffOf(changesBetween(before, after, ['spec'])).split('\n')).toEqual([
      'spec.list[name=one]:',
      '- a: 1',
      '+ a: 2',
      'spec.list[name=two]:',
      '+ b: true',
      'spec.list:',
      '+ - name: three',
      'spec:',
      '- gone:',
      '-   - 1',
      '-   - 2',
      '+ gone:',
      '+   - 1',
      'spec.plain:',
      '- - x',
      '+ - y',
    ]);
  });
});

describe('inverseOperations', () => {
  it.each([
    ['an entry that was put between others', { a: [1, 3] }, [{ op: 'add', path: '/a/1', value: 2 }]],
    ['a field that was written over', { a: { b: 1 } }, [{ op: 'add', path: '/a/b', value: 2 }]],
    [
      'entries from the end',
      { a: [1, 2, 3] },
      [
        { op: 'remove', path: '/a/2' },
        { op: 'remove', path: '/a/0' },
      ],
    ],
    ['tests', { a: 1 }, [{ op: 'test', path: '/a', value: 1 }]],
  ] as const)('takes back %s', (_what, before, operations: readonly PatchOperation[]) => {
    const after = applyOperations(before, operations);
    expect(applyOperations(after, inverseOperations(before, operations))).toEqual(before);
  });

  it('takes nothing back that somebody changed since', () => {
    const inverse = inverseOperations({ a: 1 }, [{ op: 'replace', path: '/a', value: 2 }]);
    expect(() => applyOperations({ a: 3 }, inverse)).toThrow('test at /a');
  });
});
