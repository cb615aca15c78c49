import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../object/object.ts';
import { stripForCache } from './strip.ts';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Few names and values, so that parts of two objects are equal often, and nearly equal often. */
const json = fc.letrec<{
  value: Json;
  leaf: Json;
  list: readonly Json[];
  object: Readonly<Record<string, Json>>;
}>((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, tie('leaf'), tie('list'), tie('object')),
  leaf: fc.constantFrom<Json>('a text that is longer than most', 'b', 0, 1, true, null),
  list: fc.array(tie('value'), { maxLength: 3 }),
  object: fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { maxKeys: 3 }),
}));

interface Sample extends KubernetesObject {
  readonly spec: Json;
}

const sample = (spec: Json): Sample => ({
  apiVersion: 'v1',
  kind: 'Sample',
  metadata: { name: 'sample', labels: { app: 'sample' } },
  // As from the network: nobody else has any part of it.
  spec: JSON.parse(JSON.stringify(spec)) as Json,
});

const isFrozen = (value: unknown): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (Object.isFrozen(value) && Object.values(value).every(isFrozen));

describe('what is cached', () => {
  it('is what came, frozen, whatever it shares, and changes nothing that was cached', () => {
    fc.assert(
      fc.property(json.value, json.value, json.value, (spec, before, beside) => {
        const previous = stripForCache(sample(before));
        const sibling = stripForCache(sample(beside), { previous });
        const cached = stripForCache(sample(spec), { previous, sibling });
        expect(cached).toStrictEqual(sample(spec));
        expect(previous).toStrictEqual(sample(before));
        expect(sibling).toStrictEqual(sample(beside));
        expect([cached, previous, sibling].every(isFrozen)).toBe(true);
      }),
    );
  });

  it('is the cached object itself when nothing differs', () => {
    fc.assert(
      fc.property(json.value, json.value, (spec, other) => {
        const known = stripForCache(sample(spec));
        const different = stripForCache(sample(other));
        expect(stripForCache(sample(spec), { previous: known, sibling: different })).toBe(known);
        expect(stripForCache(sample(spec), { sibling: known })).toBe(known);
      }),
    );
  });

  it('is as deep as the API server stores it', () => {
    const deep = JSON.parse(`${'['.repeat(10_000)}1${']'.repeat(10_000)}`) as Json;
    const cached = stripForCache({ ...sample(0), spec: deep }, { previous: stripForCache(sample([[[0]]])) });
    let level = cached.spec;
    for (let count = 0; count < 10_000; count += 1) {
      if (!Array.isArray(level) || !Object.isFrozen(level)) throw new Error(`level ${count} is not frozen`);
      [level = null] = level as readonly Json[];
    }
    expect(level).toBe(1);
  });

  it('is not compared where it is longer than anything real', () => {
    const long = (): Sample => sample(Array.from({ length: 1_001 }, () => 0));
    const previous = stripForCache(long());
    const cached = stripForCache(long(), { previous });
    expect(cached).toStrictEqual(previous);
    expect(cached.spec).not.toBe(previous.spec);
    expect(isFrozen(cached)).toBe(true);
  });

  it('takes nothing from what objects inherit', () => {
    const named = (text: string): Sample => ({ ...sample(0), spec: JSON.parse(text) as Json });
    const sibling = stripForCache(named('{"a":"b"}'));
    const cached = stripForCache(named('{"__proto__":{},"constructor":{}}'), { sibling });
    expect(JSON.stringify(cached.spec)).toBe('{"__proto__":{},"constructor":{}}');
    const own = Object.getOwnPropertyDescriptor(cached.spec, '__proto__')?.value as object;
    expect(own).not.toBe(Object.prototype);
    expect(Object.isFrozen(own)).toBe(true);
  });

  it('shares the parts that are equal to those of either', () => {
    const previous = stripForCache(sample({ template: { a: ['x'] }, status: { ready: false } }));
    const sibling = stripForCache(sample({ template: { a: ['y'] }, status: { ready: true } }));
    const cached = stripForCache(sample({ template: { a: ['x'] }, status: { ready: true } }), {
      previous,
      sibling,
    });
    const spec = cached.spec as Readonly<Record<string, Json>>;
    expect(spec['template']).toBe((previous.spec as Readonly<Record<string, Json>>)['template']);
    expect(spec['status']).toBe((sibling.spec as Readonly<Record<string, Json>>)['status']);
    expect(cached.metadata).toBe(previous.metadata);
  });
});
