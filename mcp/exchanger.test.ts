import { describe, expect, it } from 'vitest';
import { hostileHttp, hostileTcp } from '../test/harness/mcp/hostile.ts';
import { listenHttp, listenTcp } from '../test/harness/mcp/listening.ts';
import { startScriptedServer } from '../test/harness/mcp/scripted.ts';
import { createAddressPolicy } from './address-policy.ts';
import { BudgetExceeded, ExchangeBudget } from './exchange-budget.ts';
import type { Exchange, ExchangeRequest } from './exchange.ts';
import { createExchanger, type ExchangerOptions } from './exchanger.ts';
import { formInitialize, formRequest } from './request-forms.ts';
import type { ProbeTarget } from './types.ts';

const CLIENT = { name: 'kilo-mcp', version: '1' };
const INITIALIZE = formInitialize(CLIENT, 1);
/** Milliseconds for one call, and what a busy machine with two cores may add. */
const CALL_MS = 700;
const ENDS_WITHIN_MS = CALL_MS + 1_500;
const MAX_GROWTH_BYTES = 96 * 1024 * 1024;

const never = (): AbortSignal => new AbortController().signal;

async function ask(
  target: Omit<ProbeTarget, 'transport'>,
  request: ExchangeRequest = INITIALIZE,
  options: ExchangerOptions = {},
): Promise<Exchange> {
  const exchanger = createExchanger({ ...target, transport: 'StreamableHTTP' }, options);
  try {
    return await exchanger.send(request, never());
  } finally {
    await exchanger.close();
  }
}

describe('an exchange', () => {
  it('has the answer as it is, and every message in it', async () => {
    await using server = await startScriptedServer();
    const { id, request, response, failure } = await ask({ url: server.url });
    expect({ id, failure }).toEqual({ id: '1', failure: undefined });
    expect(request).toMatchObject({ method: 'POST', url: server.url });
    expect(response).toMatchObject({ status: 200, truncated: false });
    expect(response?.messages).toMatchObject([{ id: 1, result: { protocolVersion: '2025-11-25' } }]);
    expect(JSON.parse(response?.body ?? '')).toEqual(response?.messages[0]);
  });

  it.each(['stream', 'open'] as const)('reads an event stream (%s) until the answer', async (framing) => {
    await using server = await startScriptedServer({ framing });
    const { response, durationMs } = await ask({ url: server.url });
    expect(response?.messages).toMatchObject([{ method: 'notifications/message' }, { id: 1 }]);
    expect(response?.truncated).toBe(false);
    expect(durationMs).toBeLessThan(4_000);
  });

  it('waits a second for the first event of a stream that nobody asked for', async () => {
    await using server = await listenHttp((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    });
    const { response, durationMs } = await ask({ url: server.url }, { method: 'GET' });
    expect(response).toMatchObject({ status: 200, truncated: true, messages: [] });
    expect(durationMs).toBeLessThan(4_000);
  });

  it('reports a redirect and does not follow it', async () => {
    let asked = 0;
    await using server = await listenHttp((_request, response) => {
      asked += 1;
      response.writeHead(307, { location: '/elsewhere' }).end();
    });
    const { response } = await ask({ url: server.url });
    expect(response).toMatchObject({ status: 307, headers: { location: '/elsewhere' } });
    expect(asked).toBe(1);
  });

  it('sends nothing to another origin', async () => {
    await using server = await startScriptedServer();
    await using other = await startScriptedServer();
    const { failure } = await ask({ url: server.url }, { ...INITIALIZE, url: new URL(other.url) });
    expect(failure?.reason).toBe('RedirectRefused');
    expect(other.seen).toEqual([]);
  });

  it('takes another path of the same origin', async () => {
    await using server = await startScriptedServer();
    await ask({ url: server.url }, { method: 'GET', url: new URL('/.well-known/x?a=1', server.url) });
    expect(server.seen).toMatchObject([{ httpMethod: 'GET', path: '/.well-known/x?a=1' }]);
  });

  it('lets a request name another Host, and leave a header out', async () => {
    await using server = await startScriptedServer();
    await ask({ url: server.url }, { ...INITIALIZE, headers: { Host: 'evil.example', accept: undefined } });
    expect(server.seen[0]?.headers['host']).toBe('evil.example');
    expect(server.seen[0]?.headers).not.toHaveProperty('accept');
  });

  it('refuses the address that the policy refuses', async () => {
    await using server = await startScriptedServer();
    const addressPolicy = createAddressPolicy({ refused: [], allowed: [] });
    const { failure } = await ask({ url: server.url }, INITIALIZE, { addressPolicy });
    expect(failure?.reason).toBe('ForbiddenAddress');
    expect(server.seen).toEqual([]);
  });

  it('ends with the reason of the caller', async () => {
    await using server = await listenTcp(() => undefined);
    const exchanger = createExchanger({ url: server.url, transport: 'StreamableHTTP' });
    const caller = new AbortController();
    const sent = exchanger.send(INITIALIZE, caller.signal);
    caller.abort(new Error('enough'));
    await expect(sent).rejects.toThrow('enough');
    await exchanger.close();
  });

  it('is not sent when the budget is used up', async () => {
    await using server = await startScriptedServer();
    const budget = new ExchangeBudget({ requests: 1, bytes: 1_000_000 });
    const exchanger = createExchanger({ url: server.url, transport: 'StreamableHTTP' }, { budget });
    await exchanger.send(INITIALIZE, never());
    await expect(exchanger.send(INITIALIZE, never())).rejects.toThrow(BudgetExceeded);
    expect(server.seen).toHaveLength(1);
    await exchanger.close();
  });

  it('says with which field of the target it cannot begin', () => {
    expect(() => createExchanger({ url: 'ftp://a', transport: 'StreamableHTTP' })).toThrow(/http/);
  });
});

describe('credentials', () => {
  const SECRET = 'Bearer s3cr3t-token-0123456789';
  const target = { headers: { Authorization: SECRET, 'X-Tenant': 'tenant-of-mine' } };

  it.each([
    { credentials: undefined, sent: SECRET },
    { credentials: true, sent: SECRET },
    { credentials: false, sent: undefined },
  ])('go along unless the check says otherwise ($credentials)', async ({ credentials, sent }) => {
    await using server = await startScriptedServer();
    const request = { ...INITIALIZE, ...(credentials !== undefined && { credentials }) };
    const exchange = await ask({ ...target, url: server.url }, request);
    expect(server.seen[0]?.headers['authorization']).toBe(sent);
    expect(server.seen[0]?.headers['x-tenant']).toBe(sent && 'tenant-of-mine');
    expect(JSON.stringify(exchange)).not.toMatch(/s3cr3t|tenant-of-mine/);
  });

  it('can go into the query instead, and stay out of the record', async () => {
    await using server = await startScriptedServer();
    const exchange = await ask({ ...target, url: server.url }, { ...INITIALIZE, credentials: 'query' });
    expect(server.seen[0]?.path).toBe('/mcp?access_token=s3cr3t-token-0123456789');
    expect(server.seen[0]?.headers).not.toHaveProperty('authorization');
    expect(JSON.stringify(exchange)).not.toContain('s3cr3t');
    expect(decodeURIComponent(exchange.request.url)).toContain('access_token=[redacted]');
  });

  it('are not invented for the query', async () => {
    await using server = await startScriptedServer();
    const headers = { 'X-API-Key': 'abcdefghijkl' };
    const exchange = await ask({ headers, url: server.url }, { ...INITIALIZE, credentials: 'query' });
    expect(exchange.failure?.reason).toBe('InvalidTarget');
    expect(server.seen).toEqual([]);
  });

  it('of the check itself are sent and not recorded', async () => {
    await using server = await startScriptedServer();
    const headers = { authorization: 'Bearer garbage-of-a-check', cookie: 'a=bcdefghi', 'x-api-key': 'k3y' };
    const exchange = await ask({ url: server.url }, { ...INITIALIZE, headers, credentials: false });
    expect(server.seen[0]?.headers).toMatchObject(headers);
    const redacted = { authorization: '[redacted]', cookie: '[redacted]', 'x-api-key': '[redacted]' };
    expect(exchange.request.headers).toMatchObject(redacted);
  });

  it('that a server repeats are gone from its answer', async () => {
    await using server = await listenHttp((request, response) => {
      const seen = request.headers.authorization ?? '';
      response.setHeader('x-seen', seen).setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ id: 1, result: { seen, token: seen.slice('Bearer '.length) } }));
    });
    const { response } = await ask({ ...target, url: server.url });
    expect(JSON.stringify(response)).not.toContain('s3cr3t');
    expect(response?.messages).toEqual([{ id: 1, result: { seen: '[redacted]', token: '[redacted]' } }]);
  });
});

/** What is left of each attack: a status and what was read, or a class of failure. */
const overHttp: Readonly<Record<keyof typeof hostileHttp, 'cut' | 'whole' | 'TooLarge'>> = {
  endlessStream: 'cut',
  endlessEvents: 'cut',
  oneEventWithoutEnd: 'cut',
  silentStream: 'cut',
  streamThatEnds: 'whole',
  streamThatBreaksOffForEver: 'whole',
  streamOfGarbage: 'whole',
  streamOfInvalidText: 'whole',
  gigabyteBody: 'cut',
  gigabyteAnnounced: 'cut',
  gigabyteError: 'cut',
  gzipBomb: 'cut',
  invalidJson: 'whole',
  invalidText: 'whole',
  truncatedText: 'whole',
  notJsonRpc: 'whole',
  deeplyNested: 'whole',
  wrongContentType: 'whole',
  noContentType: 'whole',
  acceptedWithoutAnswer: 'whole',
  serverError: 'whole',
  redirectLoop: 'whole',
  offHostRedirect: 'whole',
  otherPortRedirect: 'whole',
  redirectThatDropsTheRequest: 'whole',
  redirectToNowhere: 'whole',
  hugeHeaders: 'TooLarge',
};

const overTcp: Readonly<Record<keyof typeof hostileTcp, string>> = {
  closesAtOnce: 'ConnectionClosed',
  neverAnswers: 'Timeout',
  slowHeaders: 'Timeout',
  slowBody: 'cut',
  notHttp: 'ProtocolError',
  lessThanAnnounced: 'cut',
};

async function expectBounded(url: string, left: string): Promise<void> {
  const memory = process.memoryUsage().rss;
  const started = performance.now();
  const { response, failure } = await ask({ url }, INITIALIZE, { callTimeoutMs: CALL_MS });
  expect(performance.now() - started).toBeLessThan(ENDS_WITHIN_MS);
  expect(process.memoryUsage().rss - memory).toBeLessThan(MAX_GROWTH_BYTES);
  const got = failure?.reason ?? (response?.truncated === true ? 'cut' : 'whole');
  expect(got).toBe(left);
  expect(response?.body.length ?? 0).toBeLessThanOrEqual(1024 * 1024);
}

describe('a hostile server', () => {
  it.each(Object.entries(overHttp))('over HTTP: %s', async (name, left) => {
    await using server = await listenHttp(hostileHttp[name as keyof typeof hostileHttp]);
    await expectBounded(server.url, left);
  });

  it.each(Object.entries(overTcp))('below HTTP: %s', async (name, left) => {
    await using server = await listenTcp(hostileTcp[name as keyof typeof hostileTcp]);
    await expectBounded(server.url, left);
  });

  it('cannot make a conversation read more than its bytes', async () => {
    await using server = await listenHttp((_request, response) => void response.end('x'.repeat(1_000)));
    const budget = new ExchangeBudget({ requests: 9, bytes: 1_500 });
    const exchanger = createExchanger({ url: server.url, transport: 'StreamableHTTP' }, { budget });
    const sizes: (number | undefined)[] = [];
    for (let call = 0; call < 3; call++) {
      sizes.push((await exchanger.send(INITIALIZE, never())).response?.body.length);
    }
    await exchanger.close();
    expect(sizes).toEqual([1_000, 500, 0]);
  });
});

describe('the form of a request', () => {
  it('of the legacy era', () => {
    const form = {
      era: 'legacy',
      protocolVersion: '2025-06-18',
      sessionId: 's',
      clientInfo: CLIENT,
    } as const;
    expect(formRequest(form, 7, 'tools/list')).toEqual({
      method: 'POST',
      body: '{"jsonrpc":"2.0","id":7,"method":"tools/list"}',
      headers: { 'mcp-protocol-version': '2025-06-18', 'mcp-session-id': 's' },
    });
    expect(formRequest(form, undefined, 'notifications/initialized').body).toBe(
      '{"jsonrpc":"2.0","method":"notifications/initialized"}',
    );
  });

  it('of the modern era', () => {
    const form = { era: 'modern', clientInfo: CLIENT } as const;
    const { headers, body } = formRequest(form, 7, 'prompts/get', { name: 'größe' });
    expect(headers).toEqual({
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'prompts/get',
      'mcp-name': '=?base64?Z3LDtsOfZQ==?=',
    });
    expect(JSON.parse(body ?? '')).toEqual({
      jsonrpc: '2.0',
      id: 7,
      method: 'prompts/get',
      params: {
        name: 'größe',
        _meta: {
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientInfo': CLIENT,
          'io.modelcontextprotocol/clientCapabilities': {},
        },
      },
    });
  });

  it('gives way to what a check sets', () => {
    const form = { era: 'modern', clientInfo: CLIENT } as const;
    const overrides = { body: '{', headers: { 'Mcp-Method': undefined, Origin: 'https://evil.example' } };
    const request = formRequest(form, 1, 'tools/list', {}, overrides);
    expect(request.body).toBe('{');
    expect(request.headers).toMatchObject({ 'mcp-method': undefined, origin: 'https://evil.example' });
  });
});
