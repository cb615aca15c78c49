/**
 * Gathers the decisions on a request as facts: what admission stamped, and everything that is asked again when they are counted. The operator
 * and the executor each do this for themselves.
 */
import type { ApprovalDecision } from '../../api/index.ts';
import {
  decisionName,
  isServiceAccount,
  personOf,
  type AdmissionInterval,
  type ApprovalRow,
  type DecisionFact,
} from '../../approval/index.ts';
import type { Authority } from './authority.ts';
import { protectionAt } from './protection.ts';

/** Where facts come from. */
export interface DecisionSources {
  /** Every decision in the namespace of the request that names it. */
  readonly decisions: readonly ApprovalDecision[];
  readonly authority: Authority;
  /** Times in which admission was whole, from before the first of them. */
  readonly admission: readonly AdmissionInterval[];
  /** The setting `approval.personKey`. */
  readonly personKey: string;
}

/** What was gathered. */
export interface GatheredDecisions {
  readonly facts: readonly DecisionFact[];
  /** The newest decision of which it is not known yet whether admission was whole: look again after {@link knownFromMs} of its time. */
  readonly unsettled: string | undefined;
}

/** Who was asked about as one person at the same time is bounded by who may decide at all; one after the other is fast enough. */
export async function gatherDecisions(
  row: ApprovalRow,
  { decisions, authority, admission, personKey }: DecisionSources,
  signal: AbortSignal,
): Promise<GatheredDecisions> {
  const facts: DecisionFact[] = [];
  let unsettled: string | undefined;
  for (const decision of decisions) {
    const at = timeOf(decision);
    const isProtected = protectionAt(admission, at);
    if (isProtected === undefined && (unsettled === undefined || at > unsettled)) unsettled = at;
    facts.push({
      ...factOf(decision, personKey, isProtected),
      isAuthorised: await isAuthorised(row, decision, { authority, isProtected }, signal),
    });
  }
  return { facts, unsettled };
}

/** @returns the time of the oldest decision: from when on admission matters. Undefined where there is none. */
export function oldestOf(decisions: readonly ApprovalDecision[]): string | undefined {
  return decisions.map(timeOf).toSorted()[0];
}

function timeOf({ metadata }: ApprovalDecision): string {
  return metadata.creationTimestamp ?? '';
}

interface Asked {
  readonly authority: Authority;
  readonly isProtected: boolean | undefined;
}

async function isAuthorised(
  { namespace, derived }: ApprovalRow,
  { spec }: ApprovalDecision,
  { authority, isProtected }: Asked,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  // Not known yet: an approval does not count meanwhile, and a denial or cancellation holds approvals back.
  if (isProtected === undefined) return undefined;
  if (spec.decidedBy === undefined || !isProtected) return false;
  const policies = (derived.policy?.policies ?? []).map(({ name }) => name);
  return authority.holds({ who: spec.decidedBy, verb: spec.verb, namespace, policies }, signal);
}

function factOf(
  decision: ApprovalDecision,
  personKey: string,
  isProtected: boolean | undefined,
): Omit<DecisionFact, 'isAuthorised'> {
  const { metadata, spec } = decision;
  const { username = '', groups = [], extra } = spec.decidedBy ?? {};
  const person = username === '' ? '' : personOf({ username, extra }, personKey);
  return {
    name: metadata.name,
    uid: metadata.uid ?? '',
    requestUid: spec.requestRef.uid,
    person,
    username,
    groups,
    isServiceAccount: isServiceAccount(username),
    verb: spec.verb,
    digest: spec.digest,
    reason: spec.reason,
    at: timeOf(decision),
    isStamped: isStamped(decision, person),
    isProtected: isProtected !== false,
  };
}

/** Its name is derived: a second decision of the same person with the same verb would need the same. */
function isStamped({ metadata, spec }: ApprovalDecision, person: string): boolean {
  const { decidedBy, decidedAt, admissionUID, requestRef, verb } = spec;
  if (decidedBy === undefined || decidedAt === undefined || admissionUID === undefined) return false;
  return metadata.name === decisionName(requestRef.uid, person, verb);
}
