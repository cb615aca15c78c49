import { once } from 'node:events';
import { Agent, request as httpsRequest, type RequestOptions } from 'node:https';
import type { IncomingMessage } from 'node:http';
import tls from 'node:tls';
import { Registry } from 'prom-client';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { TransientError } from '../../core/errors.ts';
import { silentLogger } from '../../core/logger.ts';
import { createAuthority, issue, type KeyPair } from '../../hack/cluster/pki.ts';
import type { RunningServer } from '../../operator/runtime/index.ts';
import type { AdmissionHandler } from '../admission/review.ts';
import { aRequest, reviewOf } from '../testing/requests.ts';
import type { CertificateSource, ServingCertificate } from './certificate.ts';
import { createWebhookMetrics } from './metrics.ts';
import { WebhookServer, type WebhookServerLimits } from './server.ts';

const PATH = '/validate-mcpserver';
const REVIEW = reviewOf(aRequest({ metadata: { name: 'github' }, spec: {} }));
const JSON_TYPE = { 'content-type': 'application/json' };

let authority: KeyPair;
let first: ServingCertificate;
let second: ServingCertificate;

beforeAll(async () => {
  authority = await createAuthority('test', new Date());
  [first, second] = await Promise.all([certificateFor('first'), certificateFor('second')]);
});

async function certificateFor(commonName: string): Promise<ServingCertificate> {
  const { certificate, key } = await issue(authority, { commonName, hosts: ['127.0.0.1'] }, new Date());
  return { cert: certificate, key };
}

/** A source whose certificate a test changes. */
function source(initial: ServingCertificate | undefined) {
  let certificate = initial;
  const listeners: (() => void)[] = [];
  const certificates: CertificateSource = {
    current: () => certificate,
    onChange: (listener) => void listeners.push(listener),
  };
  return {
    certificates,
    rotate: (next: ServingCertificate) => {
      certificate = next;
      for (const listener of listeners) listener();
    },
  };
}

const running: { readonly server: RunningServer; readonly agent: Agent }[] = [];
afterEach(async () => {
  for (const { server, agent } of running.splice(0)) {
    agent.destroy();
    await server.close();
  }
});

interface Setup {
  readonly handle?: AdmissionHandler;
  readonly certificate?: ServingCertificate | undefined;
  readonly clientCA?: string;
  readonly limits?: Partial<WebhookServerLimits>;
}

async function start({ handle = async () => ({}), limits = {}, clientCA, ...rest }: Setup = {}) {
  const { certificates, rotate } = source('certificate' in rest ? rest.certificate : first);
  const registry = new Registry();
  const webhooks = new WebhookServer({
    bindAddress: '127.0.0.1:0',
    webhooks: [{ path: PATH, resource: 'mcpservers', handle }],
    certificates,
    clientCA,
    metrics: createWebhookMetrics(registry, [PATH]),
    logger: silentLogger,
    clock: systemClock,
    limits,
  });
  const stop = new AbortController();
  const server = await webhooks.listen(stop.signal);
  const agent = new Agent({ keepAlive: true, ca: authority.certificate });
  running.push({ server, agent });
  const open = (options: RequestOptions = {}) =>
    httpsRequest({
      host: '127.0.0.1',
      port: server.port,
      path: PATH,
      method: 'POST',
      agent,
      headers: JSON_TYPE,
      ...options,
    });
  const post = async (body: string, options: RequestOptions = {}) => {
    const request = open(options);
    request.end(body);
    return answerTo(request);
  };
  return { webhooks, server, stop, rotate, registry, open, post };
}

interface Answer {
  readonly code: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

async function answerTo(request: ReturnType<typeof httpsRequest>): Promise<Answer> {
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  let body = '';
  for await (const chunk of response.setEncoding('utf8')) body += String(chunk);
  return { code: response.statusCode ?? 0, headers: response.headers, body };
}

describe('the webhook server', () => {
  it('answers a review with a review', async () => {
    const { post } = await start({ handle: async ({ name }) => ({ warnings: [name] }) });
    const { code, headers, body } = await post(REVIEW, { path: `${PATH}?timeout=5s` });
    expect({ code, type: headers['content-type'] }).toEqual({ code: 200, type: 'application/json' });
    expect(JSON.parse(body)).toMatchObject({
      response: { uid: 'uid-of-request', allowed: true, warnings: ['github'] },
    });
  });

  it.each<[string, string, RequestOptions, number]>([
    ['no JSON', '{', {}, 400],
    ['no review', '{}', {}, 400],
    ['a review of another resource', reviewOf(aRequest({}, { resource: 'mcpservers/scale' })), {}, 400],
    ['a review of another group', reviewOf(aRequest({}, { group: 'apps' })), {}, 400],
    ['nothing', '', {}, 400],
    ['an unknown path', REVIEW, { path: '/' }, 404],
    ['another method', '', { method: 'GET' }, 405],
    ['another content type', REVIEW, { headers: { 'content-type': 'text/plain' } }, 415],
    ['no content type', REVIEW, { headers: {} }, 415],
    ['JSON that is nested a million times', '['.repeat(1_000_000), {}, 400],
    ['more than 3 MiB', ' '.repeat(3 * 1024 * 1024 + 1), {}, 413],
  ])('refuses %s and lives', async (_reason, body, options, code) => {
    const { post } = await start();
    expect((await post(body, options)).code).toBe(code);
    expect((await post(REVIEW)).code).toBe(200);
  });

  it('takes what the API server may send at most', async () => {
    const { post } = await start();
    expect((await post(REVIEW + ' '.repeat(3 * 1024 * 1024 - REVIEW.length))).code).toBe(200);
  });

  it('refuses a body that is said to be too large before it comes', async () => {
    const { open } = await start();
    const request = open({ headers: { ...JSON_TYPE, 'content-length': 4 * 1024 * 1024 } });
    request.flushHeaders();
    expect((await answerTo(request)).code).toBe(413);
    request.on('error', () => undefined).destroy();
  });

  it('refuses a body of unknown length as soon as it is too large', async () => {
    const { open } = await start();
    const request = open({ headers: { ...JSON_TYPE, 'transfer-encoding': 'chunked' } });
    request.write(' '.repeat(3 * 1024 * 1024 + 1));
    expect((await answerTo(request)).code).toBe(413);
    request.on('error', () => undefined).destroy();
  });

  it('gives up a body that does not end', async () => {
    const { open, post } = await start({ limits: { requestTimeoutMs: 200 } });
    const request = open({ headers: { ...JSON_TYPE, 'content-length': REVIEW.length } });
    request.write(REVIEW.slice(0, 10));
    expect((await answerTo(request)).code).toBe(408);
    expect((await post(REVIEW)).code).toBe(200);
  });

  it('survives a sender that goes away', async () => {
    const { open, post, registry } = await start();
    const request = open({ headers: { ...JSON_TYPE, 'content-length': REVIEW.length } });
    request.on('error', () => undefined).write(REVIEW.slice(0, 10));
    await metric(registry, 'in_flight{webhook="/validate-mcpserver"} 1');
    request.destroy();
    await metric(registry, 'in_flight{webhook="/validate-mcpserver"} 0');
    expect((await post(REVIEW)).code).toBe(200);
  });

  it.each<[string, unknown, string]>([
    ['why, when it may be over soon', new TransientError('the caches are empty'), 'the caches are empty\n'],
    ['nothing, when it is a bug', new TypeError('x is not a function'), 'internal error\n'],
  ])('fails instead of deciding when a webhook throws, and says %s', async (_reason, error, body) => {
    const { post } = await start({ handle: () => Promise.reject(error) });
    expect(await post(REVIEW)).toMatchObject({ code: 500, body });
  });
});

/** Waits until the text of the metrics has this in it. */
async function metric(registry: Registry, line: string): Promise<void> {
  while (!(await registry.metrics()).includes(line)) await systemClock.sleep(1);
}

/** A handler that waits until the test says so. */
function gate() {
  const { promise, resolve } = Promise.withResolvers<void>();
  const handle: AdmissionHandler = async () => {
    await promise;
    return {};
  };
  return { handle, open: resolve };
}

describe('the intake', () => {
  it('sends away what is too much at a time, with the time to come again', async () => {
    const { handle, open } = gate();
    const { post, registry } = await start({ handle, limits: { maxRequests: 1 } });
    const held = post(REVIEW);
    await metric(registry, 'in_flight{webhook="/validate-mcpserver"} 1');
    const { code, headers } = await post(REVIEW);
    expect({ code, after: headers['retry-after'] }).toEqual({ code: 503, after: '1' });
    open();
    expect((await held).code).toBe(200);
    expect((await post(REVIEW)).code).toBe(200);
  });

  it('counts the bytes of all bodies that are being read', async () => {
    const { open, post, registry } = await start({ limits: { maxTotalBytes: REVIEW.length + 100 } });
    const slow = open({ headers: { ...JSON_TYPE, 'content-length': REVIEW.length } });
    slow.write(REVIEW.slice(0, 200));
    await metric(registry, 'in_flight{webhook="/validate-mcpserver"} 1');
    expect((await post(REVIEW)).code).toBe(503);
    slow.end(REVIEW.slice(200));
    expect((await answerTo(slow)).code).toBe(200);
    expect((await post(REVIEW)).code).toBe(200);
  });
});

describe('certificates', () => {
  const served = async (port: number): Promise<string> => {
    const socket = tls.connect({ host: '127.0.0.1', port, ca: authority.certificate });
    await once(socket, 'secureConnect');
    const { subject } = socket.getPeerCertificate();
    socket.destroy();
    return String(subject.CN);
  };

  it('make the server ready when the first comes', async () => {
    const { webhooks, server, rotate, post } = await start({ certificate: undefined });
    expect(webhooks.readyCheck.problem()).toBe('there is no certificate yet');
    await expect(served(server.port)).rejects.toThrow();
    rotate(first);
    expect(webhooks.readyCheck.problem()).toBeUndefined();
    expect((await post(REVIEW)).code).toBe(200);
  });

  it('are changed under open connections and running requests', async () => {
    const { handle, open } = gate();
    const { server, rotate, post, registry } = await start({ handle });
    const held = post(REVIEW);
    await metric(registry, 'in_flight{webhook="/validate-mcpserver"} 1');
    expect(await served(server.port)).toBe('first');
    rotate(second);
    expect(await served(server.port)).toBe('second');
    open();
    const { code, headers } = await held;
    expect({ code, connection: headers.connection }).toEqual({ code: 200, connection: 'keep-alive' });
  });

  it('that cannot be used change nothing', async () => {
    const { webhooks, server, rotate } = await start();
    rotate({ cert: 'no PEM', key: 'no PEM' });
    expect(webhooks.readyCheck.problem()).toBeUndefined();
    expect(await served(server.port)).toBe('first');
  });

  it('are not shown to a protocol older than TLS 1.2, before or after a change, though Node may be told to', async () => {
    const { DEFAULT_MIN_VERSION, DEFAULT_CIPHERS } = tls;
    tls.DEFAULT_MIN_VERSION = 'TLSv1';
    tls.DEFAULT_CIPHERS = 'DEFAULT@SECLEVEL=0';
    try {
      const { server, rotate } = await start();
      const old = async (): Promise<unknown> => {
        const options = { host: '127.0.0.1', port: server.port, ca: authority.certificate };
        return once(tls.connect({ ...options, maxVersion: 'TLSv1.1' }), 'secureConnect');
      };
      await expect(old()).rejects.toThrow(/protocol version/);
      rotate(second);
      await expect(old()).rejects.toThrow(/protocol version/);
    } finally {
      Object.assign(tls, { DEFAULT_MIN_VERSION, DEFAULT_CIPHERS });
    }
  });
});

describe('the end', () => {
  it('is not a reason not to answer: the server sends clients elsewhere, and serves on until it is closed', async () => {
    const { post, stop } = await start();
    expect((await post(REVIEW)).headers.connection).toBe('keep-alive');
    stop.abort();
    const { code, headers } = await post(REVIEW);
    expect({ code, connection: headers.connection }).toEqual({ code: 200, connection: 'close' });
  });

  it('waits for running requests', async () => {
    const { handle, open } = gate();
    const { post, server, stop, registry } = await start({ handle });
    const held = post(REVIEW);
    await metric(registry, 'in_flight{webhook="/validate-mcpserver"} 1');
    stop.abort();
    const closed = server.close();
    open();
    expect((await held).code).toBe(200);
    await closed;
    await expect(post(REVIEW)).rejects.toThrow(/ECONNREFUSED/);
  });

  it('does not wait for ever', async () => {
    const { handle } = gate();
    const { post, server, registry } = await start({ handle, limits: { drainTimeoutMs: 20 } });
    const held = post(REVIEW);
    const outcome = expect(held).rejects.toThrow();
    await metric(registry, 'in_flight{webhook="/validate-mcpserver"} 1');
    await server.close();
    await outcome;
  });
});

it('counts every request under the names of controller-runtime, from zero on', async () => {
  const { post, registry } = await start();
  const lines = async (): Promise<readonly string[]> =>
    (await registry.metrics()).split('\n').filter((line) => /requests_total\{|seconds_count\{/.test(line));
  expect(await lines()).toEqual([
    'controller_runtime_webhook_latency_seconds_count{webhook="/validate-mcpserver"} 0',
    ...[200, 400, 405, 413, 415, 500, 503].map(
      (code) => `controller_runtime_webhook_requests_total{webhook="/validate-mcpserver",code="${code}"} 0`,
    ),
  ]);
  await post(REVIEW);
  await post('{');
  expect(await lines()).toEqual(
    expect.arrayContaining([
      'controller_runtime_webhook_latency_seconds_count{webhook="/validate-mcpserver"} 2',
      'controller_runtime_webhook_requests_total{webhook="/validate-mcpserver",code="200"} 1',
      'controller_runtime_webhook_requests_total{webhook="/validate-mcpserver",code="400"} 1',
    ]),
  );
});

describe('with the authority of a client certificate', () => {
  const clientOf = async (signer: KeyPair): Promise<tls.SecureContextOptions> => {
    const { certificate, key } = await issue(signer, { commonName: 'kube-apiserver' }, new Date());
    return { cert: certificate, key };
  };
  const askedWith = (client: tls.SecureContextOptions): RequestOptions => ({
    agent: new Agent({ ca: authority.certificate, ...client }),
  });

  it('answers who has one, also after the serving certificate changed', async () => {
    const { post, rotate } = await start({ clientCA: authority.certificate });
    const client = await clientOf(authority);
    expect((await post(REVIEW, askedWith(client))).code).toBe(200);
    rotate(second);
    expect((await post(REVIEW, askedWith(client))).code).toBe(200);
  });

  it('does not answer who has none, nor one of another authority, before or after the serving certificate changed', async () => {
    const { post, rotate } = await start({ clientCA: authority.certificate });
    const stranger = await clientOf(await createAuthority('another', new Date()));
    const refusals = async (): Promise<void> => {
      await expect(post(REVIEW)).rejects.toThrow();
      await expect(post(REVIEW, askedWith(stranger))).rejects.toThrow();
    };
    await refusals();
    rotate(second);
    await refusals();
  });
});
