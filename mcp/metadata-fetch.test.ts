/** What an authorization server may do to the scanner: answer, or nothing worse than end in a failure with a name. */
import type { RequestListener } from 'node:http';
import { beforeAll, describe, expect, it } from 'vitest';
import { createAuthority, issue, type KeyPair } from '../hack/cluster/pki.ts';
import { listenHttp, listenHttps } from '../test/harness/mcp/listening.ts';
import { createAddressPolicy } from './address-policy.ts';
import { fetchMetadata, type MetadataOptions } from './index.ts';

const never = new AbortController().signal;
const LOOPBACK: MetadataOptions = { timeoutMs: 5_000, allowLoopbackHttp: true };

const answers =
  (status: number, headers: Record<string, string>, body = ''): RequestListener =>
  (_request, response) =>
    void response.writeHead(status, headers).end(body);

async function ask(
  listener: RequestListener,
  options: Partial<MetadataOptions> = {},
): ReturnType<typeof fetchMetadata> {
  await using server = await listenHttp(listener);
  return await fetchMetadata(
    new URL(`${server.origin}/.well-known/x?y=1`),
    { ...LOOPBACK, ...options },
    never,
  );
}

describe('metadata of an authorization server', () => {
  it('is read with a plain GET that carries no credentials', async () => {
    const seen: unknown[] = [];
    const { response, failure, request } = await ask((incoming, response) => {
      seen.push([incoming.method, incoming.url, incoming.headers.authorization, incoming.headers.cookie]);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"issuer":"x"}');
    });
    expect(failure).toBeUndefined();
    expect(response).toMatchObject({ status: 200, truncated: false, messages: [{ issuer: 'x' }] });
    expect(request).toMatchObject({ method: 'GET', headers: { accept: 'application/json' } });
    expect(seen).toEqual([['GET', '/.well-known/x?y=1', undefined, undefined]]);
  });

  it('is not looked for behind a redirect', async () => {
    let asked = 0;
    const { response } = await ask((_request, response) => {
      asked++;
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    expect(response).toMatchObject({ status: 302, messages: [] });
    expect(asked).toBe(1);
  });

  it('is cut off where it does not end', async () => {
    const { response } = await ask(
      (_request, response) => {
        response.writeHead(200);
        const write = (): void => void (response.write('x'.repeat(16_384)) && setImmediate(write));
        response.on('drain', write);
        write();
      },
      { maxBytes: 20_000 },
    );
    expect(response).toMatchObject({ truncated: true, messages: [] });
    expect(response?.body).toHaveLength(20_000);
  });

  it.each([
    ['text that is no JSON', '{"issuer"', []],
    ['JSON that is no object', '[{"issuer":"x"}]', []],
    ['nothing', '', []],
  ])('is an answer without objects where it is %s', async (_reason, body, messages) => {
    expect((await ask(answers(200, {}, body))).response?.messages).toEqual(messages);
  });

  it('ends at the deadline where nothing comes', async () => {
    const { failure } = await ask(() => undefined, { timeoutMs: 50 });
    expect(failure).toEqual({
      reason: 'Timeout',
      message: 'the authorization server did not finish its answer in time',
    });
  });

  it('rejects with the reason of the caller who has enough', async () => {
    const caller = new AbortController();
    await using server = await listenHttp(() => caller.abort(new Error('enough')));
    await expect(fetchMetadata(new URL(server.origin), LOOPBACK, caller.signal)).rejects.toThrow('enough');
  });

  it.each([
    ['plain HTTP', 'http://127.0.0.1:1/', {}],
    ['plain HTTP to another host, whatever tests may', 'http://10.0.0.1/', { allowLoopbackHttp: true }],
    [
      'plain HTTP to a name that looks like loopback',
      'http://127.0.0.1.example/',
      { allowLoopbackHttp: true },
    ],
    ['credentials in the URL', 'https://user:word@192.0.2.1/', {}],
    ['another scheme', 'file:///etc/passwd', {}],
  ])('is not asked for over %s', async (_reason, url, options) => {
    const { failure } = await fetchMetadata(new URL(url), { timeoutMs: 5_000, ...options }, never);
    expect(failure?.reason).toBe('InvalidTarget');
  });

  it.each([
    'https://169.254.169.254/',
    'https://127.0.0.1/',
    'https://[::ffff:169.254.169.254]/',
    'https://2852039166/',
  ])('is not asked for at %s, which the address policy refuses', async (url) => {
    const addressPolicy = createAddressPolicy({ allowed: [], refused: [] });
    const { failure } = await fetchMetadata(new URL(url), { timeoutMs: 5_000, addressPolicy }, never);
    expect(failure?.reason).toBe('ForbiddenAddress');
  });

  it('is not asked for at a name that resolves to an address which is refused', async () => {
    const addressPolicy = createAddressPolicy({ allowed: [], refused: [] });
    const resolve = async (): Promise<readonly string[]> => ['198.18.0.1', '169.254.169.254'];
    const options = { timeoutMs: 5_000, addressPolicy, resolve };
    const { failure } = await fetchMetadata(new URL('https://login.example/'), options, never);
    expect(failure?.reason).toBe('ForbiddenAddress');
  });

  describe('over TLS', () => {
    let authority: KeyPair;
    beforeAll(async () => {
      authority = await createAuthority('authority of the test', new Date());
    });

    it.each([
      ['a certificate of the given CA', ['127.0.0.1'], new Date(), undefined],
      ['a certificate for another host', ['other.example'], new Date(), 'TLSFailed'],
      ['an expired certificate', ['127.0.0.1'], new Date('2020-01-01'), 'TLSFailed'],
    ])('judges %s', async (_reason, hosts, issued, expected) => {
      const { certificate: cert, key } = await issue(authority, { commonName: 'as', hosts }, issued);
      await using server = await listenHttps({ cert, key }, answers(200, {}, '{}'));
      const options = { timeoutMs: 5_000, ca: authority.certificate };
      const { response, failure } = await fetchMetadata(new URL(server.origin), options, never);
      expect([response?.status, failure?.reason]).toEqual([
        expected === undefined ? 200 : undefined,
        expected,
      ]);
    });
  });
});
