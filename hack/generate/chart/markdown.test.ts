import { describe, expect, it } from 'vitest';
import { fillRegion } from './markdown.ts';

describe('fillRegion', () => {
  it('replaces what is between the comments, and nothing else', () => {
    const document = 'before\n<!-- begin table -->\nold\n<!-- end table -->\nafter';
    const filled = fillRegion(document, 'table', 'new');
    expect(filled).toBe('before\n<!-- begin table -->\n\nnew\n\n<!-- end table -->\nafter');
    expect(fillRegion(filled, 'table', 'new')).toBe(filled);
  });

  it.each([
    ['neither comment', 'text'],
    ['the comments in the wrong order', '<!-- end table --><!-- begin table -->'],
  ])('says what to write where there is %s', (_reason, document) => {
    expect(() => fillRegion(document, 'table', 'new')).toThrow(
      'write <!-- begin table --> and <!-- end table -->',
    );
  });
});
