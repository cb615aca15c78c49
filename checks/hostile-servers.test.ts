/** The whole catalogue at servers that flood, hang, lie and redirect: it ends, it blames the server for one thing, and repeats no word of it. */
import { describe, expect, it } from 'vitest';
import { hostileHttp, hostileTcp } from '../test/harness/mcp/hostile.ts';
import { listenHttp, listenTcp } from '../test/harness/mcp/listening.ts';
import { evaluate } from './engine/index.ts';
import { openServer } from './engine/testing/open-server.ts';
import { MCP_BASELINE_V1 } from './profiles/mcp-baseline-v1.ts';
import { CHECKS } from './registry.ts';

/** Milliseconds for one call; a run asks a server that opens in no era a handful of times. */
const CALL_MS = 300;
const ENDS_WITHIN_MS = 8_000;
const MAX_GROWTH_BYTES = 128 * 1024 * 1024;

async function expectOneFailure(url: string): Promise<void> {
  const memory = process.memoryUsage().rss;
  const started = performance.now();
  await using server = await openServer(url, { options: { callTimeoutMs: CALL_MS } });
  const settings = {
    checks: CHECKS,
    profile: MCP_BASELINE_V1.checks,
    tool: { name: 'kilo-mcp', version: '1.2.3' },
  };
  const { findings } = await evaluate(server.facts, settings, new AbortController().signal);
  expect(performance.now() - started).toBeLessThan(ENDS_WITHIN_MS);
  expect(process.memoryUsage().rss - memory).toBeLessThan(MAX_GROWTH_BYTES);
  const failing = findings.filter(({ outcome }) => outcome === 'Fail' || outcome === 'Error');
  expect(failing.map(({ check }) => check)).toEqual(['MCP-P01']);
  const asking = findings.filter(({ check, outcome }) => outcome === 'Pass' && check !== 'MCP-P11');
  expect(asking).toEqual([]);
}

describe('a hostile server', () => {
  it.each(Object.entries(hostileHttp))('over HTTP: %s', async (_name, listener) => {
    await using server = await listenHttp(listener);
    await expectOneFailure(server.url);
  });

  it.each(Object.entries(hostileTcp))('below HTTP: %s', async (_name, onSocket) => {
    await using server = await listenTcp(onSocket);
    await expectOneFailure(server.url);
  });
});
