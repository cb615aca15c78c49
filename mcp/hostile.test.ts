/** Servers that mean harm: each ends in its named failure, in time and without costing memory. */
import { describe, expect, it } from 'vitest';
import { hostileHttp, hostileTcp } from '../test/harness/mcp/hostile.ts';
import { listenHttp, listenTcp } from '../test/harness/mcp/listening.ts';
import { startScriptedServer, type Script } from '../test/harness/mcp/scripted.ts';
import { probe, type ProbeFailureReason, type ProbeTransport } from './index.ts';

const TIMEOUT_MS = 1_500;
/** The deadline, and what a busy machine with two cores may add. */
const ENDS_WITHIN_MS = TIMEOUT_MS + 1_500;
/** A gigabyte that was read would show; what the sending half of this process needs does not. */
const MAX_GROWTH_BYTES = 96 * 1024 * 1024;

async function expectFailure(
  url: string,
  reason: ProbeFailureReason,
  transport: ProbeTransport,
): Promise<void> {
  const memory = process.memoryUsage().rss;
  const started = performance.now();
  const outcome = await probe({ url, transport }, { timeoutMs: TIMEOUT_MS });
  expect(outcome).toMatchObject({ kind: 'failed', reason });
  expect(performance.now() - started).toBeLessThan(ENDS_WITHIN_MS);
  expect(process.memoryUsage().rss - memory).toBeLessThan(MAX_GROWTH_BYTES);
}

const overHttp: Readonly<Record<keyof typeof hostileHttp, ProbeFailureReason>> = {
  endlessStream: 'TooLarge',
  endlessEvents: 'TooLarge',
  oneEventWithoutEnd: 'TooLarge',
  silentStream: 'Timeout',
  streamThatEnds: 'ProtocolError',
  streamThatBreaksOffForEver: 'ProtocolError',
  streamOfGarbage: 'InvalidJSON',
  streamOfInvalidText: 'InvalidEncoding',
  gigabyteBody: 'TooLarge',
  gigabyteAnnounced: 'TooLarge',
  gigabyteError: 'TooLarge',
  gzipBomb: 'UnsupportedEncoding',
  invalidJson: 'InvalidJSON',
  invalidText: 'InvalidEncoding',
  truncatedText: 'InvalidEncoding',
  notJsonRpc: 'ProtocolError',
  deeplyNested: 'ProtocolError',
  wrongContentType: 'WrongContentType',
  noContentType: 'WrongContentType',
  acceptedWithoutAnswer: 'ProtocolError',
  serverError: 'HTTPError',
  redirectLoop: 'TooManyRedirects',
  offHostRedirect: 'RedirectRefused',
  otherPortRedirect: 'RedirectRefused',
  redirectThatDropsTheRequest: 'RedirectRefused',
  redirectToNowhere: 'RedirectRefused',
  hugeHeaders: 'TooLarge',
};

const overTcp: Readonly<Record<keyof typeof hostileTcp, ProbeFailureReason>> = {
  closesAtOnce: 'ConnectionClosed',
  neverAnswers: 'Timeout',
  slowHeaders: 'Timeout',
  slowBody: 'Timeout',
  notHttp: 'ProtocolError',
  lessThanAnnounced: 'ConnectionClosed',
};

const overSse: Partial<Record<keyof typeof hostileHttp, ProbeFailureReason>> = {
  endlessStream: 'TooLarge',
  endlessEvents: 'TooLarge',
  oneEventWithoutEnd: 'TooLarge',
  silentStream: 'Timeout',
  streamThatEnds: 'ConnectionClosed',
  streamThatBreaksOffForEver: 'ConnectionClosed',
  streamOfGarbage: 'InvalidJSON',
  streamOfInvalidText: 'InvalidEncoding',
  wrongContentType: 'WrongContentType',
  gzipBomb: 'UnsupportedEncoding',
  serverError: 'HTTPError',
  redirectLoop: 'TooManyRedirects',
  offHostRedirect: 'RedirectRefused',
};

describe('a hostile server', () => {
  it.each(Object.keys(overHttp))('over streamable HTTP: %s', async (name) => {
    const key = name as keyof typeof overHttp;
    await using server = await listenHttp(hostileHttp[key]);
    await expectFailure(server.url, overHttp[key], 'StreamableHTTP');
  });

  it.each(Object.keys(overTcp))('below HTTP: %s', async (name) => {
    const key = name as keyof typeof overTcp;
    await using server = await listenTcp(hostileTcp[key]);
    await expectFailure(server.url, overTcp[key], 'StreamableHTTP');
  });

  it.each(Object.entries(overSse))('over the deprecated transport: %s', async (name, reason) => {
    await using server = await listenHttp(hostileHttp[name as keyof typeof hostileHttp]);
    await expectFailure(server.url, reason, 'SSE');
  });

  it('names nothing that listens nowhere', async () => {
    const server = await listenTcp(() => undefined);
    await server[Symbol.asyncDispose]();
    await expectFailure(server.url, 'ConnectionRefused', 'StreamableHTTP');
  });
});

describe('a server that speaks MCP and then goes on for ever', () => {
  const tool = { name: 'echo', inputSchema: { type: 'object' } };
  const rows: readonly (readonly [string, ProbeFailureReason, Script])[] = [
    [
      'pages without end',
      'TooManyPages',
      {
        methods: {
          'tools/list': ({ cursor }) => ({ result: { tools: [tool], nextCursor: `${String(cursor)}x` } }),
        },
      },
    ],
    [
      'a cursor that comes back',
      'PaginationLoop',
      { methods: { 'tools/list': () => ({ result: { tools: [tool], nextCursor: 'again' } }) } },
    ],
    [
      'a page of too many entries',
      'TooManyPages',
      {
        methods: {
          'tools/list': () => ({
            result: { tools: Array.from({ length: 6_000 }, () => tool), nextCursor: 'a' },
          }),
        },
      },
    ],
    [
      'a page of too many bytes',
      'TooLarge',
      {
        methods: {
          'tools/list': () => ({ result: { tools: [{ ...tool, description: 'x'.repeat(5_000_000) }] } }),
        },
      },
    ],
    [
      'a tool without a name',
      'ProtocolError',
      { methods: { 'tools/list': () => ({ result: { tools: [{ inputSchema: {} }] } }) } },
    ],
    [
      'an answer for somebody else',
      'ProtocolError',
      {
        intercept: (_request, response, method) => {
          if (method !== 'tools/list') return false;
          response.setHeader('content-type', 'application/json');
          response.end('{"jsonrpc":"2.0","id":4711,"result":{"tools":[]}}');
          return true;
        },
      },
    ],
    [
      'a list that is answered with an error',
      'ProtocolError',
      { methods: { 'tools/list': () => ({ error: { code: -32603, message: 'secret detail' } }) } },
    ],
    ['a version of its own', 'UnsupportedProtocolVersion', { protocolVersion: '1900-01-01' }],
  ];

  it.each(rows)('%s', async (_reason, reason, script) => {
    await using server = await startScriptedServer(script);
    await expectFailure(server.url, reason, 'StreamableHTTP');
  });

  it('an endpoint elsewhere, named on the deprecated transport', async () => {
    await using server = await listenHttp((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('event: endpoint\ndata: http://169.254.169.254/latest\n\n');
    });
    await expectFailure(server.url, 'RedirectRefused', 'SSE');
  });

  it.each([
    ['a number beyond JSON', '1e999'],
    ['half a character', '"\\ud800"'],
  ])('a definition that canonical JSON cannot write: %s', async (_reason, value) => {
    await using server = await startScriptedServer(toolWithSchema(value));
    await expectFailure(server.url, 'ProtocolError', 'StreamableHTTP');
  });

  it('nesting that would exhaust a recursive reader is only data', async () => {
    const nested = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`;
    await using server = await startScriptedServer(toolWithSchema(nested));
    const outcome = await probe({ url: server.url, transport: 'StreamableHTTP' }, { timeoutMs: TIMEOUT_MS });
    expect(outcome.kind).toBe('verified');
  });

  it('never puts a word of the server into the outcome', async () => {
    await using server = await startScriptedServer({
      methods: { 'tools/list': () => ({ error: { code: -32603, message: 'secret detail' } }) },
    });
    const outcome = await probe({ url: server.url, transport: 'StreamableHTTP' }, { timeoutMs: TIMEOUT_MS });
    expect(JSON.stringify(outcome)).not.toContain('secret');
    expect(outcome).toMatchObject({ message: 'the server answers tools/list with error -32603' });
  });
});

/** A server whose tool has `value`, JSON text, for a schema. */
function toolWithSchema(value: string): Script {
  return {
    intercept: (_request, response, method) => {
      if (method !== 'tools/list') return false;
      response.setHeader('content-type', 'application/json');
      response.end(`{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"a","inputSchema":${value}}]}}`);
      return true;
    },
  };
}
