/** Each check on each of its servers, in each era: what it says, what it costs, and what it must never do. */
import { describe, expect, it } from 'vitest';
import type { CheckFixture } from '../../test/checks/check-fixture.ts';
import { PROTOCOL_FIXTURES } from '../../test/checks/fixtures/protocol.ts';
import { expectPassive } from '../../test/checks/expect-passive.ts';
import { runFixture, type FixtureRun } from '../../test/checks/run-fixture.ts';
import { requestsIn, type Check } from '../engine/check.ts';
import type { Era } from '../../mcp/index.ts';
import { PROTOCOL_CHECKS } from './index.ts';

const CASES = PROTOCOL_FIXTURES.flatMap((fixture) =>
  fixture.eras.map((era) => [fixture.check, fixture.fixture, era, fixture] as const),
);

function checkOf({ check: id }: CheckFixture): Check {
  const check = PROTOCOL_CHECKS.find((each) => each.id === id);
  if (check === undefined) throw new Error(`there is no check ${id}`);
  return check;
}

describe.concurrent('protocol checks on their fixtures', { timeout: 60_000 }, () => {
  it.each(CASES)('%s: %s (%s)', async (_check, _fixture, era, fixture) => {
    const check = checkOf(fixture);
    const run = await runFixture(check, fixture, era);
    expect([run.verdict.outcome, run.verdict.message]).toEqual([
      fixture.expected,
      expect.stringContaining(fixture.message ?? ''),
    ]);
    expectManners(check, era, run);
  });
});

function expectManners(check: Check, era: Era, run: FixtureRun): void {
  const { verdict, sent } = run;
  expect(sent.check).toBeLessThanOrEqual(requestsIn(check, era));
  expectPassive(run);
  // What is stored must not change while nothing else does, and nothing in it is the server's word.
  expect(verdict.message).not.toMatch(/127\.0\.0|:\d{4,5}|fixture|example|undefined/);
}

describe('the table of fixtures', () => {
  it.each(PROTOCOL_CHECKS.map((check) => [check.id, check] as const))(
    'has a conforming, a violating and a crashing server for %s, in each of its eras',
    (id, check) => {
      const has = (kind: string, era: Era): boolean =>
        PROTOCOL_FIXTURES.some((each) => each.check === id && each.kind === kind && each.eras.includes(era));
      const kinds = ['conforming', 'violating', 'crashing'];
      expect(check.eras.flatMap((era) => kinds.filter((kind) => !has(kind, era)))).toEqual([]);
    },
  );

  it('names each server once for its check', () => {
    const names = PROTOCOL_FIXTURES.map(({ check, fixture }) => `${check} ${fixture}`);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(['legacy', 'modern'] as const)(
    'leaves more than half of the requests of the %s era to other checks',
    (era) => {
      const asking = PROTOCOL_CHECKS.filter((check) => check.eras.includes(era));
      expect(asking.reduce((sum, check) => sum + requestsIn(check, era), 0)).toBeLessThanOrEqual(18);
    },
  );
});
