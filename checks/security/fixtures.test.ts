/** Each check on each of its servers, in each era: what it says, what it costs, and what it must never do. */
import { describe, expect, it } from 'vitest';
import type { CheckFixture } from '../../test/checks/check-fixture.ts';
import { SECURITY_FIXTURES } from '../../test/checks/fixtures/security.ts';
import { expectPassive } from '../../test/checks/expect-passive.ts';
import { runFixture, type FixtureRun } from '../../test/checks/run-fixture.ts';
import type { Check } from '../engine/check.ts';
import type { Era } from '../../mcp/index.ts';
import { SECURITY_CHECKS, SHARED_REQUESTS } from './index.ts';

/** Of the 40 requests that a whole run may cost in one era. */
const MAX_SHARE = 22;
/** Requests to authorization servers: two issuers, three places each. */
const ELSEWHERE = 6;
const CASES = SECURITY_FIXTURES.flatMap((fixture) =>
  (fixture.eras.length === 0 ? [undefined] : fixture.eras).map(
    (era) => [fixture.check, fixture.fixture, era, fixture] as const,
  ),
);

function checkOf({ check: id }: CheckFixture): Check {
  const check = SECURITY_CHECKS.find((each) => each.id === id);
  if (check === undefined) throw new Error(`there is no check ${id}`);
  return check;
}

describe.concurrent('security checks on their fixtures', { timeout: 60_000 }, () => {
  it.each(CASES)('%s: %s (%s)', async (_check, _fixture, era, fixture) => {
    const check = checkOf(fixture);
    const run = await runFixture(check, fixture, era);
    expect([run.verdict.outcome, run.verdict.message]).toEqual([
      fixture.expected,
      expect.stringContaining(fixture.message ?? ''),
    ]);
    expectManners(check, run);
  });
});

function expectManners(check: Check, run: FixtureRun): void {
  const { verdict, sent, exchanges } = run;
  const { requests: own, perReplica = 0, toConfirm = 0 } = check.cost;
  expect(sent.check).toBeLessThanOrEqual(own + toConfirm + 3 * perReplica + SHARED_REQUESTS + 1 + ELSEWHERE);
  expectPassive(run);
  expect(JSON.stringify([verdict, exchanges])).not.toContain('fixture-token');
  // What is stored must not change while nothing else does.
  expect(verdict.message).not.toMatch(/127\.0\.0|:\d{4,5}|fixture|evil|example/);
}

describe('the table of fixtures', () => {
  it.each(SECURITY_CHECKS.map((check) => [check.id, check] as const))(
    'has a conforming, a violating and a crashing server for %s, in each of its eras',
    (id, check) => {
      const has = (kind: string, era?: Era): boolean =>
        SECURITY_FIXTURES.some(
          (each) => each.check === id && each.kind === kind && (era === undefined || each.eras.includes(era)),
        );
      const kinds = ['conforming', 'violating', 'crashing'];
      const missing = check.eras.flatMap((era) => kinds.filter((kind) => !has(kind, era)));
      expect(missing).toEqual([]);
    },
  );

  it('leaves enough of the requests of an era to other families', () => {
    const sum = SECURITY_CHECKS.reduce((total, { cost }) => total + cost.requests, SHARED_REQUESTS);
    expect(sum).toBeLessThanOrEqual(MAX_SHARE);
  });
});
