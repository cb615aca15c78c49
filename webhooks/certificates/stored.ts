/**
 * The Secret's content, read with suspicion: anybody who may write in the operator's namespace may have been at it. The keys are
 * cert-manager's, so that both ways of making certificates leave the same Secret to those who read it.
 */
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import type { ServingCertificate } from '../server/certificate.ts';
import { CA_COMMON_NAME } from './issue.ts';
import { dnsNamesOf, type ServiceName } from './names.ts';

/** What the Secret holds: PEM, empty where it holds nothing. */
export interface StoredCertificates extends ServingCertificate {
  /** Every CA that clients are to trust. */
  readonly ca: string;
  /** Of the one CA that signs. Empty when cert-manager keeps it. */
  readonly caKey: string;
}

/** The Secret's keys and their values, in Base64. */
export type SecretData = Readonly<Record<string, string>>;

const KEYS = { ca: 'ca.crt', caKey: 'ca.key', cert: 'tls.crt', key: 'tls.key' } as const;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** @param data of the Secret; absent when there is none. */
export function readSecretData(data: SecretData = {}): StoredCertificates {
  const text = (key: string): string => Buffer.from(data[key] ?? '', 'base64').toString('utf8');
  return { ca: text(KEYS.ca), caKey: text(KEYS.caKey), cert: text(KEYS.cert), key: text(KEYS.key) };
}

/** The inverse of {@link readSecretData}. */
export function secretData({ ca, caKey, cert, key }: StoredCertificates): SecretData {
  const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
  return {
    [KEYS.ca]: base64(ca),
    [KEYS.caKey]: base64(caKey),
    [KEYS.cert]: base64(cert),
    [KEYS.key]: base64(key),
  };
}

/** The CAs that hold at `now`, the oldest first. What cannot be read, or is no CA, is left out. */
export function trustedCAs(stored: StoredCertificates, now: Date): readonly X509Certificate[] {
  return (stored.ca.match(CERTIFICATE) ?? [])
    .flatMap((text) => readCertificate(text) ?? [])
    .filter((certificate) => certificate.ca && holdsAt(certificate, now));
}

/** The one of `cas` that the stored key belongs to, if we made it. */
export function signerAmong(
  cas: readonly X509Certificate[],
  stored: StoredCertificates,
): X509Certificate | undefined {
  const key = readKey(stored.caKey);
  if (key === undefined) return undefined;
  return cas.find((ca) => ca.checkPrivateKey(key) && ca.subject === `CN=${CA_COMMON_NAME}`);
}

/** The one of `cas` that signed `certificate`. */
export function issuerAmong(
  cas: readonly X509Certificate[],
  certificate: X509Certificate,
): X509Certificate | undefined {
  return cas.find((ca) => certificate.checkIssued(ca) && certificate.verify(ca.publicKey));
}

/** Why the server cannot present this certificate, whatever the time is; else the certificate. */
export function readServing(
  { cert, key }: ServingCertificate,
  service: ServiceName,
): X509Certificate | string {
  if (cert === '' || key === '') return 'there is none yet';
  const certificate = readCertificate(cert);
  if (certificate === undefined) return 'it cannot be read';
  const privateKey = readKey(key);
  if (privateKey === undefined) return 'its key cannot be read';
  if (!certificate.checkPrivateKey(privateKey)) return 'its key is that of another certificate';
  const missing = dnsNamesOf(service).find((name) => !isFor(certificate, name));
  return missing === undefined ? certificate : `it is not for ${missing}`;
}

/** Whether the certificate is neither expired nor yet to begin. */
export function holdsAt(certificate: X509Certificate, now: Date): boolean {
  return certificate.validFromDate <= now && now < certificate.validToDate;
}

function isFor(certificate: X509Certificate, name: string): boolean {
  return certificate.checkHost(name, { subject: 'never' }) !== undefined;
}

function readCertificate(text: string): X509Certificate | undefined {
  try {
    return new X509Certificate(text);
  } catch {
    return undefined;
  }
}

function readKey(text: string): KeyObject | undefined {
  try {
    return createPrivateKey(text);
  } catch {
    return undefined;
  }
}
