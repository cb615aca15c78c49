/** An instant as the clocks of a time zone show it. Pure: the instant is given, the zone data is the runtime's own. */

/**
 * @param timeZone an IANA name such as `Europe/Berlin`.
 * @returns RFC 3339 with the zone's offset, to the second: `2026-03-29T03:00:00+02:00`.
 * @throws RangeError when the runtime does not know the zone.
 */
export function zonedTime(instant: Date, timeZone: string): string {
  const parts = new Map(
    formatter(timeZone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, value]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes): string => parts.get(name) ?? '';
  const date = `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}`;
  const time = `${part('hour')}:${part('minute')}:${part('second')}`;
  return `${date}T${time}${offset(part('timeZoneName'))}`;
}

/**
 * @returns the instant that `text` names.
 * @throws RangeError unless it is RFC 3339 with an offset: without one it would mean the server's own zone.
 */
export function parseInstant(text: string): Date {
  const isRfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/i.test(text);
  const instant = new Date(isRfc3339 ? text : Number.NaN);
  if (Number.isNaN(instant.getTime())) {
    throw new RangeError('write the instant as RFC 3339 with an offset, like 2026-11-23T18:00:00+01:00');
  }
  return instant;
}

function formatter(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en', {
    calendar: 'iso8601',
    numberingSystem: 'latn',
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'longOffset',
  });
}

/** `GMT+05:30` as RFC 3339 writes it. Some versions of the zone data leave out an offset of zero. */
function offset(timeZoneName: string): string {
  const text = timeZoneName.replace('GMT', '').slice(0, 6);
  return text === '' || text === '+00:00' ? 'Z' : text;
}
