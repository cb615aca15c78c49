import { describe, expect, it } from 'vitest';
import { createAuthority } from '../../hack/cluster/pki.ts';
import { LIFETIMES } from './lifetimes.ts';
import type { StoredCertificates } from './stored.ts';
import {
  at,
  DAY_MS,
  decide,
  fresh,
  HOUR_MS,
  NOTHING,
  SECOND_MS,
  SERVICE,
  START,
  step,
} from './testing/certificates.ts';

const { caMs, servingMs, propagationMs, overlapMs } = LIFETIMES;
const SERVING_DUE_MS = (servingMs / 3) * 2;
const CA_DUE_MS = (caMs / 3) * 2;
const SPOILT = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';

const stored = fresh();
const other = fresh();
const otherName = fresh(START, { ...SERVICE, name: 'another' });
const otherNamespace = fresh(START, { ...SERVICE, namespace: 'another' });
/** On the day on which the CA is due, with a serving certificate of a day before. */
const aged = { ...stored, ...servingOf(step({ ...stored, cert: '' }, at(CA_DUE_MS - DAY_MS))) };
const rotating = step(aged, at(CA_DUE_MS));
const switched = step(rotating, at(CA_DUE_MS + HOUR_MS), propagationMs);

function servingOf({ cert, key }: StoredCertificates): Pick<StoredCertificates, 'cert' | 'key'> {
  return { cert, key };
}

describe('what is stored works', () => {
  it.each<[string, StoredCertificates, number, number]>([
    ['looks again within the hour', stored, 0, HOUR_MS],
    [
      'looks again when the serving certificate is due',
      stored,
      SERVING_DUE_MS - 5 * SECOND_MS,
      5 * SECOND_MS,
    ],
    ['looks again when the CA is due', aged, CA_DUE_MS - 5 * SECOND_MS, 5 * SECOND_MS],
    ['bears a clock an hour behind the one that issued', stored, -HOUR_MS, HOUR_MS],
    [
      'keeps the old CA until every replica serves what the new one signed',
      switched,
      CA_DUE_MS + HOUR_MS + overlapMs - 5 * SECOND_MS,
      5 * SECOND_MS,
    ],
  ])('%s', (_reason, kept, afterMs, lookAgainMs) => {
    expect(decide(kept, at(afterMs), 0)).toEqual({ kind: 'keep', lookAgainMs });
  });
});

describe('the serving certificate is replaced, by the CA that is there', () => {
  it.each<[string, StoredCertificates, number, string]>([
    ['two thirds of its life are over', stored, SERVING_DUE_MS, 'two thirds of its life are over'],
    ['it has expired', stored, servingMs, 'it has expired, or is yet to begin'],
    [
      'it is yet to begin',
      { ...stored, ...servingOf(step({ ...stored, cert: '' }, at(DAY_MS))) },
      0,
      'it has expired, or is yet to begin',
    ],
    ['there is none', { ...stored, cert: '' }, 0, 'there is none yet'],
    ['its key is missing', { ...stored, key: '' }, 0, 'there is none yet'],
    ['it cannot be read', { ...stored, cert: SPOILT }, 0, 'it cannot be read'],
    ['it is no certificate', { ...stored, cert: stored.key }, 0, 'it cannot be read'],
    ['its key cannot be read', { ...stored, key: 'secret' }, 0, 'its key cannot be read'],
    ["it has another's key", { ...stored, key: other.key }, 0, 'its key is that of another certificate'],
    ["another's CA signed it", { ...stored, ...servingOf(other) }, 0, 'no stored CA has signed it'],
    ['it is for another Service', { ...otherName }, 0, 'it is not for mcp-operator-webhook.mcp-system.svc'],
    [
      'it is for another namespace',
      { ...otherNamespace },
      0,
      'it is not for mcp-operator-webhook.mcp-system.svc',
    ],
    [
      'it is a CA',
      { ...stored, cert: stored.ca, key: stored.caKey },
      0,
      'it is not for mcp-operator-webhook.mcp-system.svc',
    ],
    ['it was spoilt while the CA changes', { ...rotating, cert: SPOILT }, CA_DUE_MS, 'it cannot be read'],
  ])('because %s', (_reason, damaged, afterMs, reason) => {
    const decision = decide(damaged, at(afterMs));
    expect(decision).toMatchObject({ kind: 'issueServing', reason });
    const mended = step(damaged, at(afterMs));
    expect(mended).toMatchObject({ ca: damaged.ca, caKey: damaged.caKey });
    expect(decide(mended, at(afterMs))).toMatchObject({ kind: 'keep' });
  });
});

describe('the CA is replaced, with the old one beside it, while the serving certificate works', () => {
  it.each<[string, StoredCertificates, number]>([
    ['two thirds of its life are over', aged, CA_DUE_MS],
    ['its key is missing, as after cert-manager', { ...stored, caKey: '' }, 0],
    ['its key cannot be read', { ...stored, caKey: 'secret' }, 0],
    ['its key is that of another CA', { ...stored, caKey: other.caKey }, 0],
    [
      'its key is missing, and the bundle has a line that cannot be read',
      { ...stored, ca: SPOILT + stored.ca, caKey: '' },
      0,
    ],
  ])('because %s', (_reason, damaged, afterMs) => {
    expect(decide(damaged, at(afterMs))).toMatchObject({ kind: 'rotateCA', keep: stored.ca });
    const next = step(damaged, at(afterMs));
    expect(next).toMatchObject(servingOf(damaged));
    expect(next.ca.startsWith(stored.ca)).toBe(true);
    expect(next.ca.match(/BEGIN/g)).toHaveLength(2);
    expect(next.caKey).not.toBe(damaged.caKey);
    expect(decide(next, at(afterMs))).toMatchObject({ kind: 'keep' });
  });
});

describe('everything is replaced at once, where nothing works', () => {
  it.each<[string, StoredCertificates, number]>([
    ['nothing is stored', NOTHING, 0],
    ['there is no CA', { ...stored, ca: '' }, 0],
    ['the CA cannot be read', { ...stored, ca: SPOILT }, 0],
    ['the only CA is another', { ...stored, ca: other.ca }, 0],
    ['a certificate that is no CA stands in its place', { ...stored, ca: stored.cert, caKey: stored.key }, 0],
    ['the CA has expired', stored, caMs],
    [
      'the CA is yet to begin: the clock that issued was wrong by more than an hour',
      stored,
      -HOUR_MS - SECOND_MS,
    ],
    ['the CA is due, and the serving certificate has expired', stored, CA_DUE_MS],
    ['neither key is there', { ...stored, key: '', caKey: '' }, 0],
  ])('because %s', (_reason, damaged, afterMs) => {
    expect(decide(damaged, at(afterMs))).toMatchObject({ kind: 'startAnew' });
    const next = step(damaged, at(afterMs));
    expect(next.ca.match(/BEGIN/g)).toHaveLength(1);
    expect(decide(next, at(afterMs))).toMatchObject({ kind: 'keep' });
  });

  it('because the CA is one that we did not make, whose names we cannot know', async () => {
    const { certificate, key } = await createAuthority('somebody', START);
    expect(decide({ ...stored, ca: certificate, caKey: key }, START)).toMatchObject({ kind: 'startAnew' });
  });
});

describe('a new CA signs', () => {
  it.each<[string, number | undefined, object]>([
    ['not while a configuration does not trust it', undefined, { kind: 'keep', lookAgainMs: HOUR_MS }],
    ['not at once: an API server may not know yet', 0, { kind: 'keep', lookAgainMs: propagationMs }],
    ['not a second too early', propagationMs - SECOND_MS, { kind: 'keep', lookAgainMs: SECOND_MS }],
    ['when every API server knows', propagationMs, { kind: 'issueServing' }],
  ])('%s', (_reason, publishedForMs, decision) => {
    expect(decide(rotating, at(CA_DUE_MS), publishedForMs)).toMatchObject(decision);
  });

  it('and its predecessor stays until every replica serves that', () => {
    const end = at(CA_DUE_MS + HOUR_MS + overlapMs);
    expect(switched.ca).toBe(rotating.ca);
    expect(decide(switched, end)).toMatchObject({ kind: 'dropCA' });
    const settled = step(switched, end);
    expect(settled).toMatchObject({ ...servingOf(switched), caKey: rotating.caKey });
    expect(rotating.ca).toBe(stored.ca + settled.ca);
    expect(decide(settled, end)).toEqual({ kind: 'keep', lookAgainMs: HOUR_MS });
  });

  it('as does a CA that nobody asked for, and no longer', () => {
    const more = { ...stored, ca: stored.ca + other.ca };
    expect(decide(more, START)).toMatchObject({ kind: 'keep' });
    expect(step(more, at(overlapMs))).toEqual(stored);
  });
});

it('says why in words that hold no key', () => {
  const reasons = [
    decide(NOTHING, START),
    decide({ ...stored, key: other.key }, START),
    decide(aged, at(CA_DUE_MS)),
  ];
  expect(JSON.stringify(reasons)).not.toContain('PRIVATE');
});
