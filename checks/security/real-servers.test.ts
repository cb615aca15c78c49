/** What servers get as others ship them: each verdict here is one that their authors will read. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { InvalidTokenError } from '@modelcontextprotocol/sdk/server/auth/errors.js';
import { requireBearerAuth } from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js';
import { createMcpExpressApp } from '@modelcontextprotocol/sdk/server/express.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { describe, expect, it } from 'vitest';
import { createWorldClock } from '../../examples/servers/modern/world-clock.ts';
import { startEverything } from '../../test/harness/mcp/child.ts';
import { listen, listenHttp } from '../../test/harness/mcp/listening.ts';
import { runCheck } from '../engine/run-check.ts';
import { openServer, type OpenServerOptions } from '../engine/testing/open-server.ts';
import { SECURITY_CHECKS } from './index.ts';

const TOKEN = 'a-token-of-the-test';

/** @returns the outcome of each check, by the end of its id. */
async function outcomes(url: string, options: OpenServerOptions = {}): Promise<Record<string, string>> {
  await using server = await openServer(url, options);
  const found: Record<string, string> = {};
  for (const check of SECURITY_CHECKS) {
    const { outcome } = await runCheck(check, server.facts, {}, new AbortController().signal);
    found[check.id.slice(4)] = outcome;
  }
  return found;
}

/** Of a server on this machine that asks for no credentials and was accepted by nobody yet. */
const OPEN = {
  S01: 'NotApplicable',
  S02: 'NotApplicable',
  S03: 'NotApplicable',
  S04: 'NotApplicable',
  S05: 'NotApplicable',
  S06: 'NotApplicable',
  S07: 'NotApplicable',
  S11: 'NotApplicable',
  S14: 'NotApplicable',
};

describe('@modelcontextprotocol/server-everything', () => {
  it('accepts a foreign Origin and any Host, and shows everybody the same', { timeout: 60_000 }, async () => {
    await using server = await startEverything('streamableHttp');
    expect(await outcomes(`${server.origin}/mcp`)).toEqual({
      ...OPEN,
      S08: 'Fail',
      S09: 'Warn',
      S15: 'Pass',
    });
  });
});

describe('our example server', () => {
  it.each([false, true])('passes everything, also for legacy clients: %s', async (legacyClients) => {
    await using server = await listen(
      createWorldClock({ allowedHosts: ['127.0.0.1'], legacyClients }),
      'http',
    );
    expect(await outcomes(server.url)).toEqual({ ...OPEN, S08: 'Pass', S09: 'Pass', S15: 'Pass' });
  });
});

describe('a server of the SDK 1.x with sessions', () => {
  it.each([
    ['as its documentation shows it', false, { S08: 'Fail', S09: 'Warn' }],
    ['with its protection against rebinding', true, { S08: 'Pass', S09: 'Pass' }],
  ])('%s', async (_reason, isProtected, expected) => {
    const sessions = new Sessions();
    await using server = await listenHttp((request, response) => {
      sessions.isProtected = isProtected;
      void sessions.handle(request, response);
    });
    expect(await outcomes(server.url)).toEqual({ ...OPEN, ...expected, S15: 'Pass' });
    expect(sessions.open.size).toBe(0);
  });

  it('behind its Bearer middleware, asked by somebody with a token and by somebody without', async () => {
    const sessions = new Sessions();
    const app = createMcpExpressApp();
    const verifyAccessToken = async (token: string) => {
      if (token !== TOKEN) throw new InvalidTokenError('no');
      return { token, clientId: 'test', scopes: [], expiresAt: Date.now() / 1_000 + 60 };
    };
    app.use('/mcp', requireBearerAuth({ verifier: { verifyAccessToken } }));
    app.all(
      '/mcp',
      (request: IncomingMessage & { readonly body?: unknown }, response: ServerResponse) =>
        void sessions.handle(request, response, request.body),
    );
    await using server = await listenHttp(app);
    const declared = { authRequired: true };
    const headers = { authorization: `Bearer ${TOKEN}` };
    const both = {
      ...OPEN,
      S01: 'Pass',
      S02: 'Fail',
      S03: 'Untestable',
      S04: 'Untestable',
      S05: 'Pass',
      S09: 'Pass',
    };
    expect(await outcomes(server.url, { declared })).toEqual({
      ...both,
      S06: 'Untestable',
      S08: 'Untestable',
      S15: 'Untestable',
    });
    expect(await outcomes(server.url, { declared, headers })).toEqual({
      ...both,
      S06: 'Pass',
      S08: 'Fail',
      S15: 'Pass',
    });
    expect(sessions.open.size).toBe(0);
  });
});

/** Wired as the SDK's documentation shows it: one transport a session, found again by its id. */
class Sessions {
  isProtected = false;
  readonly open = new Map<string, StreamableHTTPServerTransport>();

  async handle(request: IncomingMessage, response: ServerResponse, body?: unknown): Promise<void> {
    const id = request.headers['mcp-session-id'];
    const known = typeof id === 'string' ? this.open.get(id) : undefined;
    const transport = known ?? (await this.start(request.headers.host ?? ''));
    await transport.handleRequest(request, response, body);
  }

  private async start(host: string): Promise<StreamableHTTPServerTransport> {
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void this.open.set(id, transport),
      onsessionclosed: (id) => void this.open.delete(id),
      enableDnsRebindingProtection: this.isProtected,
      allowedHosts: this.isProtected && host.startsWith('127.0.0.1:') ? [host] : ['nobody'],
      allowedOrigins: ['https://chat.example.com'],
    });
    const server = new McpServer({ name: 'old-hand', version: '3' });
    server.registerTool('noop', { description: 'Does nothing.' }, () => ({ content: [] }));
    await server.connect(transport);
    return transport;
  }
}
