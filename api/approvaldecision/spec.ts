/**
 * `spec` of an ApprovalDecision: what somebody says of a request. Who, when and by which call is written by admission over whatever was sent; it
 * is required, so that without that webhook no decision can be made at all.
 */
import { type TUnsafe, Type } from 'typebox';
import { DECISION_VERBS } from '../approvalrequest/words.ts';
import { type Static, oneOf, validations } from '../schema/build.ts';

const RequestRef = Type.Object(
  {
    name: Type.String({
      description: 'Name of the ApprovalRequest, in the same namespace.',
      minLength: 1,
      maxLength: 253,
    }),
    uid: Type.String({
      description: 'Its metadata.uid: a request that was made anew is another one.',
      minLength: 1,
      maxLength: 64,
    }),
  },
  { description: 'What is decided on.' },
);

const Extra: TUnsafe<Readonly<Record<string, readonly string[]>>> = Type.Unsafe({
  type: 'object',
  description: 'What else the authenticator says of them.',
  additionalProperties: { type: 'array', items: { type: 'string', maxLength: 1024 }, maxItems: 64 },
  maxProperties: 64,
});

const DecidedBy = Type.Object(
  {
    username: Type.String({ description: 'Username.', minLength: 1, maxLength: 1024 }),
    uid: Type.Optional(Type.String({ description: 'uid of the user, where there is one.', maxLength: 1024 })),
    groups: Type.Optional(
      Type.Array(Type.String({ description: 'One group.', maxLength: 1024 }), {
        description: 'Groups.',
        maxItems: 1024,
        'x-kubernetes-list-type': 'atomic',
      }),
    ),
    extra: Type.Optional(Extra),
  },
  { description: 'Who decided, as the API server authenticated them. Written by admission.' },
);

export const ApprovalDecisionSpec = Type.Object(
  {
    requestRef: RequestRef,
    verb: oneOf(DECISION_VERBS, {
      description:
        'approve, deny, cancel (takes the request back), or override (lifts quorum and freeze). Each is a verb of RBAC on the approvalpolicies that the request goes by.',
    }),
    digest: Type.String({
      description: 'status.derived.digest of the request: proves what was seen.',
      maxLength: 71,
      ...validations({
        rule: "self.matches('^sha256:[0-9a-f]{64}$')",
        message: 'digest must be status.derived.digest of the request: sha256: and 64 hexadecimal digits',
      }),
    }),
    reason: Type.String({
      description: 'Why. Policies say for which verbs it is required. Do not write secrets here.',
      maxLength: 1024,
      default: '',
    }),
    decidedBy: Type.Optional(DecidedBy),
    decidedAt: Type.Optional(
      Type.String({
        description: 'When (RFC 3339), by the clock of the operator. Written by admission.',
        maxLength: 40,
        // Not `format: date-time`, for which API servers take a list as well.
        ...validations({
          rule: "self.matches('^[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]([.][0-9]+)?Z$')",
          message: 'decidedAt is a time in RFC 3339 that admission writes: leave it out',
        }),
      }),
    ),
    admissionUID: Type.Optional(
      Type.String({
        description: 'uid of the admission request. Written by admission.',
        minLength: 1,
        maxLength: 64,
      }),
    ),
  },
  {
    description: 'What somebody says of a request. It cannot be changed.',
    ...validations(
      {
        rule: 'self == oldSelf',
        message:
          'an ApprovalDecision cannot be changed: to take an approval back before it is executed, create a decision with verb deny',
      },
      {
        rule: 'has(self.decidedBy) && has(self.decidedAt) && has(self.admissionUID)',
        message:
          "decidedBy, decidedAt and admissionUID are written by the operator's mutating webhook, which was not asked: have the administrator look after its webhook configuration",
      },
    ),
  },
);
/** What somebody says of a request. */
export type ApprovalDecisionSpec = Static<typeof ApprovalDecisionSpec>;
