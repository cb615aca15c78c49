import { expect, it } from 'vitest';
import { claimedSpec, isHeldByAnother, releasedSpec, type LeaseSpec } from './lease.ts';

const now = new Date(Date.UTC(2026, 0, 1));
const time = '2026-01-01T00:00:00.000000Z';
const held: LeaseSpec = {
  holderIdentity: 'me',
  leaseDurationSeconds: 15,
  acquireTime: 'then',
  renewTime: 'then',
  leaseTransitions: 3,
};

it.each<[string, LeaseSpec | undefined, object]>([
  ['a new lease', undefined, { acquireTime: time, leaseTransitions: 0 }],
  ['a renewal', held, { acquireTime: 'then', leaseTransitions: 3 }],
  ['a change of holder', { ...held, holderIdentity: 'other' }, { acquireTime: time, leaseTransitions: 4 }],
  ['a released lease', { ...held, holderIdentity: '' }, { acquireTime: time, leaseTransitions: 4 }],
])('%s', (_name, current, expected) => {
  expect(claimedSpec(current, 'me', 15, now)).toEqual({
    holderIdentity: 'me',
    leaseDurationSeconds: 15,
    renewTime: time,
    ...expected,
  });
});

it('is released for the next one to take at once', () => {
  expect(releasedSpec(held, now)).toMatchObject({
    holderIdentity: '',
    leaseDurationSeconds: 1,
    leaseTransitions: 3,
  });
});

it.each<[string, LeaseSpec | undefined, number, boolean]>([
  ['nothing', undefined, 0, false],
  ['our own', held, 0, false],
  ['released', { ...held, holderIdentity: '' }, 0, false],
  ["another's, renewed a moment ago", { ...held, holderIdentity: 'other' }, 14_999, true],
  ["another's, not renewed for its duration", { ...held, holderIdentity: 'other' }, 15_000, false],
])('held by another: %s', (_name, lease, unchangedForMs, expected) => {
  expect(isHeldByAnother(lease, 'me', unchangedForMs)).toBe(expected);
});
