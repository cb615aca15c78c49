/** What a run of the whole catalogue costs a server that asks for credentials: the most that a conforming one is asked. */
import { describe, expect, it } from 'vitest';
import { exchangeLimits } from '../../mcp/index.ts';
import { FIXTURE_TOKEN, startFixtureServer } from '../../test/fixtures/mcp-server/index.ts';
import { runCheck } from '../engine/run-check.ts';
import { openServer } from '../engine/testing/open-server.ts';
import { CHECKS } from '../registry.ts';

describe('a run of every check with a credential', () => {
  it.each([
    ['legacy', 1],
    ['modern', 1],
    ['dual', 2],
  ] as const)('stays within the requests of a %s server', async (era, eras) => {
    await using fixture = await startFixtureServer({ era, authorization: {} });
    await using server = await openServer(fixture.url, {
      headers: { authorization: `Bearer ${FIXTURE_TOKEN}` },
      declared: { authRequired: true },
    });
    const { budget } = server.facts.conversation;
    const gathered = budget.spent;
    const { signal } = new AbortController();
    const unfinished: string[] = [];
    for (const check of CHECKS.filter((each) => each.eras.length > 0)) {
      const { outcome, message } = await runCheck(check, server.facts, {}, signal);
      if (message.includes('used up') || message.includes('publishes'))
        unfinished.push(`${check.id} ${outcome}`);
    }
    expect(unfinished).toEqual([]);
    expect(budget.spent - gathered).toBeLessThanOrEqual(exchangeLimits(eras, 0).requests);
    expect(fixture.requests.length).toBe(budget.spent);
  });
});
