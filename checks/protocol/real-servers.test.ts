/** What the protocol checks say of servers as others ship them, and of the example server. */
import { describe, expect, it } from 'vitest';
import { createWorldClock } from '../../examples/servers/modern/world-clock.ts';
import { startFixtureServer } from '../../test/fixtures/mcp-server/index.ts';
import { startEverything } from '../../test/harness/mcp/child.ts';
import { listen } from '../../test/harness/mcp/listening.ts';
import type { Declared } from '../engine/context.ts';
import type { Outcome } from '../engine/outcome.ts';
import { runCheck } from '../engine/run-check.ts';
import { openServer } from '../engine/testing/open-server.ts';
import { PROTOCOL_CHECKS } from './index.ts';

async function outcomesOf(url: string, declared: Partial<Declared> = {}): Promise<Record<string, string>> {
  await using server = await openServer(url, { declared });
  const outcomes: Record<string, string> = {};
  for (const check of PROTOCOL_CHECKS) {
    const { outcome, message } = await runCheck(check, server.facts, {}, new AbortController().signal);
    outcomes[check.id] = outcome === 'Fail' || outcome === 'Error' ? `${outcome}: ${message}` : outcome;
  }
  return outcomes;
}

const PASSED: Readonly<Record<string, Outcome>> = Object.fromEntries(
  PROTOCOL_CHECKS.map(({ id }) => [id, 'Pass'] as const),
);

describe('real servers', () => {
  it('the everything server', { timeout: 60_000 }, async () => {
    await using server = await startEverything('streamableHttp');
    expect(await outcomesOf(`${server.origin}/mcp`)).toEqual({
      ...PASSED,
      'MCP-P03': 'NotApplicable',
      'MCP-P09': 'NotApplicable',
      // It answers the id of a session that it ended with 400, where the specification says 404.
      'MCP-P10': 'Fail: The id of a deleted session is not answered with 404.',
    });
  });

  it('the everything server over the deprecated transport', { timeout: 60_000 }, async () => {
    await using server = await startEverything('sse');
    expect(await outcomesOf(`${server.origin}/sse`, { transport: 'SSE' })).toEqual({
      'MCP-P01': 'Pass',
      'MCP-P02': 'Untestable',
      'MCP-P03': 'NotApplicable',
      'MCP-P05': 'Untestable',
      'MCP-P06': 'Untestable',
      'MCP-P07': 'Untestable',
      'MCP-P08': 'Untestable',
      'MCP-P09': 'NotApplicable',
      'MCP-P10': 'Untestable',
      'MCP-P11': 'Warn',
    });
  });

  it.each([
    ['modern', false, 'Pass'],
    // It keeps no sessions for its legacy clients either.
    ['dual', true, 'NotApplicable'],
  ] as const)('the example server, %s', async (_era, legacyClients, sessions) => {
    const clock = createWorldClock({ allowedHosts: ['127.0.0.1'], legacyClients });
    await using server = await listen(clock, 'http');
    expect(await outcomesOf(server.url)).toEqual({ ...PASSED, 'MCP-P10': sessions });
  });

  it('the fixture server in both eras at once', async () => {
    await using server = await startFixtureServer();
    expect(await outcomesOf(server.url)).toEqual(PASSED);
  });
});
