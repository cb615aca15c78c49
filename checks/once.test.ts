import { describe, expect, it, vi } from 'vitest';
import { onceOn, oncePer } from './once.ts';

describe.each([
  ['oncePer', oncePer],
  ['onceOn', onceOn],
] as const)('%s', (_name, once) => {
  it('asks once for each object, whatever the answer', () => {
    const make = vi.fn<(key: { readonly name: string }) => string | undefined>(({ name }) =>
      name === 'a' ? 'made of a' : undefined,
    );
    const made = once(make);
    const [one, other] = [{ name: 'a' }, { name: 'b' }];
    expect([made(one), made(other), made(one), made(other)]).toEqual([
      'made of a',
      undefined,
      'made of a',
      undefined,
    ]);
    expect(make).toHaveBeenCalledTimes(2);
  });

  it('asks anew for a copy, which may differ', () => {
    const made = once(({ name }: { readonly name: string }) => `made of ${name}`);
    const one = { name: 'a' };
    made(one);
    expect(made({ ...one, name: 'b' })).toBe('made of b');
  });

  it('keeps what each of several makes apart', () => {
    const key = {};
    expect([once(() => 1)(key), once(() => 2)(key)]).toEqual([1, 2]);
  });

  it('shows nothing on the object', () => {
    const key = { name: 'a' };
    once(() => 1)(key);
    expect(JSON.stringify(key)).toBe('{"name":"a"}');
    expect(key).toEqual({ name: 'a' });
  });
});
