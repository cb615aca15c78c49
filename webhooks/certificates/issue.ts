/**
 * Makes certificates: a CA and what it signs, ECDSA on P-256, as RFC 5280 wants them. `node:crypto` makes keys and signatures and
 * reads certificates, but writes none; docs/adr/0013-webhook-certificates.md says why no library does it here.
 */
import { createPublicKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import {
  bitString,
  boolean,
  explicit,
  implicit,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  set,
  time,
  utf8String,
} from './der.ts';
import { sha256 } from '../../core/sha256.ts';

/** A certificate and its private key, both PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** From when to when a certificate holds, to the second. */
export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** Subject of every CA made here. CAs are told apart by their keys' identifiers. */
export const CA_COMMON_NAME = 'mcp-operator webhook CA';
const SERVING_COMMON_NAME = 'mcp-operator webhooks';

const COMMON_NAME = objectIdentifier('2.5.4.3');
const ECDSA_WITH_SHA256 = sequence(objectIdentifier('1.2.840.10045.4.3.2'));
const SERVER_AUTH = objectIdentifier('1.3.6.1.5.5.7.3.1');
const EXTENSIONS = {
  subjectKeyIdentifier: objectIdentifier('2.5.29.14'),
  keyUsage: objectIdentifier('2.5.29.15'),
  subjectAlternativeName: objectIdentifier('2.5.29.17'),
  basicConstraints: objectIdentifier('2.5.29.19'),
  authorityKeyIdentifier: objectIdentifier('2.5.29.35'),
  extendedKeyUsage: objectIdentifier('2.5.29.37'),
};
/** Bits are counted from the left: keyCertSign is 5, cRLSign 6. */
const USAGE_OF_CA = bitString(Buffer.from([0b0000_0110]), 1);
/** digitalSignature is 0. */
const USAGE_OF_SERVER = bitString(Buffer.from([0b1000_0000]), 7);
const VERSION_3 = explicit(0, integer(Buffer.from([2])));
/** The tag of a DNS name among the kinds of names. */
const DNS_NAME = 2;
const PEM_LINE_LENGTH = 64;

/** A CA that signs itself. What it signs cannot sign in turn. */
export function issueCA(validity: Validity): KeyPair {
  const keys = generateKeys();
  const extensions = [
    critical(EXTENSIONS.basicConstraints, sequence(boolean(true), integer(Buffer.from([0])))),
    critical(EXTENSIONS.keyUsage, USAGE_OF_CA),
    extension(EXTENSIONS.subjectKeyIdentifier, octetString(keyIdentifier(keys.publicKey))),
  ];
  const subject = { name: CA_COMMON_NAME, publicKey: keys.publicKey };
  return { certificate: signed(subject, validity, extensions, keys.privateKey), key: keys.privateKey };
}

/**
 * A server's certificate.
 * @param ca made by {@link issueCA}.
 * @param dnsNames under which clients know the server.
 */
export function issueServing(ca: KeyPair, dnsNames: readonly string[], validity: Validity): KeyPair {
  const keys = generateKeys();
  const names = dnsNames.map((name) => implicit(DNS_NAME, Buffer.from(name, 'ascii')));
  const extensions = [
    critical(EXTENSIONS.basicConstraints, sequence()),
    critical(EXTENSIONS.keyUsage, USAGE_OF_SERVER),
    extension(EXTENSIONS.extendedKeyUsage, sequence(SERVER_AUTH)),
    extension(EXTENSIONS.subjectAlternativeName, sequence(...names)),
    extension(EXTENSIONS.authorityKeyIdentifier, sequence(implicit(0, keyIdentifier(publicKeyOf(ca))))),
  ];
  const subject = { name: SERVING_COMMON_NAME, publicKey: keys.publicKey };
  return { certificate: signed(subject, validity, extensions, ca.key), key: keys.privateKey };
}

interface Keys {
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Buffer;
  /** PKCS #8, PEM. */
  readonly privateKey: string;
}

function generateKeys(): Keys {
  return generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}

function publicKeyOf({ certificate }: KeyPair): Buffer {
  return createPublicKey(certificate).export({ type: 'spki', format: 'der' });
}

/** How a certificate names the key that signed it: RFC 7093, section 2, method 4. */
function keyIdentifier(publicKey: Buffer): Buffer {
  return sha256(publicKey).subarray(0, 20);
}

function extension(name: Buffer, content: Buffer): Buffer {
  return sequence(name, octetString(content));
}

/** Who does not understand it must refuse the certificate. */
function critical(name: Buffer, content: Buffer): Buffer {
  return sequence(name, boolean(true), octetString(content));
}

/** The certificate of `subject`, PEM. Every issuer here is a CA of ours, so its name is known. */
function signed(
  subject: { readonly name: string; readonly publicKey: Buffer },
  { notBefore, notAfter }: Validity,
  extensions: readonly Buffer[],
  signingKey: string,
): string {
  const body = sequence(
    VERSION_3,
    serialNumber(),
    ECDSA_WITH_SHA256,
    nameOf(CA_COMMON_NAME),
    sequence(time(notBefore), time(notAfter)),
    nameOf(subject.name),
    subject.publicKey,
    explicit(3, sequence(...extensions)),
  );
  return pem(sequence(body, ECDSA_WITH_SHA256, bitString(sign('sha256', body, signingKey))));
}

function nameOf(commonName: string): Buffer {
  return sequence(set(sequence(COMMON_NAME, utf8String(commonName))));
}

/** Positive, unique, and at most 20 octets long, as RFC 5280 asks: the first octet keeps it from being negative or padded. */
function serialNumber(): Buffer {
  return integer(Buffer.concat([Buffer.from([1]), randomBytes(15)]));
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(new RegExp(`.{1,${PEM_LINE_LENGTH}}`, 'g')) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
