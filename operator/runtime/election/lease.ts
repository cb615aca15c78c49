/** The Lease object that replicas compete for, and what may be concluded from it. Pure. */
import type { KubernetesObject } from '../object/object.ts';
import { microTime } from '../object/micro-time.ts';
import type { ResourceType } from '../object/resource.ts';

/** `coordination.k8s.io/v1` Lease. */
export interface Lease extends KubernetesObject {
  readonly spec?: LeaseSpec;
}

/** Who leads, as the API server stores it. Times are for people: nothing is concluded from another machine's clock. */
export interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  /** How often the holder changed: the fencing token for writes outside the cluster. */
  readonly leaseTransitions?: number;
}

export const LEASE_TYPE: ResourceType<Lease> = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
};

/** The spec with which `identity` takes or renews the lease that is `current`. */
export function claimedSpec(
  current: LeaseSpec | undefined,
  identity: string,
  durationSeconds: number,
  now: Date,
): LeaseSpec {
  const isRenewal = current?.holderIdentity === identity;
  const transitions = current?.leaseTransitions ?? 0;
  const time = microTime(now);
  return {
    holderIdentity: identity,
    leaseDurationSeconds: durationSeconds,
    acquireTime: isRenewal ? (current.acquireTime ?? time) : time,
    renewTime: time,
    leaseTransitions: isRenewal || current === undefined ? transitions : transitions + 1,
  };
}

/** The spec with which the holder lets go, so that the next one need not wait. */
export function releasedSpec(current: LeaseSpec, now: Date): LeaseSpec {
  const time = microTime(now);
  return { ...current, holderIdentity: '', leaseDurationSeconds: 1, acquireTime: time, renewTime: time };
}

/**
 * Whether somebody else holds the lease.
 * @param unchangedForMs how long the record has not changed, by our own clock.
 */
export function isHeldByAnother(
  lease: LeaseSpec | undefined,
  identity: string,
  unchangedForMs: number,
): boolean {
  const holder = lease?.holderIdentity ?? '';
  if (holder === '' || holder === identity) return false;
  return unchangedForMs < (lease?.leaseDurationSeconds ?? 0) * 1000;
}
