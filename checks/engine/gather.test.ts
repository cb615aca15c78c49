/** Servers of every kind, opened as the engine opens them. */
import { describe, expect, it } from 'vitest';
import { createWorldClock } from '../../examples/servers/modern/world-clock.ts';
import { createAddressPolicy, probe } from '../../mcp/index.ts';
import { FIXTURE_TOKEN, startFixtureServer } from '../../test/fixtures/mcp-server/index.ts';
import { startEverything } from '../../test/harness/mcp/child.ts';
import { listen, listenHttp, listenTcp } from '../../test/harness/mcp/listening.ts';
import { spokenEras } from './gather.ts';
import { openServer } from './testing/open-server.ts';

describe('opening a server', () => {
  it.each(['legacy', 'modern', 'dual'] as const)('that speaks %s', async (era) => {
    await using fixture = await startFixtureServer({ era });
    await using server = await openServer(fixture.url);
    const expected = era === 'dual' ? ['legacy', 'modern'] : [era];
    expect(spokenEras(server.facts.openings)).toEqual(expected);
  });

  it('reads the same definitions, and the same hash, as a probe does', async () => {
    await using fixture = await startFixtureServer({ pageSize: 1 });
    const outcome = await probe({ url: fixture.url, transport: 'StreamableHTTP' }, { timeoutMs: 5_000 });
    await using server = await openServer(fixture.url);
    const { modern, legacy } = server.facts.openings;
    if (outcome.kind !== 'verified' || modern?.kind !== 'opened' || legacy?.kind !== 'opened') {
      throw new Error('the fixture did not open');
    }
    const { tools, prompts, resources, resourceTemplates, hash } = outcome.description;
    expect(tools.length).toBeGreaterThan(1);
    for (const { opened } of [modern, legacy]) {
      expect(opened).toMatchObject({ tools, prompts, resources, resourceTemplates, hash, failures: {} });
    }
  });

  it('ends the legacy session', async () => {
    await using fixture = await startFixtureServer({ era: 'legacy' });
    const server = await openServer(fixture.url);
    expect(fixture.requests.some(({ httpMethod }) => httpMethod === 'DELETE')).toBe(false);
    await server[Symbol.asyncDispose]();
    expect(fixture.requests.at(-1)?.httpMethod).toBe('DELETE');
  });

  it('keeps what a list answered beside those that it did not', async () => {
    await using fixture = await startFixtureServer({
      era: 'modern',
      behaviour: { crash: { how: 'error', on: ['prompts/list'] } },
    });
    await using server = await openServer(fixture.url);
    const { modern } = server.facts.openings;
    expect(modern).toMatchObject({
      kind: 'opened',
      opened: { hash: '', failures: { 'prompts/list': 'the server answers HTTP 500' }, prompts: [] },
    });
  });

  it.each([
    ['without a credential', undefined, 'AuthRequired'],
    ['with a wrong one', { authorization: 'Bearer wrong-token-123' }, 'AuthRequired'],
  ])('that wants a credential, %s', async (_reason, headers, reason) => {
    await using fixture = await startFixtureServer({ authorization: {} });
    await using server = await openServer(fixture.url, { ...(headers !== undefined && { headers }) });
    expect(server.facts.openings).toMatchObject({ modern: { reason }, legacy: { reason } });
    expect(spokenEras(server.facts.openings)).toEqual(['legacy', 'modern']);
  });

  it('that wants a credential, with it', async () => {
    await using fixture = await startFixtureServer({ authorization: {} });
    await using server = await openServer(fixture.url, {
      headers: { authorization: `Bearer ${FIXTURE_TOKEN}` },
    });
    expect(server.facts.openings).toMatchObject({ modern: { kind: 'opened' }, legacy: { kind: 'opened' } });
  });

  it.each([
    ['a page', 404, 'NotSpoken'],
    ['an error', 500, 'Failed'],
    ['a redirect', 302, 'Failed'],
  ])('that answers with %s', async (_reason, status, reason) => {
    await using page = await listenHttp((_request, response) => {
      response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end('<html>secret words</html>');
    });
    await using server = await openServer(page.url);
    const { openings } = server.facts;
    expect(openings).toMatchObject({ modern: { reason }, legacy: { reason } });
    expect(JSON.stringify(openings)).not.toContain('secret');
  });

  it('that is not there, asked once', async () => {
    const nobody = await listenTcp(() => undefined);
    await nobody[Symbol.asyncDispose]();
    await using server = await openServer(nobody.url);
    const { openings, conversation } = server.facts;
    const message = 'nothing listens at the address and port';
    expect(openings).toMatchObject({ modern: { reason: 'Failed', message }, legacy: { message } });
    expect(conversation.exchanges.size).toBe(1);
  });

  it('that may not be reached', async () => {
    await using fixture = await startFixtureServer({});
    const addressPolicy = createAddressPolicy({ refused: [], allowed: [] });
    await using server = await openServer(fixture.url, { options: { addressPolicy } });
    expect(server.facts.openings).toMatchObject({ modern: { reason: 'Failed' } });
    expect(fixture.requests).toEqual([]);
  });

  it('whose lists never end', async () => {
    const tools = [{ name: 'echo', inputSchema: { type: 'object' } }];
    const endless = (page: number) => ({ resultType: 'complete', tools, nextCursor: `c${page}` });
    let page = 0;
    await using fixture = await startFixtureServer({
      era: 'modern',
      behaviour: {
        answer: (method, answer) =>
          method === 'tools/list' ? { ...answer, error: undefined, result: endless(page++) } : answer,
      },
    });
    await using server = await openServer(fixture.url);
    const { modern } = server.facts.openings;
    const message = 'the list has more pages or entries than a check reads';
    expect(modern).toMatchObject({ opened: { hash: '', failures: { 'tools/list': message } } });
    expect(fixture.requests.length).toBeLessThan(40);
  });

  it('that hosts the deprecated transport only', async () => {
    await using fixture = await startFixtureServer({ era: 'legacy', behaviour: { eventStream: 'only' } });
    await using server = await openServer(fixture.url, { declared: { transport: 'SSE' } });
    expect(server.facts.openings).toMatchObject({ legacy: { kind: 'opened', opened: { exchanges: [] } } });
    expect(server.facts.openings).not.toHaveProperty('modern');
  });
});

describe('servers as others ship them', () => {
  it('the everything server is legacy', { timeout: 60_000 }, async () => {
    await using everything = await startEverything('streamableHttp');
    await using server = await openServer(`${everything.origin}/mcp`);
    expect(server.facts.openings).toMatchObject({
      modern: { kind: 'notOpened', reason: 'NotSpoken' },
      legacy: { kind: 'opened', opened: { protocolVersion: '2025-11-25', failures: {} } },
    });
  });

  it('the example server opens', async () => {
    await using clock = await listen(createWorldClock({ allowedHosts: ['127.0.0.1'] }), 'http');
    await using server = await openServer(clock.url);
    expect(server.facts.openings.modern).toMatchObject({ kind: 'opened', opened: { failures: {} } });
  });
});
