/** Servers as others ship them: what everybody's clients must cope with, probed over both transports. */
import { randomUUID } from 'node:crypto';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { describe, expect, it } from 'vitest';
import { startEverything } from '../test/harness/mcp/child.ts';
import { listenHttp, type Listening } from '../test/harness/mcp/listening.ts';
import { probe, type ProbeOutcome } from './index.ts';

describe('@modelcontextprotocol/server-everything', () => {
  it('is the same over both transports', { timeout: 60_000 }, async () => {
    const outcomes: ProbeOutcome[] = [];
    for (const [mode, transport, path] of [
      ['streamableHttp', 'StreamableHTTP', '/mcp'],
      ['sse', 'SSE', '/sse'],
    ] as const) {
      await using server = await startEverything(mode);
      outcomes.push(await probe({ url: `${server.origin}${path}`, transport }, { timeoutMs: 10_000 }));
    }
    const [first, second] = outcomes;
    expect(first).toMatchObject({
      kind: 'verified',
      description: {
        era: 'legacy',
        protocolVersion: '2025-11-25',
        serverInfo: { name: 'mcp-servers/everything' },
        tools: expect.objectContaining({ length: 13 }) as object,
        prompts: expect.objectContaining({ length: 4 }) as object,
        resourceTemplates: expect.objectContaining({ length: 2 }) as object,
      },
    });
    expect(second).toEqual(first);
  });
});

describe('a server of the SDK 1.x with sessions', () => {
  it('is verified, and has no session left afterwards', async () => {
    const sessions = new Map<string, StreamableHTTPServerTransport>();
    await using server = await startSessionServer(sessions);
    let opened = 0;
    const outcome = await probe(
      { url: server.url, transport: 'StreamableHTTP' },
      { timeoutMs: 5_000, clientInfo: { name: 'counts', version: '1' } },
    );
    opened += sessions.size;
    expect(outcome).toMatchObject({
      kind: 'verified',
      description: {
        era: 'legacy',
        serverInfo: { name: 'old-hand', version: '3' },
        tools: [{ name: 'noop' }],
      },
    });
    expect(opened).toBe(0);
  });
});

/** Wired as the SDK's documentation shows it: one transport a session, found again by its id. */
function startSessionServer(sessions: Map<string, StreamableHTTPServerTransport>): Promise<Listening> {
  return listenHttp((request, response) => {
    void (async () => {
      const id = request.headers['mcp-session-id'];
      const known = typeof id === 'string' ? sessions.get(id) : undefined;
      const transport = known ?? (await newSession(sessions));
      await transport.handleRequest(request, response);
    })();
  });
}

async function newSession(
  sessions: Map<string, StreamableHTTPServerTransport>,
): Promise<StreamableHTTPServerTransport> {
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => void sessions.set(id, transport),
    onsessionclosed: (id) => void sessions.delete(id),
  });
  const server = new McpServer({ name: 'old-hand', version: '3' });
  server.registerTool('noop', { description: 'Does nothing.' }, () => ({ content: [] }));
  await server.connect(transport);
  return transport;
}
