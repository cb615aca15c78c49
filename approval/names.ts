/** Names of requests and decisions: derived, so that asking or deciding the same twice meets the object that is there. */
import { digest } from '../core/canonical-json.ts';
import type { Action } from './action.ts';
import type { DecisionVerb } from './request.ts';

const DIGEST_DIGITS = 12;
const DECISION_DIGITS = 32;
/** Leaves room in the 253 characters of a name for kind, digest and attempt. */
const MAX_TARGET_LENGTH = 200;
const ALGORITHM = 'sha256:';

/** @returns `remediate-<target>-<12 digits of the digest>-<attempt>`, and so on for the other kinds. */
export function requestName(
  { kind, target }: Pick<Action, 'kind' | 'target'>,
  digestOfRequest: string,
  attempt: number,
): string {
  const name = target.name.slice(0, MAX_TARGET_LENGTH).replace(/[-.]+$/, '');
  return `${kind.toLowerCase()}-${name}-${digits(digestOfRequest, DIGEST_DIGITS)}-${attempt}`;
}

/** @returns the only name that a decision of this person with this verb on this request may have. */
export function decisionName(requestUid: string, person: string, verb: DecisionVerb): string {
  return `${verb}-${digits(digest([requestUid, person, verb]), DECISION_DIGITS)}`;
}

function digits(text: string, count: number): string {
  return text.slice(ALGORITHM.length, ALGORITHM.length + count);
}
