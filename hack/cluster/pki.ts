/**
 * The cluster's certificates: one authority, made anew for each cluster, and the certificates that it signs for components and users. A client
 * certificate's common name is the user and its organizations are the groups, as Kubernetes reads them.
 */
// oxlint-disable-next-line import/no-unassigned-import -- @peculiar/x509 needs the polyfill to be there before it
import 'reflect-metadata';
import { generateKeyPairSync, randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';

/** A certificate and its private key, both PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** Whom a certificate is for. */
export interface Subject {
  /** The user name, or a server's name. */
  readonly commonName: string;
  /** Groups. */
  readonly organizations?: readonly string[];
  /** DNS names and IP addresses under which a server is reached. */
  readonly hosts?: readonly string[];
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const VALID_DAYS = 365;
const DAY_MS = 86_400_000;

/** Makes a certificate authority. */
export async function createAuthority(commonName: string, now: Date): Promise<KeyPair> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      ...validity(now),
      name: [{ CN: [commonName] }],
      signingAlgorithm: ALGORITHM,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.KeyUsagesExtension(
          x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign | x509.KeyUsageFlags.digitalSignature,
          true,
        ),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    },
    webcrypto,
  );
  return { certificate: certificate.toString('pem'), key: await privateKeyPem(keys.privateKey) };
}

/** Signs a certificate that serves both as a client's and as a server's. */
export async function issue(authority: KeyPair, subject: Subject, now: Date): Promise<KeyPair> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const issuer = new x509.X509Certificate(authority.certificate);
  const certificate = await x509.X509CertificateGenerator.create(
    {
      ...validity(now),
      subject: [
        ...(subject.organizations ?? []).map((organization) => ({ O: [organization] })),
        { CN: [subject.commonName] },
      ],
      issuer: issuer.subject,
      publicKey: keys.publicKey,
      signingKey: await signingKey(authority),
      signingAlgorithm: ALGORITHM,
      extensions: [
        new x509.ExtendedKeyUsageExtension([
          x509.ExtendedKeyUsage.clientAuth,
          x509.ExtendedKeyUsage.serverAuth,
        ]),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey, false, webcrypto),
        ...alternativeNames(subject.hosts ?? []),
      ],
    },
    webcrypto,
  );
  return { certificate: certificate.toString('pem'), key: await privateKeyPem(keys.privateKey) };
}

/** The key pair with which the API server signs and checks service account tokens, both PEM. */
export function createServiceAccountKey(): { readonly publicKey: string; readonly privateKey: string } {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}

function validity(now: Date): { notBefore: Date; notAfter: Date; serialNumber: string } {
  // A minute back: a container's clock may be a little behind. The serial number is positive, as RFC 5280 asks.
  return {
    notBefore: new Date(now.getTime() - 60_000),
    notAfter: new Date(now.getTime() + VALID_DAYS * DAY_MS),
    serialNumber: `01${randomBytes(15).toString('hex')}`,
  };
}

function alternativeNames(hosts: readonly string[]): x509.Extension[] {
  if (hosts.length === 0) return [];
  const names = hosts.map((host): x509.JsonGeneralName => ({
    type: isIP(host) === 0 ? 'dns' : 'ip',
    value: host,
  }));
  return [new x509.SubjectAlternativeNameExtension(names)];
}

function signingKey(authority: KeyPair): Promise<webcrypto.CryptoKey> {
  const der = x509.PemConverter.decodeFirst(authority.key);
  return webcrypto.subtle.importKey('pkcs8', der, ALGORITHM, false, ['sign']);
}

async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}
