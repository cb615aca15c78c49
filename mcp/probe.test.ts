/** What a probe reports of servers of each era, and how it behaves towards them. */
import type { RequestListener } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Pool } from 'undici';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../core/testing/fake-clock.ts';
import { createWorldClock } from '../examples/servers/modern/world-clock.ts';
import { listen, listenHttp, listenTcp } from '../test/harness/mcp/listening.ts';
import { startScriptedServer, type Script } from '../test/harness/mcp/scripted.ts';
import { probe, type ProbeOptions, type ProbeOutcome, type ServerDescription } from './index.ts';

const OPTIONS: ProbeOptions = { timeoutMs: 5_000 };

async function describeServer(url: string, options: Partial<ProbeOptions> = {}): Promise<ServerDescription> {
  const outcome = await probe({ url, transport: 'StreamableHTTP' }, { ...OPTIONS, ...options });
  if (outcome.kind !== 'verified') throw new Error(`not verified: ${JSON.stringify(outcome)}`);
  return outcome.description;
}

describe('eras', () => {
  it.each([
    ['the modern era', false, 'modern'],
    ['both eras', true, 'dual'],
  ] as const)('a server of the official package that speaks %s', async (_reason, legacyClients, era) => {
    const clock = createWorldClock({ allowedHosts: ['127.0.0.1'], legacyClients });
    await using server = await listen(clock, 'http');
    const { hash, ...description } = await describeServer(server.url);
    expect(description).toMatchObject({
      era,
      protocolVersion: '2026-07-28',
      serverInfo: { name: 'world-clock', version: '1.0.0' },
      prompts: [],
      resources: [],
      resourceTemplates: [],
    });
    expect(description.tools.map((tool) => tool.name).toSorted()).toEqual(['convert_time', 'current_time']);
    expect(hash).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  const framings = ['json', 'stream', 'open'] as const;
  const eras = [
    ['legacy', ['legacy'], '2025-11-25'],
    ['modern', ['modern'], '2026-07-28'],
    ['dual', ['legacy', 'modern'], '2026-07-28'],
  ] as const;
  it.each(framings.flatMap((framing) => eras.map((row) => [framing, ...row] as const)))(
    'answers framed as %s, in the %s era',
    async (framing, era, spoken, protocolVersion) => {
      await using server = await startScriptedServer({ framing, eras: spoken, instructions: 'be nice' });
      expect(await describeServer(server.url)).toMatchObject({
        era,
        protocolVersion,
        serverInfo: { name: 'scripted', version: '1' },
        instructions: 'be nice',
        tools: [{ name: 'echo' }],
      });
    },
  );

  const confused: readonly (readonly [string, RequestListener])[] = [
    ['HTTP 500', (_request, response) => void response.writeHead(500).end()],
    ['silence', () => undefined],
    [
      'a web page',
      (_request, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end(),
    ],
    ['HTTP 202', (_request, response) => void response.writeHead(202).end()],
    [
      'an error without an id',
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end('{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"Invalid Request"}}');
      },
    ],
  ];
  it.each(confused)('a legacy server that meets server/discover with %s', async (_reason, confusion) => {
    await using server = await startScriptedServer({
      intercept: (request, response, method) => {
        if (method !== 'server/discover') return false;
        confusion(request, response);
        return true;
      },
    });
    expect(await describeServer(server.url, { timeoutMs: 2_000 })).toMatchObject({ era: 'legacy' });
  });

  it('a modern server that leaves initialize unanswered is still modern', async () => {
    await using server = await startScriptedServer({
      eras: ['modern'],
      intercept: (_request, _response, method) => method === 'initialize',
    });
    expect(await describeServer(server.url, { timeoutMs: 1_000 })).toMatchObject({ era: 'modern' });
  });

  it('a modern server that keeps its name to itself', async () => {
    await using server = await startScriptedServer({
      eras: ['modern'],
      methods: {
        'server/discover': () => ({ result: { supportedVersions: ['2026-07-28'], capabilities: {} } }),
      },
    });
    expect(await describeServer(server.url)).toMatchObject({
      serverInfo: { name: '', version: '' },
      tools: [],
    });
  });
});

describe('definitions', () => {
  const entry = (name: string): object => ({ name, uri: `x://${name}`, uriTemplate: 'x://{a}', unknown: 1 });
  const pages = (member: string) => (params: Readonly<Record<string, unknown>>) =>
    params['cursor'] === undefined
      ? { result: { [member]: [entry('one')], nextCursor: '2' } }
      : { result: { [member]: [entry('two')], nextCursor: null } };

  it('all pages of every declared list, each entry as it was sent', async () => {
    await using server = await startScriptedServer({
      capabilities: { tools: {}, prompts: {}, resources: {} },
      methods: {
        'tools/list': pages('tools'),
        'prompts/list': pages('prompts'),
        'resources/list': pages('resources'),
        'resources/templates/list': pages('resourceTemplates'),
      },
    });
    const both = [entry('one'), entry('two')];
    expect(await describeServer(server.url)).toMatchObject({
      tools: both,
      prompts: both,
      resources: both,
      resourceTemplates: both,
    });
  });

  it('asks for no list that is not declared', async () => {
    await using server = await startScriptedServer({ capabilities: {} });
    expect(await describeServer(server.url)).toMatchObject({ tools: [], prompts: [], resources: [] });
    expect(server.seen.map(({ method }) => method).filter((method) => method.endsWith('/list'))).toEqual([]);
  });

  it.each(['legacy', 'modern'] as const)('a %s server with resources and without templates', async (era) => {
    const notFound: Script['intercept'] = (_request, response, method) => {
      if (method !== 'resources/templates/list' || era !== 'modern') return false;
      response.writeHead(404, { 'content-type': 'application/json' });
      response.end('{"jsonrpc":"2.0","id":2,"error":{"code":-32601,"message":"Method not found"}}');
      return true;
    };
    await using server = await startScriptedServer({
      eras: [era],
      capabilities: { resources: {} },
      methods: { 'resources/list': () => ({ result: { resources: [entry('one')] } }) },
      intercept: notFound,
    });
    expect(await describeServer(server.url)).toMatchObject({
      resources: [entry('one')],
      resourceTemplates: [],
    });
  });
});

describe('manners', () => {
  it('calls no tool, opens no listening stream, and ends its session', async () => {
    await using server = await startScriptedServer({ sessionId: 'visible-ASCII_1' });
    await describeServer(server.url);
    const requests = server.seen.map(({ httpMethod, method }) => `${httpMethod} ${method}`.trim());
    expect(requests).toEqual([
      'POST server/discover',
      'POST initialize',
      'POST notifications/initialized',
      'POST tools/list',
      'DELETE',
    ]);
    const [, handshake, ...rest] = server.seen;
    expect(handshake?.headers['mcp-session-id']).toBeUndefined();
    for (const { headers } of rest) {
      expect(headers).toMatchObject({
        'mcp-session-id': 'visible-ASCII_1',
        'mcp-protocol-version': '2025-11-25',
      });
    }
  });

  it('ends the session of a server that fails later', async () => {
    await using server = await startScriptedServer({
      sessionId: 'one',
      methods: { 'tools/list': () => ({ error: { code: -32603, message: 'no' } }) },
    });
    expect(await probe({ url: server.url, transport: 'StreamableHTTP' }, OPTIONS)).toMatchObject({
      reason: 'ProtocolError',
    });
    expect(server.seen.at(-1)).toMatchObject({ httpMethod: 'DELETE' });
  });

  it('ends the session of a server that runs into the deadline', async () => {
    await using server = await startScriptedServer({
      sessionId: 'one',
      intercept: (_request, _response, method) => method === 'tools/list',
    });
    const outcome = await probe({ url: server.url, transport: 'StreamableHTTP' }, { timeoutMs: 300 });
    expect(outcome).toMatchObject({ reason: 'Timeout' });
    expect(server.seen.at(-1)).toMatchObject({ httpMethod: 'DELETE' });
  });

  it('introduces itself, asks for no compression, and sends the headers it was given', async () => {
    await using server = await startScriptedServer();
    await probe(
      { url: server.url, transport: 'StreamableHTTP', headers: { Authorization: 'Bearer let-me-in' } },
      { ...OPTIONS, clientInfo: { name: 'somebody', version: '9' } },
    );
    for (const { headers } of server.seen) {
      expect(headers).toMatchObject({ authorization: 'Bearer let-me-in', 'accept-encoding': 'identity' });
    }
  });

  it('follows a redirect inside the origin, with body and headers', async () => {
    await using server = await startScriptedServer({
      intercept: (request, response) => {
        if (request.url !== '/mcp') return false;
        response.writeHead(307, { location: '/mcp/' }).end();
        return true;
      },
    });
    expect(await describeServer(server.url)).toMatchObject({ era: 'legacy' });
  });

  it('continues a stream that the server breaks off before its answer', async () => {
    let resumed: unknown;
    await using server = await startScriptedServer({
      intercept: (request, response, method) => {
        const answer = '{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"late"}]}}';
        response.setHeader('content-type', 'text/event-stream');
        if (method === 'tools/list') response.end('retry: 1\nid: event-7\ndata:\n\n');
        else if (request.method === 'GET') {
          resumed = request.headers['last-event-id'];
          response.end(`data: ${answer}\n\n`);
        } else {
          response.removeHeader('content-type');
          return false;
        }
        return true;
      },
    });
    expect(await describeServer(server.url)).toMatchObject({ tools: [{ name: 'late' }] });
    expect(resumed).toBe('event-7');
  });

  it('reads a character whose bytes arrive apart', async () => {
    await using server = await startScriptedServer({
      intercept: (_request, response, method) => {
        if (method !== 'tools/list') return false;
        const text = 'data: {"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"größe"}]}}\n\n';
        const bytes = [...Buffer.from(text)].map((byte) => Buffer.from([byte]));
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        void pipeline(Readable.from(bytes), response);
        return true;
      },
    });
    expect(await describeServer(server.url)).toMatchObject({ tools: [{ name: 'größe' }] });
  });
});

describe('credentials', () => {
  const rows: readonly (readonly [string, ProbeOutcome, Record<string, string>, string | undefined])[] = [
    [
      '401 with a challenge',
      { kind: 'authRequired', status: 401, challenge: true },
      { 'www-authenticate': 'Bearer' },
      undefined,
    ],
    ['403 without one', { kind: 'authRequired', status: 403, challenge: false }, {}, undefined],
    ['401 for the list only', { kind: 'authRequired', status: 401, challenge: false }, {}, 'tools/list'],
  ];
  it.each(rows)('%s', async (_reason, expected, headers, onlyFor) => {
    await using server = await startScriptedServer({
      intercept: (_request, response, method) => {
        if (onlyFor !== undefined && method !== onlyFor) return false;
        const status = expected.kind === 'authRequired' ? expected.status : 500;
        response.writeHead(status, headers).end('who are you?');
        return true;
      },
    });
    for (const transport of ['StreamableHTTP', 'SSE'] as const) {
      if (onlyFor !== undefined && transport === 'SSE') continue;
      expect(await probe({ url: server.url, transport }, OPTIONS)).toEqual(expected);
    }
  });
});

describe('the way there', () => {
  it('dials the pinned address, and keeps the name of the URL', async () => {
    await using server = await startScriptedServer();
    const url = `http://mcp-github.team-a.svc:${server.port}/mcp`;
    const target = { url, transport: 'StreamableHTTP', connectAddress: '127.0.0.1' } as const;
    expect(await probe(target, OPTIONS)).toMatchObject({ kind: 'verified' });
    expect(server.seen[0]?.headers.host).toBe(`mcp-github.team-a.svc:${server.port}`);
  });

  it('dials the pinned address also where the URL names another one', async () => {
    await using server = await startScriptedServer();
    const url = `http://192.0.2.1:${server.port}/mcp`;
    const target = { url, transport: 'StreamableHTTP', connectAddress: '127.0.0.1' } as const;
    expect(await probe(target, OPTIONS)).toMatchObject({ kind: 'verified' });
  });

  it('resolves once, so that an answer which changes changes nothing', async () => {
    await using server = await startScriptedServer({ framing: 'open' });
    const answers = [['127.0.0.1'], ['169.254.169.254']];
    const url = `http://rebinding.example:${server.port}/mcp`;
    const description = await describeServer(url, { resolve: async () => answers.shift() ?? [] });
    expect(description.era).toBe('legacy');
    expect(answers).toHaveLength(1);
  });

  it('goes through a dispatcher that it is given, and leaves it open', async () => {
    await using server = await startScriptedServer();
    const pool = new Pool(server.origin);
    const dispatcher = pool.compose(
      (dispatch) => (request, handler) => dispatch({ ...request, origin: server.origin }, handler),
    );
    for (const round of ['first', 'second']) {
      const { era } = await describeServer('http://any.example/mcp', { dispatcher });
      expect({ round, era }).toEqual({ round, era: 'legacy' });
    }
    await pool.close();
  });

  const refuse: ProbeOptions['addressPolicy'] = (address) =>
    address === '127.0.0.1' ? { kind: 'refused', reason: 'it is in 127.0.0.0/8' } : { kind: 'allowed' };
  it.each([
    ['an address', 'http://127.0.0.1', undefined],
    ['an address in disguise', 'http://0x7f.1', undefined],
    ['a name', 'http://inside.example', ['127.0.0.1']],
    ['a name with a good and a bad address', 'http://mixed.example', ['192.0.2.1', '127.0.0.1']],
  ])('refuses %s that the policy refuses, before it connects', async (_reason, origin, addresses) => {
    let connections = 0;
    await using server = await listenTcp(() => void connections++);
    const outcome = await probe(
      { url: `${origin}:${server.port}/mcp`, transport: 'StreamableHTTP' },
      { ...OPTIONS, addressPolicy: refuse, resolve: async () => addresses ?? [] },
    );
    expect(outcome).toEqual({
      kind: 'failed',
      reason: 'ForbiddenAddress',
      message: 'probes may not reach the address of this server: it is in 127.0.0.0/8',
    });
    expect(connections).toBe(0);
  });

  it.each([
    ['a name that does not exist', { code: 'ENOTFOUND' }],
    ['a name server that does not answer', { code: 'EAI_AGAIN' }],
    ['a resolver that fails in its own way', {}],
  ])('%s', async (_reason, fields) => {
    const resolve = (): Promise<never> => Promise.reject(Object.assign(new Error('lookup'), fields));
    const target = { url: 'http://nowhere.example/mcp', transport: 'StreamableHTTP' } as const;
    expect(await probe(target, { ...OPTIONS, resolve })).toMatchObject({ reason: 'NameNotResolved' });
  });

  it.each([
    ['ftp://example.com', {}],
    ['not a url', {}],
    ['http://user:password@example.com/', {}],
    ['http://example.com', { Host: 'other' }],
    ['http://example.com', { 'bad name': 'x' }],
    ['http://example.com', { good: 'two\nlines' }],
  ])('refuses %s with %o', async (url, headers) => {
    const outcome = await probe({ url, transport: 'StreamableHTTP', headers }, OPTIONS);
    expect(outcome).toMatchObject({ kind: 'failed', reason: 'InvalidTarget' });
    expect(JSON.stringify(outcome)).not.toContain('password');
  });
});

describe('time', () => {
  it('ends at the deadline of the injected clock', async () => {
    const clock = new FakeClock();
    await using server = await listenHttp(() => undefined);
    const running = probe({ url: server.url, transport: 'StreamableHTTP' }, { timeoutMs: 3_600_000, clock });
    await clock.advance(3_600_000);
    expect(await running).toMatchObject({ kind: 'failed', reason: 'Timeout' });
    expect(clock.pendingTimers).toBe(0);
  });

  it('rejects with the reason of a caller that gives up', async () => {
    const caller = new AbortController();
    await using server = await listenHttp(() => caller.abort(new Error('shutting down')));
    const running = probe({ url: server.url, transport: 'StreamableHTTP' }, OPTIONS, caller.signal);
    await expect(running).rejects.toThrow('shutting down');
  });

  it('does not start when the caller has given up already', async () => {
    const signal = AbortSignal.abort(new Error('too late'));
    await expect(probe({ url: 'http://127.0.0.1:1', transport: 'SSE' }, OPTIONS, signal)).rejects.toThrow(
      'too late',
    );
  });
});
