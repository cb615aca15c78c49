/** `status.derived` of an ApprovalRequest: what would be done, by which policies and until when. Made once, when the request is opened. */
import { type TUnsafe, Type } from 'typebox';
import { listAtomic, listMap, oneOf } from '../schema/build.ts';
import { EFFECTS, RISKS } from './words.ts';

const count = (description: string, minimum = 0) => Type.Integer({ description, format: 'int32', minimum });
const flag = (description: string) => Type.Boolean({ description });
const time = (description: string) => Type.String({ description, format: 'date-time' });
const text = (description: string, maxLength: number) => Type.String({ description, maxLength });
const texts = (description: string, each: string, maxItems: number, maxLength = 256) =>
  Type.Array(text(each, maxLength), { description, maxItems, 'x-kubernetes-list-type': 'set' });
const hash = (description: string) =>
  Type.String({ description, pattern: '^sha256:[a-f0-9]{64}$', maxLength: 71 });

/** Any JSON value. */
function anything(description: string): TUnsafe {
  return Type.Unsafe<unknown>({ 'x-kubernetes-preserve-unknown-fields': true, description });
}

const Operation = Type.Object(
  {
    op: oneOf(['test', 'add', 'replace', 'remove'], { description: 'test, add, replace or remove.' }),
    path: text('JSON pointer into the target.', 1024),
    value: Type.Optional(anything('Value that is tested for, added or put in its place.')),
  },
  { description: 'One operation of RFC 6902.' },
);

const Patch = Type.Object(
  {
    type: oneOf(['json-patch'], { description: 'json-patch: RFC 6902.' }),
    ops: listAtomic(Operation, {
      description: 'Each operation that changes something follows a test of what was there.',
      maxItems: 128,
    }),
  },
  { description: 'The exact change of the target.' },
);

const ProposalObject = Type.Object(
  {
    apiVersion: text('apiVersion of the object.', 253),
    kind: text('Its kind.', 63),
    name: text('Its name.', 253),
    namespace: Type.Optional(text('Its namespace; absent for an object of the cluster.', 63)),
  },
  { description: 'What a proposal is about, when that is not the target.' },
);

const Person = Type.Object(
  {
    person: text('Who: what persons are told apart by.', 1024),
    username: text('Username, as admission saw it.', 1024),
    uid: text('uid of the user, where there is one.', 1024),
  },
  { description: 'Somebody.' },
);

const PolicyRef = Type.Object(
  {
    name: text('Name of the ApprovalPolicy.', 253),
    uid: text('Its uid.', 64),
    generation: Type.Integer({
      description: 'Its generation when the request was opened.',
      format: 'int64',
      minimum: 0,
    }),
  },
  { description: 'A policy that matched.' },
);

const RequiredGroup = Type.Object(
  { group: text('The group.', 253), count: count('How many of the approvers must be in it.', 1) },
  { description: 'A group that must be among the approvers.' },
);

const Freeze = Type.Object(
  {
    schedule: text('When it begins: five fields of cron.', 100),
    timeZone: text('Time zone of the schedule.', 64),
    duration: Type.Integer({ description: 'Seconds.', format: 'int64', minimum: 1 }),
  },
  { description: 'A time in which nothing is executed.' },
);

const Policy = Type.Object(
  {
    policies: listMap(PolicyRef, ['name'], {
      description: 'Whoever decides must hold the verb on each of them.',
      maxItems: 64,
    }),
    hash: hash('SHA-256 over the rest, in canonical JSON.'),
    auto: flag('Whether no human is needed.'),
    quorum: Type.Object(
      {
        approvals: count('Persons who must approve.', 1),
        denials: count('Persons whose denial ends it.', 1),
      },
      { description: 'How many persons it takes.' },
    ),
    required: listMap(RequiredGroup, ['group'], {
      description: 'Groups that must be among the approvers.',
      maxItems: 256,
    }),
    separationOfDuties: flag('Whether who asked for it, or changed the target, may not decide.'),
    allowServiceAccounts: texts(
      'ServiceAccounts whose decisions count, never alone.',
      'Username of a ServiceAccount.',
      64,
    ),
    requireReason: Type.Object(
      {
        approve: flag('For approve.'),
        deny: flag('For deny.'),
        override: flag('For override.'),
      },
      { description: 'Which verbs need a reason.' },
    ),
    ttl: Type.Object(
      {
        approval: Type.Integer({ description: 'To decide.', format: 'int64', minimum: 1 }),
        execution: Type.Integer({ description: 'To execute after that.', format: 'int64', minimum: 1 }),
      },
      { description: 'Seconds.' },
    ),
    freeze: listAtomic(Freeze, {
      description: 'Times in which nothing is executed.',
      maxItems: 1024,
    }),
  },
  {
    description:
      'All ApprovalPolicies that matched when the request was opened, the strictest of each. Absent while none does. What is edited later changes nothing of it.',
  },
);

export const Derived = Type.Object(
  {
    effect: oneOf(EFFECTS, {
      description:
        'Patch is applied by the executor. Proposal is for whoever owns the target, and never applied. Baseline, Quarantine and Waiver are records that the operator goes by.',
    }),
    proposalReason: Type.Optional(text('Why it is a proposal only.', 256)),
    proposalObject: Type.Optional(ProposalObject),
    patch: Type.Optional(Patch),
    summary: text('What would be done, in one line.', 1024),
    diff: text('The change, for people to read. Empty where nothing of the target changes.', 16_384),
    risk: oneOf(RISKS, { description: 'How much harm it may do: low, medium, high or critical.' }),
    requestedBy: Person,
    initiators: listAtomic(Person, {
      description: 'Who changed the spec of the target since its last approved change.',
      maxItems: 64,
    }),
    unknownInitiators: flag(
      'Whether there may be others, such as persons behind a ServiceAccount: one approval more is needed.',
    ),
    digest: hash(
      'SHA-256 over kind, target, parameters and change, in canonical JSON. A decision repeats it, which proves what was seen.',
    ),
    policy: Type.Optional(Policy),
    expiresAt: Type.Optional(time('Until when it can be decided.')),
    verifyChecks: texts(
      'Checks that must pass afterwards, or the change is taken back.',
      'Id of a check.',
      64,
      16,
    ),
  },
  { description: 'What would be done, by which policies, and until when it may be decided.' },
);
