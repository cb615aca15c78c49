import { describe, expect, it } from 'vitest';
import { freezeEnd, freezeProblem } from './freeze.ts';

const HOUR = 3600;

function window(schedule: string, duration: number, timeZone = 'Etc/UTC') {
  return { schedule, duration, timeZone };
}

const WEEKEND = window('0 18 * * 5', 62 * HOUR);

function end(now: string, ...windows: readonly ReturnType<typeof window>[]): string | undefined {
  return freezeEnd(windows, new Date(now))?.toISOString();
}

describe('freezeEnd', () => {
  it.each([
    ['before it', '2026-11-27T17:59:59.999Z', undefined],
    ['when it begins', '2026-11-27T18:00:00.000Z', '2026-11-30T08:00:00.000Z'],
    ['in the middle', '2026-11-29T12:34:56.789Z', '2026-11-30T08:00:00.000Z'],
    ['1 ms before its end', '2026-11-30T07:59:59.999Z', '2026-11-30T08:00:00.000Z'],
    ['at its end', '2026-11-30T08:00:00.000Z', undefined],
  ])('of a weekend, %s', (_when, now, expected) => {
    expect(end(now, WEEKEND)).toBe(expected);
  });

  it('is none without windows', () => {
    expect(end('2026-11-29T12:00:00Z')).toBeUndefined();
  });

  it('is the end of all that overlap or touch', () => {
    const monday = window('0 8 * * 1', 2 * HOUR);
    const later = window('30 9 * * 1', 4 * HOUR);
    const apart = window('0 14 * * 1', HOUR);
    expect(end('2026-11-28T00:00:00Z', WEEKEND, monday, later, apart)).toBe('2026-11-30T13:30:00.000Z');
  });

  it('overlaps with itself', () => {
    expect(end('2026-11-26T10:30:00Z', window('0 10-12 * * *', 2 * HOUR))).toBe('2026-11-26T14:00:00.000Z');
  });

  it('reads the schedule in its time zone, over a change of the clock', () => {
    // 2026-10-25 03:00 in Berlin becomes 02:00: the night has 25 hours, the freeze lasts as long as it says.
    expect(end('2026-10-24T23:00:00Z', window('0 22 * * 6', 12 * HOUR, 'Europe/Berlin'))).toBe(
      '2026-10-25T08:00:00.000Z',
    );
    expect(end('2026-10-24T19:59:59Z', window('0 22 * * 6', 12 * HOUR, 'Europe/Berlin'))).toBeUndefined();
  });

  it('ends at a horizon where it never would', () => {
    expect(end('2026-01-01T00:00:00Z', window('0 0 * * *', 24 * HOUR))).toBe('2027-01-02T00:00:00.000Z');
    expect(end('2026-01-01T00:00:00Z', window('* * * * *', 60))).toBe('2027-01-02T00:00:00.000Z');
  });

  it.each([window('every friday', HOUR), window('0 18 * * 5', HOUR, 'Berlin')])(
    'is always on when nobody understands it: %o',
    (broken) => {
      expect(end('2026-01-01T00:00:00Z', broken)).toBe('2027-01-02T00:00:00.000Z');
      expect(freezeProblem(broken)).toMatch(/use an IANA name|write minute, hour/);
    },
  );

  it('has no problem with a sound one', () => {
    expect(freezeProblem(WEEKEND)).toBeUndefined();
  });
});
