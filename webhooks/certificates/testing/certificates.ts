/** Certificates for tests, made as the operator makes them. */
import { carryOut } from '../carry-out.ts';
import { decideCertificates, type CertificateDecision } from '../decide.ts';
import { LIFETIMES } from '../lifetimes.ts';
import type { ServiceName } from '../names.ts';
import { readSecretData, type StoredCertificates } from '../stored.ts';

export const SERVICE: ServiceName = { namespace: 'mcp-system', name: 'mcp-operator-webhook' };
export const START = new Date('2026-01-01T00:00:00Z');
export const SECOND_MS = 1_000;
export const HOUR_MS = 3_600 * SECOND_MS;
export const DAY_MS = 24 * HOUR_MS;

/** What is stored before anything is. */
export const NOTHING: StoredCertificates = readSecretData();

/** @returns the moment that long after {@link START}. */
export function at(ms: number): Date {
  return new Date(START.getTime() + ms);
}

/** @returns what an operator that starts at `now` stores first. */
export function fresh(now: Date = START, service: ServiceName = SERVICE): StoredCertificates {
  return carryOut({ kind: 'startAnew', reason: '' }, NOTHING, { service, lifetimes: LIFETIMES, now });
}

/** Decides for {@link SERVICE}. */
export function decide(stored: StoredCertificates, now: Date, publishedForMs?: number): CertificateDecision {
  return decideCertificates({ stored, now, publishedForMs, service: SERVICE, lifetimes: LIFETIMES });
}

/** @returns what is stored after the step that is due. A test that expects none fails here. */
export function step(stored: StoredCertificates, now: Date, publishedForMs?: number): StoredCertificates {
  const decision = decide(stored, now, publishedForMs);
  if (decision.kind === 'keep') throw new Error('no step is due');
  return carryOut(decision, stored, { service: SERVICE, lifetimes: LIFETIMES, now });
}
