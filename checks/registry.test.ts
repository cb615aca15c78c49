/** The catalogue as a whole: complete, described, and as cheap as it says. */
import { describe, expect, it } from 'vitest';
import { exchangeLimits, type Era } from '../mcp/index.ts';
import { startFixtureServer } from '../test/fixtures/mcp-server/index.ts';
import { CHECK_RULES } from './catalogue.ts';
import { requestsIn } from './engine/check.ts';
import { evaluate } from './engine/index.ts';
import { openServer } from './engine/testing/open-server.ts';
import { MANIFEST_CHECKS } from './manifest-checks.ts';
import { MCP_BASELINE_V1 } from './profiles/mcp-baseline-v1.ts';
import { CHECKS } from './registry.ts';
import { SHARED_REQUESTS } from './security/index.ts';

const ERAS: readonly Era[] = ['legacy', 'modern'];

describe('the catalogue', () => {
  it('has each check once, in the order of their ids', () => {
    const ids = CHECKS.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)].toSorted());
  });

  it('is what mcp-baseline-v1 names', () => {
    const named = MCP_BASELINE_V1.checks.map(({ id }) => id);
    expect(CHECKS.map(({ id }) => id)).toEqual(named.toSorted());
  });

  it('has every rule on manifests', () => {
    expect(MANIFEST_CHECKS.map(({ id }) => id)).toEqual(CHECK_RULES.map(({ id }) => id));
  });

  it.each(CHECKS.map((check) => [check.id, check] as const))('says everything of %s', (id, check) => {
    expect(check.family).toBe(id.charAt(4));
    expect(check.title).toMatch(/^\S.{10,}[^.]$/);
    expect(check.rationale).toMatch(/^[A-Z].{20,}[.]$/s);
    expect(check.remediation.text).toMatch(/^[A-Z].{10,}$/s);
    expect(check.references).not.toEqual([]);
    if (check.eras.length === 0) expect(check.cost.requests).toBe(0);
  });
});

describe('the budget of requests', () => {
  it.each(ERAS)('holds what the checks publish for the %s era', (era) => {
    const asking = CHECKS.filter(({ eras }) => eras.includes(era));
    const published = asking.reduce((sum, check) => sum + requestsIn(check, era), SHARED_REQUESTS);
    expect(published).toBeLessThanOrEqual(exchangeLimits(1, 0).requests);
    const perReplica = asking.reduce((sum, { cost }) => sum + (cost.perReplica ?? 0), 0);
    expect(perReplica).toBeLessThanOrEqual(exchangeLimits(1, 1).requests - exchangeLimits(1, 0).requests);
  });

  it.each(['legacy', 'modern', 'dual'] as const)('is kept by a run against a %s server', async (era) => {
    await using fixture = await startFixtureServer({ era });
    await using server = await openServer(fixture.url);
    const gathered = fixture.requests.length;
    const settings = {
      checks: CHECKS,
      profile: MCP_BASELINE_V1.checks,
      tool: { name: 'kilo-mcp', version: '1.2.3' },
    };
    const result = await evaluate(server.facts, settings, new AbortController().signal);
    const eras = era === 'dual' ? 2 : 1;
    expect(gathered).toBeLessThanOrEqual(eras * 8);
    expect(fixture.requests.length - gathered).toBeLessThanOrEqual(exchangeLimits(eras, 0).requests);
    expect(result).toMatchObject({ score: 100, coverage: 100 });
  });
});
