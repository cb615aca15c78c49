/** Certificates as others read them: a second X.509 library, and OpenSSL in a handshake. The API server's turn is in `test/integration`. */
// oxlint-disable-next-line import/no-unassigned-import -- @peculiar/x509 needs the polyfill to be there before it
import 'reflect-metadata';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type ConnectionOptions } from 'node:tls';
import * as x509 from '@peculiar/x509';
import { describe, expect, it, onTestFinished } from 'vitest';
import { issueCA, issueServing } from './issue.ts';

const NAMES = ['webhooks.mcp-system.svc', 'webhooks.mcp-system.svc.cluster.local'];
const DAY_MS = 86_400_000;
const validity = {
  notBefore: new Date('2026-01-01T10:11:12Z'),
  notAfter: new Date('2051-02-03T04:05:06Z'),
};
const ca = issueCA(validity);
const serving = issueServing(ca, NAMES, validity);

describe('what a second library reads', () => {
  const readCA = new x509.X509Certificate(ca.certificate);
  const readServing = new x509.X509Certificate(serving.certificate);

  it.each([
    ['the CA', readCA],
    ['the serving certificate', readServing],
  ])('%s: names, times, and a positive serial number', (_reason, certificate) => {
    expect(certificate.issuer).toBe('CN=mcp-operator webhook CA');
    expect(certificate.notBefore).toEqual(validity.notBefore);
    expect(certificate.notAfter).toEqual(validity.notAfter);
    expect(certificate.serialNumber).toMatch(/^01[0-9a-f]{30}$/);
    expect(certificate.signatureAlgorithm).toMatchObject({ name: 'ECDSA', hash: { name: 'SHA-256' } });
    expect(certificate.publicKey.algorithm).toMatchObject({ name: 'ECDSA', namedCurve: 'P-256' });
  });

  it('a CA that may sign servers and nothing else', async () => {
    const constraints = readCA.getExtension(x509.BasicConstraintsExtension);
    expect(constraints).toMatchObject({ ca: true, pathLength: 0, critical: true });
    expect(readCA.getExtension(x509.KeyUsagesExtension)).toMatchObject({
      usages: x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
      critical: true,
    });
    expect(await readCA.isSelfSigned()).toBe(true);
  });

  it('a serving certificate for its names that the CA signed', async () => {
    expect(readServing.subject).toBe('CN=mcp-operator webhooks');
    expect(readServing.getExtension(x509.BasicConstraintsExtension)?.ca).toBe(false);
    expect(readServing.getExtension(x509.KeyUsagesExtension)?.usages).toBe(
      x509.KeyUsageFlags.digitalSignature,
    );
    expect(readServing.getExtension(x509.ExtendedKeyUsageExtension)?.usages).toEqual([
      x509.ExtendedKeyUsage.serverAuth,
    ]);
    const names = readServing.getExtension(x509.SubjectAlternativeNameExtension)?.names.toJSON();
    expect(names).toEqual(NAMES.map((value) => ({ type: 'dns', value })));
    expect(await readServing.verify({ publicKey: readCA.publicKey, signatureOnly: true })).toBe(true);
  });

  it('the identifier of the key that signed, which tells CAs of one name apart', () => {
    const keyId = readServing.getExtension(x509.AuthorityKeyIdentifierExtension)?.keyId;
    expect(keyId).toBe(readCA.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId);
    expect(keyId).toMatch(/^[0-9a-f]{40}$/);
  });
});

describe('what OpenSSL accepts in a handshake', () => {
  const now = Date.now();
  const current = { notBefore: new Date(now - DAY_MS), notAfter: new Date(now + DAY_MS) };
  const currentCA = issueCA(current);
  const other = issueCA(current);

  it.each<[string, Partial<ConnectionOptions>, string]>([
    ['each name', { servername: NAMES[0] ?? '' }, ''],
    ['each name', { servername: NAMES[1] ?? '' }, ''],
    ['the right one of two CAs with one name', { ca: [other.certificate, currentCA.certificate] }, ''],
    ['not another CA of that name', { ca: other.certificate }, 'unable to verify the first certificate'],
    ['not another name', { servername: 'webhooks.other.svc' }, "does not match certificate's altnames"],
  ])('%s', async (_reason, options, problem) => {
    const pair = issueServing(currentCA, NAMES, current);
    const server = createServer({ cert: pair.certificate, key: pair.key }, (socket) => socket.end());
    server.listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    expect(await handshake(portOf(server.address()), { ca: currentCA.certificate, ...options })).toContain(
      problem,
    );
  });

  it("no certificate that the CA's key did not sign", () => {
    const certificate = new X509Certificate(issueServing(other, NAMES, current).certificate);
    expect(certificate.verify(new X509Certificate(currentCA.certificate).publicKey)).toBe(false);
  });
});

/** What the client said against the server, empty when it said nothing. */
async function handshake(port: number, options: Partial<ConnectionOptions>): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', servername: NAMES[0] ?? '', ...options });
  try {
    await once(socket, 'secureConnect');
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : 'it failed';
  } finally {
    socket.destroy();
  }
}

function portOf(address: ReturnType<ReturnType<typeof createServer>['address']>): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}
