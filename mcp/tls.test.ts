/** Whom a probe believes over TLS. */
import type { RequestListener } from 'node:http';
import { beforeAll, describe, expect, it } from 'vitest';
import { createAuthority, issue, type KeyPair } from '../hack/cluster/pki.ts';
import { listenHttp, listenHttps } from '../test/harness/mcp/listening.ts';
import { probe, type ProbeOutcome, type ProbeTarget } from './index.ts';

const HOST = 'mcp-github.team-a.svc';
const wantsCredentials: RequestListener = (_request, response) => void response.writeHead(401).end();
const REACHED = { kind: 'authRequired' };

let authority: KeyPair;
let stranger: KeyPair;
beforeAll(async () => {
  authority = await createAuthority('authority of the test', new Date());
  stranger = await createAuthority('another authority', new Date());
});

async function ask(certificate: KeyPair, target: Partial<ProbeTarget>): Promise<ProbeOutcome> {
  const { certificate: cert, key } = certificate;
  await using server = await listenHttps({ cert, key }, wantsCredentials);
  const defaults = { url: `https://${HOST}:${server.port}/mcp`, transport: 'StreamableHTTP' } as const;
  return await probe({ ...defaults, connectAddress: '127.0.0.1', ...target }, { timeoutMs: 5_000 });
}

const failsWith = (message: string): object => ({ kind: 'failed', reason: 'TLSFailed', message });

describe('a probe over TLS', () => {
  it("believes a certificate of the given CA for the URL's host, at a pinned address", async () => {
    const certificate = await issue(authority, { commonName: HOST, hosts: [HOST] }, new Date());
    expect(await ask(certificate, { ca: authority.certificate })).toMatchObject(REACHED);
  });

  it('believes one among several CAs', async () => {
    const certificate = await issue(authority, { commonName: HOST, hosts: [HOST] }, new Date());
    const bundle = `${stranger.certificate}\n${authority.certificate}\n`;
    expect(await ask(certificate, { ca: bundle })).toMatchObject(REACHED);
  });

  it('does not believe another CA', async () => {
    const certificate = await issue(stranger, { commonName: HOST, hosts: [HOST] }, new Date());
    expect(await ask(certificate, { ca: authority.certificate })).toEqual(
      failsWith('the certificate comes from an authority that is not trusted: give its CA'),
    );
  });

  it('does not believe an unknown CA when none is given', async () => {
    const certificate = await issue(authority, { commonName: HOST, hosts: [HOST] }, new Date());
    expect(await ask(certificate, {})).toMatchObject({ kind: 'failed', reason: 'TLSFailed' });
  });

  it('does not believe a certificate for another host, not even for the pinned address', async () => {
    const hosts = ['other.example', '127.0.0.1'];
    const certificate = await issue(authority, { commonName: 'other', hosts }, new Date());
    expect(await ask(certificate, { ca: authority.certificate })).toEqual(
      failsWith('the certificate is for another host name'),
    );
  });

  it.each([
    ['the address of the URL', '192.0.2.1', { kind: 'authRequired' }],
    ['the address that is dialled', '127.0.0.1', { kind: 'failed', reason: 'TLSFailed' }],
  ])('checks the certificate against the URL where that is an address: %s', async (_reason, ip, expected) => {
    const { certificate: cert, key } = await issue(authority, { commonName: 'ip', hosts: [ip] }, new Date());
    await using server = await listenHttps({ cert, key }, wantsCredentials);
    const url = `https://192.0.2.1:${server.port}/mcp`;
    const target = { url, transport: 'StreamableHTTP', connectAddress: '127.0.0.1' } as const;
    const outcome = await probe({ ...target, ca: authority.certificate }, { timeoutMs: 5_000 });
    expect(outcome).toMatchObject(expected);
  });

  it('does not believe an expired certificate', async () => {
    const longAgo = new Date('2020-01-01T00:00:00Z');
    const certificate = await issue(authority, { commonName: HOST, hosts: [HOST] }, longAgo);
    expect(await ask(certificate, { ca: authority.certificate })).toEqual(
      failsWith('the certificate has expired'),
    );
  });

  it('says when the server does not speak TLS', async () => {
    await using server = await listenHttp(wantsCredentials);
    const url = `https://127.0.0.1:${server.port}/mcp`;
    expect(await probe({ url, transport: 'StreamableHTTP' }, { timeoutMs: 5_000 })).toMatchObject({
      kind: 'failed',
      reason: 'TLSFailed',
    });
  });

  it('says when the CA is no certificate', async () => {
    const certificate = await issue(authority, { commonName: HOST, hosts: [HOST] }, new Date());
    const outcome = await ask(certificate, { ca: 'not a certificate' });
    expect(outcome).toMatchObject({ kind: 'failed', reason: 'InvalidTarget' });
  });
});
