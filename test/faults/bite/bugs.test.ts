/** Planting is slow, so here only: that each bug can still be planted, and that the test which must notice it is still there. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { PLANTED_BUGS } from './bugs.ts';

const CHECKOUT = fileURLToPath(new URL('../../../', import.meta.url));

describe.each(PLANTED_BUGS)('$name', ({ file, find, test }) => {
  it('can be planted', () => {
    expect(readFileSync(CHECKOUT + file, 'utf8').split(find)).toHaveLength(2);
  });

  it('has its test', () => {
    const title = test.name.replace(/^because the API server fails/, '%s');
    const sources = readFileSync(CHECKOUT + test.file, 'utf8');
    expect([title, test.name].some((name) => sources.includes(`'${name}'`))).toBe(true);
  });
});
