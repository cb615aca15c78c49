import { describe, expect, test } from 'vitest';
import { MCP_BASELINE_V1 } from '../profiles/mcp-baseline-v1.ts';
import { CHECKS } from '../registry.ts';
import { FRAMEWORKS, controlsOf } from './index.ts';

const known = new Set(CHECKS.map(({ id }) => id));

describe('controls', () => {
  test.each(MCP_BASELINE_V1.checks)('$id speaks to a control of some framework', ({ id }) => {
    expect(Object.values(controlsOf(id)).flat()).not.toEqual([]);
  });

  test.each(FRAMEWORKS)(
    '$id names checks that exist, each once a control, and no empty control',
    ({ controls }) => {
      for (const { id, checks } of controls) {
        const named = checks.map((check) => check.id);
        expect(named, id).not.toEqual([]);
        expect(
          named.filter((check) => !known.has(check)),
          id,
        ).toEqual([]);
        expect(new Set(named).size, id).toBe(named.length);
      }
      expect(new Set(controls.map(({ id }) => id)).size).toBe(controls.length);
    },
  );

  test('are given by framework', () => {
    expect(controlsOf('MCP-C05')).toEqual({
      'nist-800-53-r5': ['IA-5'],
      'cis-kubernetes': ['5.4.1'],
      'owasp-mcp-top-10': ['MCP01:2025'],
    });
    expect(controlsOf('MCP-X99')).toEqual({});
  });
});
