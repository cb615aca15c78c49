import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../core/clock.ts';
import { Secret } from '../../../core/secret.ts';
import {
  json,
  reset,
  silence,
  startScriptedServer,
  type Script,
  type ScriptedServer,
} from '../testing/scripted-server.ts';
import { ApiError, ConnectionError, NotFoundError, TooManyRequestsError } from './api-error.ts';
import { createCredentialSource } from './credentials.ts';
import { createConnectionPools, type ConnectionPools } from './pools.ts';
import { createTransport, type ApiRequest, type Transport } from './transport.ts';

describe('the transport', () => {
  const never = new AbortController().signal;
  const closers: (() => Promise<void>)[] = [];
  let server: ScriptedServer;
  let pools: ConnectionPools;
  let observed: string[];

  afterEach(async () => {
    for (const close of closers.splice(0).toReversed()) await close();
  });

  const start = async (...scripts: readonly [Script, ...Script[]]): Promise<Transport> => {
    server = await startScriptedServer(...scripts);
    closers.push(() => server.close());
    return connectTo(server.url);
  };
  const connectTo = (url: string): Transport => {
    const access = {
      server: url,
      namespace: 'default',
      skipTLSVerify: false,
      user: { token: new Secret('token') },
    };
    pools = createConnectionPools(access, createCredentialSource(access, systemClock));
    closers.push(() => pools.close());
    observed = [];
    return createTransport({
      pools,
      purpose: 'requests',
      pathPrefix: '',
      clock: systemClock,
      random: () => 0,
      observe: (code, method) => observed.push(`${method} ${code}`),
    });
  };
  const request = (change: Partial<ApiRequest> = {}): ApiRequest => ({
    method: 'GET',
    path: '/api/v1/pods',
    headers: {},
    deadlineMs: 5_000,
    maxBytes: 10_000,
    ...change,
  });
  const post = (change: Partial<ApiRequest> = {}): ApiRequest =>
    request({ method: 'POST', body: '{}', ...change });

  it('sends credentials, parses the answer and tells the observer', async () => {
    const transport = await start(json(200, { kind: 'PodList' }));
    expect(await transport.send(request(), never)).toEqual({ kind: 'PodList' });
    expect(server.authorizations).toEqual(['Bearer token']);
    expect(observed).toEqual(['GET 200']);
  });

  it('reuses connections for requests that follow each other', async () => {
    const transport = await start(json(200, {}));
    for (let count = 0; count < 20; count++) await transport.send(request(), never);
    // The next request may be sent before the connection of the last is noticed to be free.
    expect(server.connections()).toBeLessThanOrEqual(2);
  });

  it('waits as long as a busy server asks, whatever the verb', async () => {
    const transport = await start(
      json(429, {}, { 'retry-after': '0' }),
      json(503, {}, { 'retry-after': '0' }),
      json(201, { made: 1 }),
    );
    expect(await transport.send(post(), never)).toEqual({ made: 1 });
    expect(observed).toEqual(['POST 429', 'POST 503', 'POST 201']);
  });

  it('repeats a read that was cut off, and never a write', async () => {
    const transport = await start(reset, json(200, { read: 1 }), reset);
    expect(await transport.send(request(), never)).toEqual({ read: 1 });
    await expect(transport.send(post(), never)).rejects.toThrow(ConnectionError);
    expect(server.requests).toHaveLength(3);
  });

  it('repeats a 500 of a read, and never of a write', async () => {
    const transport = await start(json(500, {}), json(200, { read: 1 }), json(500, { message: 'etcd' }));
    expect(await transport.send(request(), never)).toEqual({ read: 1 });
    await expect(transport.send(post(), never)).rejects.toThrow(ApiError);
    expect(server.requests).toHaveLength(3);
  });

  it('gives the last answer when the wait would pass the deadline', async () => {
    const transport = await start(json(429, { message: 'busy' }, { 'retry-after': '60' }));
    await expect(transport.send(post({ deadlineMs: 500 }), never)).rejects.toThrow(TooManyRequestsError);
  });

  it('ends a request that is never answered', async () => {
    const transport = await start(silence);
    await expect(transport.send(request({ deadlineMs: 100 }), never)).rejects.toThrow(
      /GET \/api\/v1\/pods: no answer within 100 ms/,
    );
  });

  it('ends an answer that never ends', async () => {
    const transport = await start((_request, response) => void response.writeHead(200).write('{'));
    await expect(transport.send(request({ deadlineMs: 100 }), never)).rejects.toThrow(ConnectionError);
  });

  it('refuses an answer that is too large', async () => {
    const transport = await start(json(200, { text: 'x'.repeat(20_000) }));
    await expect(transport.send(request(), never)).rejects.toThrow(/larger than 10000 bytes/);
  });

  it('says so when a success is not JSON, and does not mind in a failure', async () => {
    const html =
      (code: number): Script =>
      (_request, response) =>
        void response.writeHead(code).end('<html>');
    const transport = await start(html(200), html(404));
    await expect(transport.send(request(), never)).rejects.toThrow(/other than JSON/);
    await expect(transport.send(request(), never)).rejects.toThrow(NotFoundError);
  });

  it('tries once more with fresh credentials after a 401', async () => {
    const transport = await start(json(401, {}), json(200, { in: 1 }), json(401, {}));
    expect(await transport.send(post(), never)).toEqual({ in: 1 });
    await expect(transport.send(post(), never)).rejects.toMatchObject({ status: { code: 401 } });
    expect(server.requests).toHaveLength(4);
  });

  it('knows a refused connection', async () => {
    const closed = await startScriptedServer(silence);
    await closed.close();
    const failure = connectTo(closed.url).send(post(), never);
    await expect(failure).rejects.toMatchObject({ name: 'ConnectionError', refused: true });
  });

  it("rejects with the caller's reason, during a request and during a wait", async () => {
    for (const script of [silence, json(429, {}, { 'retry-after': '3' })]) {
      const transport = await start(script);
      const caller = new AbortController();
      const pending = transport.send(request(), caller.signal);
      const reason = new Error('stop');
      setImmediate(() => caller.abort(reason));
      await expect(pending).rejects.toBe(reason);
    }
  });

  describe('streams', () => {
    it('pass chunks on as they come, until the caller has enough', async () => {
      const transport = await start((_request, response) => void response.writeHead(200).write('one\n'));
      const caller = new AbortController();
      const chunks = await transport.stream(
        { path: '/watch', headers: {}, deadlineMs: 1_000 },
        caller.signal,
      );
      const iterator = chunks[Symbol.asyncIterator]();
      expect((await iterator.next()).value?.toString()).toBe('one\n');
      const next = iterator.next();
      caller.abort(new Error('enough'));
      await expect(next).rejects.toThrow();
    });

    it('fail with the class of the answer', async () => {
      const transport = await start(json(410, { reason: 'Expired', message: 'too old' }));
      const opened = transport.stream({ path: '/watch', headers: {}, deadlineMs: 1_000 }, never);
      await expect(opened).rejects.toMatchObject({ name: 'GoneError' });
    });

    it('leave their connection to the next ones', async () => {
      const transport = await start((_request, response) => {
        response.writeHead(200).write('a');
        setTimeout(() => response.end('b'), 10);
      });
      const watchThrice = async (): Promise<void> => {
        for (let count = 0; count < 3; count++) {
          const chunks = await transport.stream({ path: '/watch', headers: {}, deadlineMs: 1_000 }, never);
          for await (const chunk of chunks) expect(chunk.length).toBeGreaterThan(0);
        }
      };
      await Promise.all([watchThrice(), watchThrice(), watchThrice(), watchThrice()]);
      expect(server.requests).toHaveLength(12);
      expect(server.connections()).toBe(4);
    });

    it('have a deadline for the first byte alone', async () => {
      const transport = await start(silence, (_request, response) => {
        response.writeHead(200).write('a');
        setTimeout(() => response.end('b'), 150);
      });
      const watch = { path: '/watch', headers: {}, deadlineMs: 100 };
      await expect(transport.stream(watch, never)).rejects.toThrow(ConnectionError);
      let text = '';
      for await (const chunk of await transport.stream(watch, never)) text += chunk.toString();
      expect(text).toBe('ab');
    });
  });
});
