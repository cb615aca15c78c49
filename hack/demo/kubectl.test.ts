import { describe, expect, it } from 'vitest';
import { withAnswer } from './kubectl.ts';

describe('a command with its answer', () => {
  it.each([
    { args: ['get', 'apr', '--namespace=a', '-o', 'wide'], line: 'get apr --namespace=a -o wide' },
    { args: ['get', 'pods', '-o=jsonpath={.items}'], line: "get pods '-o=jsonpath={.items}'" },
    { args: ['annotate', 'it', "why=it's"], line: String.raw`annotate it 'why=it'\''s'` },
  ])('$line can be typed as it is shown', async ({ args, line }) => {
    expect(await withAnswer(() => Promise.resolve('the answer'), args)).toBe(`$ kubectl ${line}\nthe answer`);
  });
});
