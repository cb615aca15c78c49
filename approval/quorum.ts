/** How many approvals a request needs. */
import type { Derived } from './request.ts';

/**
 * @returns the quorum of the policies; one more when it is not known who changed the target, so that one of the deciders may well have, and duties
 * are to be separated. 0 without a policy, and for what runs without a human.
 */
export function quorumNeeded({
  policy,
  unknownInitiators,
}: Pick<Derived, 'policy' | 'unknownInitiators'>): number {
  if (policy === undefined || policy.auto) return 0;
  return policy.quorum.approvals + (policy.separationOfDuties && unknownInitiators ? 1 : 0);
}
