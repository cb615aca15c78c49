/** The sample server through the official client, and the doors that it keeps closed. */
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listen, type Listening } from '../../../test/harness/mcp/listening.ts';
import { createWorldClock } from './world-clock.ts';

let server: Listening;
let client: Client;
beforeAll(async () => {
  const now = (): Date => new Date('2026-11-23T18:00:00Z');
  server = await listen(createWorldClock({ allowedHosts: ['127.0.0.1'], now }), 'http');
  client = new Client(
    { name: 'test', version: '1' },
    { versionNegotiation: { mode: { pin: '2026-07-28' } } },
  );
  await client.connect(new StreamableHTTPClientTransport(new URL(server.url)));
});
afterAll(async () => {
  await client.close();
  await server[Symbol.asyncDispose]();
});

describe('the tools of the world clock', () => {
  it.each([
    ['the time somewhere', 'current_time', { time_zone: 'Asia/Tokyo' }, '2026-11-24T03:00:00+09:00'],
    [
      'a time converted',
      'convert_time',
      { instant: '2026-01-01T00:00:00Z', time_zone: 'America/New_York' },
      '2025-12-31T19:00:00-05:00',
    ],
  ])('%s', async (_reason, name, args, text) => {
    const result = await client.callTool({ name, arguments: args });
    expect(result).toMatchObject({ content: [{ type: 'text', text }] });
    expect(result.isError).toBeFalsy();
  });

  it.each([
    ['an unknown zone', 'current_time', { time_zone: 'Moon/Tycho' }],
    ['an instant without an offset', 'convert_time', { instant: '2026-01-01T00:00:00', time_zone: 'UTC' }],
  ])('tells the model about %s', async (_reason, name, args) => {
    expect(await client.callTool({ name, arguments: args })).toMatchObject({ isError: true });
  });
});

describe('the doors of the world clock', () => {
  const post = (headers: Record<string, string>, path = '/mcp'): Promise<Response> =>
    fetch(`${server.origin}${path}`, { method: 'POST', body: '{}', headers });

  it('refuses a page of another origin', async () => {
    expect((await post({ origin: 'https://evil.example' })).status).toBe(403);
  });

  it('serves nothing beside its path', async () => {
    expect((await post({}, '/')).status).toBe(404);
  });

  it('refuses a name that is not its own', async () => {
    await using stranger = await listen(createWorldClock({ allowedHosts: ['clock.example'] }), 'http');
    expect((await fetch(stranger.url, { method: 'POST', body: '{}' })).status).toBe(403);
  });

  it('leaves clients of the legacy era outside', async () => {
    const legacy = new Client({ name: 'test', version: '1' });
    await expect(legacy.connect(new StreamableHTTPClientTransport(new URL(server.url)))).rejects.toThrow();
  });
});
