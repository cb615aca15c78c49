import { describe, expect, it } from 'vitest';
import { aServer, aWaiver, covered, NOW_MS } from './testing/objects.ts';
import { nextExpiryMs, waiverFigures, waiverFor } from './waivers.ts';

const labelled = (labels: Record<string, string>, namespace: Record<string, string> = {}) => {
  const server = aServer('one');
  return covered({ ...server, metadata: { ...server.metadata, labels } }, namespace);
};
const INTERNAL = labelled({ tier: 'internal' }, { env: 'test' });

describe('waiverFor', () => {
  it.each([
    ['everybody', aWaiver(), true],
    ['the labels of the server', aWaiver({ serverSelector: { matchLabels: { tier: 'internal' } } }), true],
    ['other labels', aWaiver({ serverSelector: { matchLabels: { tier: 'public' } } }), false],
    ['the labels of the namespace', aWaiver({ namespaceSelector: { matchLabels: { env: 'test' } } }), true],
    ['another namespace', aWaiver({ namespaceSelector: { matchLabels: { env: 'prod' } } }), false],
    ['another check', aWaiver({ check: 'MCP-P01' }), false],
    ['a time that is over', aWaiver({ expiresAt: '2026-11-25T12:00:00Z' }), false],
    ['a second that is left', aWaiver({ expiresAt: '2026-11-25T12:00:01Z' }), true],
    ['another time zone', aWaiver({ expiresAt: '2026-11-25T12:30:00+01:00' }), false],
    ['a day that does not exist', aWaiver({ expiresAt: '2026-99-31T00:00:00Z' }), false],
    [
      'a selector that cannot be evaluated',
      aWaiver({
        serverSelector: { matchExpressions: [{ key: 'tier', operator: 'Is', values: ['internal'] }] },
      }),
      false,
    ],
  ])('one for %s', (_whom, waiver, covers) => {
    const found = waiverFor([waiver], 'MCP-S08', INTERNAL, NOW_MS);
    const { reason, owner, expiresAt } = waiver;
    expect(found).toEqual(covers ? { reason, owner, expiresAt } : undefined);
  });

  it('of several takes the one that lasts longest', () => {
    const waivers = ['2027-01-01T00:00:00Z', '2029-01-01T00:00:00Z', '2028-01-01T00:00:00Z'].map(
      (expiresAt) => aWaiver({ expiresAt }),
    );
    expect(waiverFor(waivers, 'MCP-S08', INTERNAL, NOW_MS)?.expiresAt).toBe('2029-01-01T00:00:00Z');
  });
});

describe('waiverFigures', () => {
  const ids = new Set(['MCP-S08', 'MCP-P01']);
  const waived = [{ check: 'MCP-S08', labelled: INTERNAL }];

  it.each([
    ['active', aWaiver()],
    ['unused', aWaiver({ check: 'MCP-P01' })],
    ['unused', aWaiver({ serverSelector: { matchLabels: { tier: 'public' } } })],
    ['expired', aWaiver({ expiresAt: '2026-01-01T00:00:00Z' })],
    ['invalid', aWaiver({ check: 'MCP-W01' })],
    ['invalid', aWaiver({ check: 'MCP-W01', expiresAt: '2026-01-01T00:00:00Z' })],
    ['invalid', aWaiver({ expiresAt: '2026-99-01T00:00:00Z' })],
    ['invalid', aWaiver({ serverSelector: { matchExpressions: [{ key: 'a', operator: 'In' }] } })],
  ] as const)('counts as %s: %o', (standing, waiver) => {
    const none = { active: 0, expired: 0, unused: 0, invalid: 0 };
    expect(waiverFigures([waiver], ids, waived, NOW_MS)).toEqual({ ...none, [standing]: 1 });
  });
});

describe('nextExpiryMs', () => {
  it('is the first end after a time', () => {
    const waivers = ['2026-01-01T00:00:00Z', '2028-01-01T00:00:00Z', '2027-01-01T00:00:00Z'].map(
      (expiresAt) => aWaiver({ expiresAt }),
    );
    expect(nextExpiryMs(waivers, NOW_MS)).toBe(Date.parse('2027-01-01T00:00:00Z'));
    expect(nextExpiryMs([], NOW_MS)).toBeUndefined();
  });
});
