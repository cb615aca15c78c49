/** What an endpoint shows over TLS, however bad it is. */
import { beforeAll, describe, expect, it } from 'vitest';
import { createAuthority, issue, type KeyPair } from '../hack/cluster/pki.ts';
import { listenHttps, listenTcp } from '../test/harness/mcp/listening.ts';
import { createAddressPolicy } from './address-policy.ts';
import { readTLSFacts, type TLSFacts } from './index.ts';

const HOST = 'mcp.example.com';
const DAY_MS = 86_400_000;
const never = new AbortController().signal;

let authority: KeyPair;
beforeAll(async () => {
  authority = await createAuthority('authority of the test', new Date());
});

interface Served {
  readonly hosts?: readonly string[];
  /** Days ago; certificates live for 365. */
  readonly issuedDaysAgo?: number;
  readonly versions?: object;
  readonly ca?: string;
}

async function facts({
  hosts = [HOST],
  issuedDaysAgo = 0,
  versions = {},
  ca,
}: Served = {}): Promise<TLSFacts> {
  const issued = new Date(Date.now() - issuedDaysAgo * DAY_MS);
  const { certificate: cert, key } = await issue(authority, { commonName: 'server', hosts }, issued);
  await using server = await listenHttps({ cert, key, ...versions }, () => {
    throw new Error('a request was sent');
  });
  const target = { url: `https://${HOST}:${server.port}/mcp`, connectAddress: '127.0.0.1' };
  return await readTLSFacts({ ...target, ca: ca ?? authority.certificate }, { timeoutMs: 5_000 }, never);
}

const OLD = { minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' };

describe('facts about TLS', () => {
  it('of a good endpoint', async () => {
    const seen = await facts();
    expect(seen).toMatchObject({ kind: 'handshake', version: 'TLSv1.3', acceptsOldVersions: false });
    expect(seen).not.toHaveProperty('problem');
    expect(seen).toHaveProperty(
      'daysLeft',
      expect.toSatisfy((days) => days === 364 || days === 365),
    );
  });

  it.each<[string, Served, string]>([
    ['an expired certificate', { issuedDaysAgo: 400 }, 'the certificate has expired'],
    ['one for another host', { hosts: ['other.example'] }, 'the certificate is for another host name'],
    [
      'one for the address that is dialled',
      { hosts: ['127.0.0.1'] },
      'the certificate is for another host name',
    ],
  ])('say what is wrong with %s', async (_reason, served, problem) => {
    expect(await facts(served)).toMatchObject({ kind: 'handshake', problem });
  });

  it('say that a stranger signed', async () => {
    const stranger = await createAuthority('another authority', new Date());
    expect(await facts({ ca: stranger.certificate })).toMatchObject({
      problem: 'the certificate comes from an authority that is not trusted: give its CA',
    });
  });

  it('say that a certificate signed itself', async () => {
    const { certificate: cert, key } = authority;
    await using server = await listenHttps({ cert, key }, () => undefined);
    const target = { url: `https://${HOST}:${server.port}`, connectAddress: '127.0.0.1' };
    expect(await readTLSFacts(target, { timeoutMs: 5_000 }, never)).toMatchObject({
      problem: 'the certificate is self-signed: give its CA',
    });
  });

  it('count days below zero once it is over', async () => {
    expect(await facts({ issuedDaysAgo: 400 })).toMatchObject({ daysLeft: -36 });
  });

  it('say that old versions are spoken too', async () => {
    expect(await facts({ versions: OLD })).toMatchObject({ version: 'TLSv1.3', acceptsOldVersions: true });
  });

  it('fail where only old versions are spoken', async () => {
    expect(await facts({ versions: { ...OLD, maxVersion: 'TLSv1.1' } })).toMatchObject({
      kind: 'failed',
      reason: 'TLSFailed',
    });
  });

  it.each<[string, object, string]>([
    ['plain HTTP', { url: 'http://192.0.2.1/' }, 'InvalidTarget'],
    ['an address that is refused', { url: 'https://169.254.169.254/' }, 'ForbiddenAddress'],
  ])('fail for %s without a connection', async (_reason, target, reason) => {
    const addressPolicy = createAddressPolicy({ allowed: [], refused: [] });
    const options = { timeoutMs: 5_000, addressPolicy };
    expect(await readTLSFacts({ url: '', ...target }, options, never)).toMatchObject({
      kind: 'failed',
      reason,
    });
  });

  it('fail where the server says nothing, at the deadline', async () => {
    await using server = await listenTcp(() => undefined);
    const target = { url: `https://127.0.0.1:${server.port}` };
    expect(await readTLSFacts(target, { timeoutMs: 100 }, never)).toMatchObject({ reason: 'Timeout' });
  });

  it('fail where the server hangs up', async () => {
    await using server = await listenTcp((socket) => socket.destroy());
    const target = { url: `https://127.0.0.1:${server.port}` };
    expect(await readTLSFacts(target, { timeoutMs: 5_000 }, never)).toMatchObject({
      reason: 'ConnectionClosed',
    });
  });

  it('fail where the server speaks no TLS', async () => {
    await using server = await listenTcp((socket) => socket.end('SSH-2.0-nothing\r\n'));
    const target = { url: `https://127.0.0.1:${server.port}` };
    expect(await readTLSFacts(target, { timeoutMs: 5_000 }, never)).toMatchObject({ reason: 'TLSFailed' });
  });

  it('rejects with the reason of the caller who has enough', async () => {
    const caller = new AbortController();
    await using server = await listenTcp(() => caller.abort(new Error('enough')));
    const target = { url: `https://127.0.0.1:${server.port}` };
    await expect(readTLSFacts(target, { timeoutMs: 5_000 }, caller.signal)).rejects.toThrow('enough');
  });
});
