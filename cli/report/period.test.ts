import { describe, expect, it } from 'vitest';
import { fixPeriod, parsePeriod } from './period.ts';

const NOW = new Date('2026-11-25T12:00:00.000Z');

describe('--period', () => {
  it.each([
    ['30d', '2026-10-26T12:00:00.000Z', '2026-11-25T12:00:00.000Z'],
    ['2026-10-01..2026-10-31', '2026-10-01T00:00:00.000Z', '2026-11-01T00:00:00.000Z'],
    ['2026-10-01..2026-10-01', '2026-10-01T00:00:00.000Z', '2026-10-02T00:00:00.000Z'],
    [
      '2026-10-01T08:00:00Z..2026-10-01T10:00:00+01:00',
      '2026-10-01T08:00:00.000Z',
      '2026-10-01T09:00:00.000Z',
    ],
  ])('%s is from %s to before %s', (text, from, to) => {
    expect(fixPeriod(parsePeriod(text), NOW)).toEqual({ from, to });
  });

  it.each([
    '',
    '30',
    '0d',
    '99999d',
    '1w',
    '2026-10-01',
    '2026-10-01..',
    '2026-02-30..2026-03-01',
    '1.1.2026..2.1.2026',
    'a..b..c',
  ])('%j is refused with the right form', (text) => {
    expect(() => parsePeriod(text)).toThrow('2026-10-01..2026-10-31');
  });

  it('that ends before it begins is refused', () => {
    expect(() => parsePeriod('2026-10-31..2026-10-01')).toThrow('ends before it begins');
  });
});
