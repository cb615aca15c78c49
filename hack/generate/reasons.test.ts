import { describe, expect, it } from 'vitest';
import { POLICY_REASONS, READY_REASONS, REASONS } from '../../api/index.ts';
import { PROBE_FAILURE_REASONS } from '../../mcp/types.ts';
import { reasonsPage } from './reasons.ts';

describe('docs/reasons.md', () => {
  it('has a row for every reason of every condition', async () => {
    const { 'docs/reasons.md': page = '' } = await reasonsPage.outputs();
    const sections = page.split('\n## ').slice(1);
    const ofPolicies = Object.values(POLICY_REASONS).flatMap((reasons) => Object.keys(reasons));
    const expected = [
      ...Object.entries({ ...REASONS, Ready: READY_REASONS }).map(
        ([type, reasons]) => [type, Object.keys(reasons)] as const,
      ),
      ['Conditions of an MCPSecurityPolicy', ofPolicies] as const,
    ];
    expect(sections.map((section) => section.split('\n')[0])).toEqual(expected.map(([title]) => title));
    for (const [index, [, reasons]] of expected.entries())
      expect(sections[index]?.match(/(?<=^\| `)\w+/gm)).toEqual(reasons);
  });

  it('knows every way in which a probe can fail', () => {
    expect(Object.keys(REASONS.Verified)).toEqual(expect.arrayContaining(Object.keys(PROBE_FAILURE_REASONS)));
  });
});
