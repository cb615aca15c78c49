import { expect, it } from 'vitest';
import { parseRetryAfterMs, retryDelayMs, type FailedAttempt } from './retry.ts';

const answer = (code: number, retryAfterMs?: number): FailedAttempt => ({
  kind: 'answer',
  code,
  retryAfterMs,
});
const network: FailedAttempt = { kind: 'network' };

it.each<[string, FailedAttempt, number, number | undefined, string]>([
  ['POST', answer(429, 2000), 1, 2000, 'refused before it had an effect'],
  ['POST', answer(429), 1, 1000, 'a 429 that does not say when'],
  ['PATCH', answer(503, 3000), 1, 3000, 'the server asks to come back'],
  ['POST', answer(500), 1, undefined, 'the write may have happened'],
  ['POST', network, 1, undefined, 'the write may have happened'],
  ['GET', answer(500), 1, 100, 'a read may be repeated'],
  ['GET', network, 1, 100, 'a read may be repeated'],
  ['GET', network, 4, 800, 'later each time'],
  ['GET', network, 9, 10_000, 'but not later than this'],
  ['GET', network, 10, undefined, 'and not for ever'],
  ['POST', answer(429, 0), 10, undefined, 'not for ever either'],
  ['GET', answer(404), 1, undefined, 'an answer is an answer'],
  ['POST', answer(409), 1, undefined, 'the caller must look again'],
  ['POST', answer(401), 1, 0, 'once more, with fresh credentials'],
  ['GET', answer(401), 2, undefined, 'they are wrong, not old'],
])('%s, %j, attempt %i: %s ms (%s)', (method, failed, attempt, expected) => {
  expect(retryDelayMs(method, failed, attempt, () => 0)).toBe(expected);
});

it('comes back a little later, never earlier, than it was asked to', () => {
  expect(retryDelayMs('POST', answer(429, 1000), 1, () => 1)).toBeCloseTo(1100);
});

it.each([
  ['5', 5000],
  ['0', 0],
  [['7', '8'], 7000],
  ['soon', undefined],
  [undefined, undefined],
])('reads Retry-After %j as %s ms', (header, expected) => {
  expect(parseRetryAfterMs(header)).toBe(expected);
});
