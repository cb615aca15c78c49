/**
 * Counts decisions. The same facts give the same tally in any order; the operator counts before it approves, and the executor counts again, from
 * the decisions themselves, before it executes.
 */
import type { DecisionFact, Disregard } from './decision.ts';
import { quorumNeeded } from './quorum.ts';
import type { ApprovalRow, CountedDecision, Person } from './request.ts';

/** What the decisions on a request come to. */
export interface Tally {
  /** Approvals that count. Those of ServiceAccounts never fill the quorum alone. */
  readonly have: number;
  readonly need: number;
  /** Required groups from which somebody is missing. */
  readonly missing: readonly string[];
  /** By time. */
  readonly counted: readonly CountedDecision[];
  readonly disregarded: readonly { readonly fact: DecisionFact; readonly why: Disregard }[];
  /** Nothing is wrong with them, but whether their persons may decide could not be asked. */
  readonly undecided: readonly DecisionFact[];
  /** Quorum and required groups, an override in time, or a policy that asks for no human. */
  readonly isMet: boolean;
  readonly denied: boolean;
  readonly cancelled: boolean;
  /** Somebody lifted quorum and freeze. */
  readonly overridden: boolean;
}

/** Counts against the row's own snapshot, digest and expiry; what a policy says by now changes nothing. */
export function countDecisions(row: ApprovalRow, facts: readonly DecisionFact[]): Tally {
  const { counted, disregarded, undecided } = sort(row, facts);
  const approvals = counted.filter(({ verb }) => verb === 'approve');
  const { have, need, missing } = quorumOf(row, approvals);
  const overrides = counted.filter(({ verb }) => verb === 'override');
  const policy = row.derived.policy;
  const denials = counted.filter(({ verb }) => verb === 'deny').length;
  return {
    have,
    need,
    missing,
    counted: counted.map(countedDecision),
    disregarded,
    undecided,
    isMet:
      policy !== undefined &&
      (policy.auto ||
        (have >= need && missing.length === 0) ||
        overrides.some((fact) => isInTime(row, fact))),
    denied: policy !== undefined && denials >= policy.quorum.denials,
    cancelled: counted.some(({ verb }) => verb === 'cancel'),
    overridden: overrides.length > 0,
  };
}

interface Sorted {
  readonly counted: readonly DecisionFact[];
  readonly disregarded: Tally['disregarded'];
  readonly undecided: readonly DecisionFact[];
}

function sort(row: ApprovalRow, facts: readonly DecisionFact[]): Sorted {
  const judged = facts.toSorted(byTime).map((fact) => ({ fact, why: whyDisregarded(row, fact) }));
  const sound = judged.filter(({ why }) => why === undefined).map(({ fact }) => fact);
  const first = sound.filter(
    (fact, index) => index === sound.findIndex((other) => isRepetition(fact, other)),
  );
  const known = first.filter((fact) => mayDecide(row, fact) === true);
  const counted = known.filter((fact) => !isTakenBack(fact, known));
  const because = (some: readonly DecisionFact[], without: readonly DecisionFact[], why: Disregard) =>
    some.filter((fact) => !without.includes(fact)).map((fact) => ({ fact, why }));
  return {
    counted,
    disregarded: [
      ...judged.flatMap(({ fact, why }) => (why === undefined ? [] : [{ fact, why }])),
      ...because(sound, first, 'Repeated'),
      ...because(known, counted, 'TakenBack'),
    ],
    undecided: first.filter((fact) => mayDecide(row, fact) === undefined),
  };
}

function byTime(one: DecisionFact, other: DecisionFact): number {
  return Date.parse(one.at) - Date.parse(other.at) || (one.uid < other.uid ? -1 : 1);
}

function isRepetition(one: DecisionFact, other: DecisionFact): boolean {
  return one.verb === other.verb && isSamePerson(one, other);
}

/** One account may come with the key that names persons and without it, as by another way to log in: that makes no two persons of it. */
function isSamePerson(one: Pick<Person, 'person' | 'username'>, other: Pick<Person, 'person' | 'username'>) {
  return one.person === other.person || (one.username !== '' && one.username === other.username);
}

/** Somebody who denies as well no longer approves; time does not matter, so that no order of two decisions does. */
function isTakenBack(fact: DecisionFact, known: readonly DecisionFact[]): boolean {
  const isApproval = fact.verb === 'approve' || fact.verb === 'override';
  return isApproval && known.some((other) => other.verb === 'deny' && isSamePerson(other, fact));
}

/** The first that applies. A decision about which something could not be asked is not disregarded. */
function whyDisregarded(row: ApprovalRow, fact: DecisionFact): Disregard | undefined {
  const reasons: readonly (readonly [Disregard, boolean])[] = [
    ['OtherRequest', fact.requestUid !== row.requestUid],
    // Nobody is the same person as somebody without a name.
    ['NotStamped', !fact.isStamped || fact.person === ''],
    ['UnprotectedAdmission', !fact.isProtected],
    ['DigestMismatch', fact.digest !== row.derived.digest],
    ['SeparationOfDuties', isOwnCause(row, fact)],
    ['ServiceAccount', isUnlistedServiceAccount(row, fact)],
    ['ReasonMissing', lacksReason(row, fact)],
    ['TooLate', !isInTime(row, fact) && !isLateButLawful(row, fact)],
    ['NotAuthorised', mayDecide(row, fact) === false],
  ];
  return reasons.find(([, applies]) => applies)?.[0];
}

function isOwnCause({ derived }: ApprovalRow, fact: DecisionFact): boolean {
  return (
    fact.verb !== 'cancel' &&
    derived.policy?.separationOfDuties === true &&
    [derived.requestedBy, ...derived.initiators].some((other) => isSamePerson(other, fact))
  );
}

/** A listed one helps with a quorum; to override takes a human. */
function isUnlistedServiceAccount({ derived }: ApprovalRow, fact: DecisionFact): boolean {
  if (!fact.isServiceAccount) return false;
  return fact.verb === 'override' || derived.policy?.allowServiceAccounts.includes(fact.username) !== true;
}

function lacksReason({ derived }: ApprovalRow, { verb, reason }: DecisionFact): boolean {
  const required = derived.policy?.requireReason;
  return verb !== 'cancel' && required?.[verb] === true && reason.trim() === '';
}

/** Before the request expired. */
function isInTime({ derived }: ApprovalRow, { at }: DecisionFact): boolean {
  return derived.expiresAt === undefined || Date.parse(at) < Date.parse(derived.expiresAt);
}

/** An approved request can be denied, cancelled, and freed of its freeze until it is executed; approved once more it cannot be. */
function isLateButLawful({ executeBefore, phase }: ApprovalRow, { at, verb }: DecisionFact): boolean {
  if (phase === 'Pending' || verb === 'approve') return false;
  return executeBefore === undefined || Date.parse(at) < Date.parse(executeBefore);
}

/** Who asked may cancel, once it is known that it was they. Without a policy nobody holds a verb on it. */
function mayDecide({ derived }: ApprovalRow, fact: DecisionFact): boolean | undefined {
  const { verb, isAuthorised } = fact;
  if (verb === 'cancel' && isSamePerson(derived.requestedBy, fact))
    return isAuthorised === undefined ? undefined : true;
  return derived.policy === undefined ? false : isAuthorised;
}

function quorumOf(
  { derived }: ApprovalRow,
  approvals: readonly DecisionFact[],
): Pick<Tally, 'have' | 'need' | 'missing'> {
  const need = quorumNeeded(derived);
  const humans = approvals.filter(({ isServiceAccount }) => !isServiceAccount);
  const machines = approvals.length - humans.length;
  const required = derived.policy?.auto === false ? derived.policy.required : [];
  return {
    have: humans.length + Math.min(machines, Math.max(need - 1, 0)),
    need,
    missing: required
      .filter(({ group, count }) => humans.filter(({ groups }) => groups.includes(group)).length < count)
      .map(({ group }) => group),
  };
}

function countedDecision({ name, uid, person, verb, at, reason }: DecisionFact): CountedDecision {
  return { name, uid, person, verb, at, reason };
}
