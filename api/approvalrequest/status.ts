/**
 * `status` of an ApprovalRequest: a projection of the row in the store, which alone decides. The operator writes it; an admission policy refuses
 * anybody else, and nothing is executed because of it.
 */
import { type TArray, type TUnsafe, Type } from 'typebox';
import { type ConditionShape, conditionSchema } from '../conditions.ts';
import { type Static, listAtomic, listMap, oneOf } from '../schema/build.ts';
import { Derived } from './derived.ts';
import type { RequestConditionType, RequestReasonOf } from './reasons.ts';
import { DECISION_VERBS, PHASES, WAITING_REASONS } from './words.ts';

/** A condition of a request. */
export type RequestCondition = {
  [Type in RequestConditionType]: ConditionShape<Type, RequestReasonOf[Type]>;
}[RequestConditionType];

const count = (description: string) => Type.Integer({ description, format: 'int32', minimum: 0 });
const time = (description: string) => Type.String({ description, format: 'date-time' });
const text = (description: string, maxLength: number) => Type.String({ description, maxLength });
const int64 = (description: string) => Type.Integer({ description, format: 'int64', minimum: 0 });

const Conditions: TArray<TUnsafe<RequestCondition>> = listMap(
  conditionSchema<RequestCondition>({
    description: 'One thing that is true of the request, or not.',
    type: 'Accepted, Recorded, Approved, Denied, Expired, Cancelled, Superseded, Overridden, Executed, Failed or RolledBack.',
  }),
  ['type'],
  {
    description:
      'What holds: Accepted (it is known what would be done), Recorded (the store has all of this), and what became of the request; the latter are never taken back.',
    maxItems: 16,
  },
);

const Approvals = Type.Object(
  {
    have: count('Approvals that count.'),
    need: count('Approvals that are needed.'),
    missing: Type.Array(text('A group.', 253), {
      description: 'Required groups of which somebody is missing.',
      maxItems: 256,
      // A set that becomes empty would be dropped by server-side apply, and it is required.
      'x-kubernetes-list-type': 'atomic',
    }),
    summary: text('Both, for the column: 1/2.', 32),
  },
  { description: 'How far the quorum is.' },
);

const Decision = Type.Object(
  {
    name: text('Name of the ApprovalDecision.', 253),
    uid: text('Its uid.', 64),
    person: text('Who decided.', 1024),
    verb: oneOf(DECISION_VERBS, { description: 'What was decided.' }),
    time: time('When.'),
    reason: text('Why, in the words of that person.', 1024),
  },
  { description: 'A decision that counts.' },
);

const Disregarded = Type.Object(
  {
    name: text('Name of the ApprovalDecision.', 253),
    uid: text('Its uid.', 64),
    why: text('Why it does not count, such as UnprotectedAdmission: see docs/approval.md.', 64),
  },
  { description: 'A decision that does not count.' },
);

const PreImage = Type.Object(
  {
    resourceVersion: text('metadata.resourceVersion of the target.', 64),
    generation: int64('metadata.generation of the target.'),
    values: Type.Unsafe<Readonly<Record<string, unknown>>>({
      type: 'object',
      'x-kubernetes-preserve-unknown-fields': true,
      description: 'Values by JSON pointer; what was absent is left out.',
    }),
  },
  { description: 'What the executor saw before it changed anything: enough to put it back.' },
);

export const ApprovalRequestStatus = Type.Object(
  {
    observedGeneration: Type.Optional(int64('Generation of the spec that this status was concluded from.')),
    phase: Type.Optional(
      oneOf(PHASES, {
        description:
          'Pending until it is decided, Approved until it is executed, Executing while it is; then Executed, Failed or RolledBack. Denied, Expired, Cancelled and Superseded requests are never executed.',
      }),
    ),
    waiting: Type.Optional(
      oneOf(WAITING_REASONS, {
        description: 'Why it is not approved, or not executed, yet. Absent when nothing keeps it.',
      }),
    ),
    attempt: Type.Optional(
      Type.Integer({
        description:
          'Which attempt this is: 1, and one more after one that expired, failed or was rolled back.',
        format: 'int32',
        minimum: 1,
      }),
    ),
    derived: Type.Optional(Derived),
    conditions: Type.Optional(Conditions),
    approvals: Type.Optional(Approvals),
    decisions: Type.Optional(
      listMap(Decision, ['uid'], { description: 'Decisions that count.', maxItems: 64 }),
    ),
    disregarded: Type.Optional(
      listAtomic(Disregarded, { description: 'Decisions that do not count.', maxItems: 64 }),
    ),
    expires: Type.Optional(
      time('When it ends by itself: the time to decide, and once it is approved the time to execute.'),
    ),
    executeBefore: Type.Optional(time('Until when it may be executed. Set with the approval.')),
    executedAt: Type.Optional(time('When it was executed.')),
    preImage: Type.Optional(PreImage),
    ledgerSeq: Type.Optional(int64('Its last entry in the ledger.')),
  },
  { description: 'What the operator found. Written by it alone; what counts is the store.' },
);
/** Observed state. */
export type ApprovalRequestStatus = Static<typeof ApprovalRequestStatus>;
