/**
 * What to do about the webhook certificates: one step, from what is stored and what the time is. Each step leaves a Secret from
 * which the next one follows, so whoever leads after a crash goes on where the last leader stopped.
 *
 * A new CA takes five steps: it is stored beside the old one; the configurations are told to trust both; when every API server
 * knows, it signs the next serving certificate; when every replica serves that, the old CA is dropped; the configurations are told so.
 */
import type { X509Certificate } from 'node:crypto';
import type { Lifetimes } from './lifetimes.ts';
import type { ServiceName } from './names.ts';
import {
  holdsAt,
  issuerAmong,
  readServing,
  signerAmong,
  trustedCAs,
  type StoredCertificates,
} from './stored.ts';

/** Everything a decision depends on. */
export interface CertificateInput {
  readonly stored: StoredCertificates;
  /** For how long every configuration has been seen to trust exactly the stored CAs; undefined when one does not. */
  readonly publishedForMs: number | undefined;
  readonly now: Date;
  readonly service: ServiceName;
  readonly lifetimes: Lifetimes;
}

/** The next step. CAs are PEM. */
export type CertificateDecision =
  /** Nothing, until something changes or that much time has passed. */
  | { readonly kind: 'keep'; readonly lookAgainMs: number }
  /** A serving certificate from `ca`, whose key is stored. */
  | { readonly kind: 'issueServing'; readonly ca: string; readonly reason: string }
  /** A new CA beside `keep`, which the serving certificate in use needs. */
  | { readonly kind: 'rotateCA'; readonly keep: string; readonly reason: string }
  /** A new CA and a new serving certificate in the place of everything: nothing that is stored works. */
  | { readonly kind: 'startAnew'; readonly reason: string }
  /** No other CA but `keep`. */
  | { readonly kind: 'dropCA'; readonly keep: string; readonly reason: string };

/** A serving certificate that works, and the CA that makes it work. */
interface Serving {
  readonly certificate: X509Certificate;
  readonly issuer: X509Certificate;
}

/** Timers follow a clock that nobody sets, certificates one that people do: so no timer is longer than this. */
const MAX_LOOK_AGAIN_MS = 3_600_000;
const DUE = 'two thirds of its life are over';

/** @see module header. Pure. */
export function decideCertificates(input: CertificateInput): CertificateDecision {
  const { stored, now, lifetimes } = input;
  const cas = trustedCAs(stored, now);
  const serving = workingServing(cas, input);
  const signer = signerAmong(cas, stored);
  if (signer === undefined) return replaceCA(serving, 'none is stored that holds and has its key');
  const caDueMs = msUntilDue(signer, lifetimes.caMs, now);
  if (caDueMs <= 0) return replaceCA(serving, DUE);
  const ca = signer.toString();
  if (typeof serving === 'string') return { kind: 'issueServing', ca, reason: serving };
  if (serving.issuer !== signer) return changeSigner(ca, input);
  const servingDueMs = msUntilDue(serving.certificate, lifetimes.servingMs, now);
  if (servingDueMs <= 0) return { kind: 'issueServing', ca, reason: DUE };
  const dueMs = Math.min(caDueMs, servingDueMs);
  if (cas.length === 1) return keepFor(dueMs);
  const overlapMs = msUntilOverlapEnds(serving.certificate, input);
  if (overlapMs > 0) return keepFor(Math.min(dueMs, overlapMs));
  return { kind: 'dropCA', keep: ca, reason: 'every replica serves what its successor signed' };
}

/** @returns the serving certificate if API servers accept it now, else why they do not. */
function workingServing(
  cas: readonly X509Certificate[],
  { stored, now, service }: CertificateInput,
): Serving | string {
  const certificate = readServing(stored, service);
  if (typeof certificate === 'string') return certificate;
  if (!holdsAt(certificate, now)) return 'it has expired, or is yet to begin';
  const issuer = issuerAmong(cas, certificate);
  return issuer === undefined ? 'no stored CA has signed it' : { certificate, issuer };
}

/** Where nothing works there is nothing to protect, and no reason to go slowly. */
function replaceCA(serving: Serving | string, reason: string): CertificateDecision {
  if (typeof serving === 'string') return { kind: 'startAnew', reason };
  return { kind: 'rotateCA', keep: serving.issuer.toString(), reason };
}

/** Once every API server trusts the new CA, and not before. */
function changeSigner(ca: string, { publishedForMs, lifetimes }: CertificateInput): CertificateDecision {
  if (publishedForMs === undefined) return keepFor(MAX_LOOK_AGAIN_MS);
  const waitMs = lifetimes.propagationMs - publishedForMs;
  if (waitMs > 0) return keepFor(waitMs);
  return { kind: 'issueServing', ca, reason: 'its CA has a successor, which every API server trusts' };
}

function keepFor(ms: number): CertificateDecision {
  return { kind: 'keep', lookAgainMs: Math.min(ms, MAX_LOOK_AGAIN_MS) };
}

/** Until a third of `lifetimeMs` is left: an age of two thirds, and a certificate that was made for less is due at once. */
function msUntilDue({ validToDate }: X509Certificate, lifetimeMs: number, now: Date): number {
  return validToDate.getTime() - lifetimeMs / 3 - now.getTime();
}

function msUntilOverlapEnds(
  { validFromDate }: X509Certificate,
  { lifetimes, now }: CertificateInput,
): number {
  return validFromDate.getTime() + lifetimes.backdateMs + lifetimes.overlapMs - now.getTime();
}
