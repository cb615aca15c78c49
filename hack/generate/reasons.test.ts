import { describe, expect, it } from 'vitest';
import { READY_REASONS, REASONS } from '../../api/index.ts';
import { PROBE_FAILURE_REASONS } from '../../mcp/types.ts';
import { reasonsPage } from './reasons.ts';

describe('docs/reasons.md', () => {
  it('has a row for every reason of every condition', async () => {
    const { 'docs/reasons.md': page = '' } = await reasonsPage.outputs();
    const sections = page.split('\n## ').slice(1);
    const expected = Object.entries({ ...REASONS, Ready: READY_REASONS });
    expect(sections.map((section) => section.split('\n')[0])).toEqual(expected.map(([type]) => type));
    for (const [index, [, reasons]] of expected.entries())
      expect(sections[index]?.match(/(?<=^\| `)\w+/gm)).toEqual(Object.keys(reasons));
  });

  it('knows every way in which a probe can fail', () => {
    expect(Object.keys(REASONS.Verified)).toEqual(expect.arrayContaining(Object.keys(PROBE_FAILURE_REASONS)));
  });
});
