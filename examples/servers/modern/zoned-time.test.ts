import { describe, expect, it } from 'vitest';
import { parseInstant, zonedTime } from './zoned-time.ts';

describe('zonedTime', () => {
  it.each([
    ['UTC', '2026-11-23T18:00:00Z', 'UTC', '2026-11-23T18:00:00Z'],
    ['winter', '2026-11-23T18:00:00Z', 'Europe/Berlin', '2026-11-23T19:00:00+01:00'],
    ['a second before summer', '2026-03-29T00:59:59Z', 'Europe/Berlin', '2026-03-29T01:59:59+01:00'],
    ['summer', '2026-03-29T01:00:00Z', 'Europe/Berlin', '2026-03-29T03:00:00+02:00'],
    ['half an hour', '2026-11-23T18:00:00Z', 'Asia/Kolkata', '2026-11-23T23:30:00+05:30'],
    ['another day', '2026-12-31T23:00:00Z', 'Pacific/Auckland', '2027-01-01T12:00:00+13:00'],
    ['west', '2026-11-23T03:00:00Z', 'America/Sao_Paulo', '2026-11-23T00:00:00-03:00'],
  ])('%s', (_reason, instant, zone, expected) => {
    expect(zonedTime(new Date(instant), zone)).toBe(expected);
  });

  it('refuses a zone that does not exist', () => {
    expect(() => zonedTime(new Date(0), 'Moon/Tycho')).toThrow(RangeError);
  });
});

describe('parseInstant', () => {
  it('reads RFC 3339 with an offset', () => {
    expect(parseInstant('2026-11-23T19:00:00+01:00').toISOString()).toBe('2026-11-23T18:00:00.000Z');
  });

  it.each(['2026-11-23T19:00:00', '2026-11-23', 'tomorrow', '', '2026-13-01T00:00:00Z'])(
    'refuses "%s"',
    (text) => {
      expect(() => parseInstant(text)).toThrow(RangeError);
    },
  );
});
