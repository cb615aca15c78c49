import { beforeAll, describe, expect, it } from 'vitest';
import { isTime, jitterMs, JITTER_MS, loadScheduleParser, type ScheduleParser } from './schedule.ts';

let parse: ScheduleParser;
beforeAll(async () => {
  parse = await loadScheduleParser();
});

/** The next `count` times after `after`. */
function times(pattern: string, timeZone: string, after: string, count: number): readonly string[] {
  const parsed = parse(pattern, timeZone);
  if (parsed.kind === 'invalid') throw new Error(parsed.message);
  const found: string[] = [];
  for (let ms = Date.parse(after); found.length < count;) {
    const nextMs = parsed.schedule.nextMs(ms);
    if (nextMs === undefined) break;
    found.push(new Date(nextMs).toISOString().slice(0, 16));
    ms = nextMs;
  }
  return found;
}

describe('the next times of a schedule', () => {
  it.each([
    ['*/15 * * * *', 'Etc/UTC', '2026-11-25T12:00:00Z', ['2026-11-25T12:15', '2026-11-25T12:30']],
    ['0 */6 * * *', 'Etc/UTC', '2026-11-25T12:00:00Z', ['2026-11-25T18:00', '2026-11-26T00:00']],
    ['0 */6 * * *', 'Asia/Kolkata', '2026-11-25T12:00:00Z', ['2026-11-25T12:30', '2026-11-25T18:30']],
    ['30 4 * * 1', 'Europe/Berlin', '2026-11-25T12:00:00Z', ['2026-11-30T03:30', '2026-12-07T03:30']],
    ['0 0 29 2 *', 'Etc/UTC', '2026-11-25T12:00:00Z', ['2028-02-29T00:00', '2032-02-29T00:00']],
    // Day of month and day of week: either, as in crontab(5).
    ['0 0 1 * 1', 'Etc/UTC', '2026-11-25T12:00:00Z', ['2026-11-30T00:00', '2026-12-01T00:00']],
  ])('%s in %s after %s', (pattern, zone, after, expected) => {
    expect(times(pattern, zone, after, expected.length)).toEqual(expected);
  });

  it.each([
    // In spring the clock goes from 02:00 (01:00 UTC) to 03:00.
    [
      'in spring, an hour that is skipped: right after the gap',
      '30 2 * * *',
      '2027-03-27T12:00:00Z',
      ['2027-03-28T01:00', '2027-03-29T00:30'],
    ],
    ['in spring, every hour', '0 * * * *', '2027-03-28T00:00:00Z', ['2027-03-28T01:00', '2027-03-28T02:00']],
    // In autumn it goes from 03:00 (01:00 UTC) back to 02:00.
    [
      'in autumn, an hour that comes twice: the first',
      '30 2 * * *',
      '2026-10-24T12:00:00Z',
      ['2026-10-25T00:30', '2026-10-26T01:30'],
    ],
    [
      'in autumn, every hour: each time',
      '0 * * * *',
      '2026-10-24T23:30:00Z',
      ['2026-10-25T00:00', '2026-10-25T01:00', '2026-10-25T02:00'],
    ],
    [
      'the same hour of the day on both sides',
      '0 9 * * *',
      '2026-10-24T00:00:00Z',
      ['2026-10-24T07:00', '2026-10-25T08:00'],
    ],
  ])('in Berlin %s', (_what, pattern, after, expected) => {
    expect(times(pattern, 'Europe/Berlin', after, expected.length)).toEqual(expected);
  });

  it('are none for a day that does not exist', () => {
    expect(times('0 0 31 2 *', 'Etc/UTC', '2026-11-25T12:00:00Z', 1)).toEqual([]);
  });

  it.each([
    ['61 * * * *', 'Etc/UTC', /^spec\.schedule: 61 \* \* \* \* cannot be understood: write minute, hour/],
    ['* * * * * *', 'Etc/UTC', /^spec\.schedule: /],
    ['0 0 * * FUNDAY', 'Etc/UTC', /^spec\.schedule: /],
    [
      '0 0 * * *',
      'Europe/Atlantis',
      /^spec\.timeZone: there is no time zone Europe\/Atlantis: use an IANA name/,
    ],
  ])('%s in %s is refused, naming the field and the fix', (pattern, zone, message) => {
    expect(parse(pattern, zone)).toEqual({ kind: 'invalid', message: expect.stringMatching(message) });
  });
});

describe('jitter', () => {
  it('is the same for one check, differs between checks, and is below a minute', () => {
    const jitters = Array.from({ length: 200 }, (_, index) => jitterMs(`uid-${index}`));
    expect(jitterMs('uid-0')).toBe(jitters[0]);
    expect(new Set(jitters).size).toBeGreaterThan(150);
    expect(Math.max(...jitters)).toBeLessThan(JITTER_MS);
    expect(Math.min(...jitters)).toBeGreaterThanOrEqual(0);
  });
});

describe('isTime', () => {
  it.each(['2026-11-25T12:00:00Z', '2026-11-25t12:00:00.123z', '2026-11-25T12:00:00+01:00'])('%s', (text) => {
    expect(isTime(text)).toBe(true);
  });
  it.each(['', 'now', '2026-11-25', '1764072000', '2026-13-25T12:00:00Z', 'Wed, 25 Nov 2026 12:00:00 GMT'])(
    'not %s',
    (text) => {
      expect(isTime(text)).toBe(false);
    },
  );
});
