/**
 * Whether a person may decide so on this request, as far as request, person and clock tell: pure. The same is asked again when decisions are
 * counted; here the person hears at once what is wrong.
 */
import type { ApprovalDecisionSpec, ApprovalRequest, DecisionVerb } from '../../api/index.ts';
import { decisionName, isServiceAccount, personOf } from '../../approval/index.ts';
import { canonicalJson } from '../../core/canonical-json.ts';
import type { UserInfo } from '../admission/review.ts';
import { decidedBy, systemAccount } from './identity.ts';
import type { Refusal } from './refusal.ts';

/** Everything that it takes. */
export interface DecisionQuestion {
  /** Of the ApprovalDecision. */
  readonly name: string;
  readonly spec: ApprovalDecisionSpec;
  /** The request of that name as it is now; undefined where there is none. */
  readonly request: ApprovalRequest | undefined;
  readonly user: UserInfo;
  readonly personKey: string;
  readonly now: Date;
}

type Known = DecisionQuestion & {
  readonly request: ApprovalRequest;
  readonly derived: NonNullable<NonNullable<ApprovalRequest['status']>['derived']>;
};

/** Between the clocks of two replicas, and the two calls of one admission. */
const MAX_SKEW_MS = 60_000;

/** @returns why the decision is refused, with the fix; undefined when nothing but authority is left to be asked. */
export function refusalOfDecision(question: DecisionQuestion): Refusal | undefined {
  return refusalOfForm(question) ?? refusalOfContent(question);
}

/** @returns the policies on which the person must hold the verb: none where the person takes back what is their own. */
export function policiesToAsk({ spec, request, user, personKey }: DecisionQuestion): readonly string[] {
  const derived = request?.status?.derived;
  if (derived === undefined) return [];
  if (spec.verb === 'cancel' && isRequester(derived, user, personKey)) return [];
  return derived.policy?.policies.map(({ name }) => name) ?? [];
}

/** Which request, under which name, by whom. */
function refusalOfForm({ name, spec, request, user, personKey, now }: DecisionQuestion): Refusal | undefined {
  const { requestRef, verb } = spec;
  if (request === undefined)
    return [
      'NotFound',
      `spec.requestRef.name: there is no ApprovalRequest ${requestRef.name} in this namespace`,
    ];
  if (request.metadata.uid !== requestRef.uid)
    return [
      'OtherRequest',
      `spec.requestRef.uid: ApprovalRequest ${requestRef.name} has the uid ${request.metadata.uid}; it is another one than was looked at: look at it again`,
    ];
  if (!isStamped(spec, user, now))
    return [
      'NotStamped',
      'spec.decidedBy, decidedAt and admissionUID are written by admission, and were not, or another webhook overwrote them: have the administrator run helm upgrade again',
    ];
  const expected = decisionName(requestRef.uid, personOf(user, personKey), verb);
  if (name !== expected)
    return [
      'WrongName',
      `metadata.name must be ${expected}: leave it out and set metadata.generateName, such as ${verb}-`,
    ];
  return undefined;
}

function isStamped(
  { decidedBy: stamped, decidedAt = '', admissionUID = '' }: ApprovalDecisionSpec,
  user: UserInfo,
  now: Date,
): boolean {
  return (
    canonicalJson(stamped ?? null) === canonicalJson(decidedBy(user)) &&
    Math.abs(Date.parse(decidedAt) - now.getTime()) <= MAX_SKEW_MS &&
    admissionUID !== ''
  );
}

function refusalOfContent(question: DecisionQuestion): Refusal | undefined {
  const { request } = question;
  const derived = request?.status?.derived;
  if (request === undefined || derived === undefined)
    return [
      'NotDerived',
      'the operator has not worked out yet what this request would do: wait until it shows a digest',
    ];
  const known = { ...question, request, derived };
  return RULES.reduce<Refusal | undefined>((refusal, rule) => refusal ?? rule(known), undefined);
}

type Rule = (known: Known) => Refusal | undefined;

const byAPerson: Rule = ({ user, derived, spec }) => {
  const problem = systemAccount(user, derived.policy?.allowServiceAccounts ?? []);
  if (problem !== undefined) return ['SystemAccount', problem];
  if (spec.verb !== 'override' || !isServiceAccount(user.username)) return undefined;
  return ['SystemAccount', `${user.username} is a ServiceAccount: only a person may override`];
};

const ofWhatWasSeen: Rule = ({ spec, derived }) =>
  spec.digest === derived.digest
    ? undefined
    : [
        'DigestMismatch',
        `spec.digest is not that of the request, ${derived.digest}: look at what it would do (kubectl describe apr ${spec.requestRef.name}), and decide on that`,
      ];

const whileOpen: Rule = ({ spec: { verb }, request }) => {
  const phase = request.status?.phase ?? 'Pending';
  if (phase === 'Pending' || (phase === 'Approved' && verb !== 'approve')) return undefined;
  const what = phase === 'Executing' ? 'it is being executed and can no longer be stopped' : `it is ${phase}`;
  return ['Closed', `nothing can be decided any more on ApprovalRequest ${request.metadata.name}: ${what}`];
};

const inTime: Rule = ({ request: { metadata, status }, derived, now }) => {
  const end = status?.phase === 'Approved' ? status.executeBefore : derived.expiresAt;
  if (end === undefined || now.getTime() < Date.parse(end)) return undefined;
  return ['Expired', `ApprovalRequest ${metadata.name} expired at ${end}: ask again`];
};

const byAPolicy: Rule = ({ derived, spec, user, personKey }) => {
  if (derived.policy !== undefined || (spec.verb === 'cancel' && isRequester(derived, user, personKey)))
    return undefined;
  return [
    'NoPolicy',
    'no ApprovalPolicy matches this request, so that nobody may decide on it: have the administrator create one',
  ];
};

const notByWhoWantsIt: Rule = ({ derived, spec: { verb }, user, personKey }) => {
  if (verb === 'cancel' || derived.policy?.separationOfDuties === false) return undefined;
  if (isRequester(derived, user, personKey))
    return [
      'SeparationOfDuties',
      `you asked for this, so that somebody else must ${verb}; you may cancel it`,
    ];
  if (derived.initiators.some((each) => isSame(each, user, personKey)))
    return [
      'SeparationOfDuties',
      `you changed the target since its last approved change, so that somebody else must ${verb}`,
    ];
  return undefined;
};

const withReason: Rule = ({ derived, spec: { verb, reason } }) => {
  const isRequired = verb !== 'cancel' && derived.policy?.requireReason[verb] === true;
  return isRequired && reason.trim() === ''
    ? ['ReasonMissing', `spec.reason: the policies of this request want to know why you ${verb}`]
    : undefined;
};

/** The first that refuses is what the person hears. */
const RULES: readonly Rule[] = [
  byAPerson,
  ofWhatWasSeen,
  whileOpen,
  inTime,
  byAPolicy,
  notByWhoWantsIt,
  withReason,
];

function isRequester({ requestedBy }: Known['derived'], user: UserInfo, personKey: string): boolean {
  return isSame(requestedBy, user, personKey);
}

/** The same account is the same person, whatever it is called else: stamps know usernames alone. */
function isSame(
  { person, username }: Known['derived']['requestedBy'],
  user: UserInfo,
  personKey: string,
): boolean {
  return person === personOf(user, personKey) || username === user.username;
}

/** @returns the refusal of somebody who does not hold the verb. */
export function notAuthorised(
  verb: DecisionVerb,
  policies: readonly string[],
  { username }: UserInfo,
): Refusal {
  const names = policies.map((name) => `approvalpolicies/${name}`).join(', ');
  return [
    'NotAuthorised',
    `${username} does not hold the verb ${verb} on ${names} in this namespace: kubectl auth can-i ${verb} approvalpolicies/${policies[0] ?? ''} tells, kilo-mcp who-can names those who do`,
  ];
}
