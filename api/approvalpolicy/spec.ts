/**
 * `spec` of an ApprovalPolicy: which requests it is for, who must agree, and in which time. Every policy that matches counts, and the strictest of
 * each field wins.
 */
import { Type } from 'typebox';
import { ACTION_KINDS, RISKS } from '../approvalrequest/words.ts';
import { type LabelSelector, borrow } from '../kubernetes/index.ts';
import { type Static, listAtomic, listMap, oneOf, validations } from '../schema/build.ts';

/** Of the group of a required approver, and of a quorum. */
const MOST_PERSONS = 16;

const actionKinds = (description: string, more: object = {}) =>
  Type.Array(oneOf(ACTION_KINDS, { description: 'One kind of action.' }), {
    description,
    minItems: 1,
    maxItems: 16,
    'x-kubernetes-list-type': 'set',
    ...more,
  });

const duration = (description: string, field: string, more: object = {}) =>
  Type.String({
    description: `${description} Days, hours, minutes and seconds: 7d, 24h, 1h30m.`,
    minLength: 2,
    maxLength: 28,
    ...more,
    ...validations({
      rule: "self.matches('^([0-9]{1,6}d)?([0-9]{1,6}h)?([0-9]{1,6}m)?([0-9]{1,6}s)?$') && self.matches('[1-9]')",
      message: `${field} must be a duration above zero in days, hours, minutes and seconds, such as 24h or 1h30m`,
    }),
  });

const persons = (description: string) =>
  Type.Integer({ description, format: 'int32', minimum: 1, maximum: MOST_PERSONS, default: 1 });

const Match = Type.Object(
  {
    actionKinds: actionKinds('Kinds of actions.', { default: [...ACTION_KINDS] }),
    minRisk: oneOf(RISKS, { description: 'Least risk.', default: 'low' }),
  },
  { description: 'Which requests it is for.', default: {} },
);

const Auto = Type.Object(
  {
    actionKinds: actionKinds('Kinds of actions.'),
    maxRisk: oneOf(['low', 'medium', 'high'], { description: 'Most risk.', default: 'low' }),
  },
  {
    description:
      'What may run without a human, if every policy that matches says so. It is recorded all the same. What is critical never does.',
  },
);

const Quorum = Type.Object(
  {
    approvals: persons('Different persons who must approve.'),
    denials: persons('Different persons whose denial ends the request; 1 is a veto.'),
  },
  { description: 'How many persons it takes.', default: {} },
);

const RequiredGroup = Type.Object(
  {
    group: Type.String({
      description: 'A group, as the API server knows it.',
      minLength: 1,
      maxLength: 253,
      ...validations({
        rule: "!self.startsWith('system:')",
        message:
          'required.group must be a group of people: nobody of a system: group decides, so that the quorum could never be met',
      }),
    }),
    count: persons('How many of the approvers must be in it.'),
  },
  { description: 'A group that must be among the approvers.' },
);

const RequireReason = Type.Object(
  {
    approve: Type.Boolean({ description: 'For approve.', default: false }),
    deny: Type.Boolean({ description: 'For deny.', default: true }),
    override: Type.Boolean({ description: 'For override.', default: true }),
  },
  { description: 'Which verbs need a reason.', default: {} },
);

const Ttl = Type.Object(
  {
    approval: duration('How long it may be decided.', 'ttl.approval', { default: '24h' }),
    execution: duration('How long it may be executed after that.', 'ttl.execution', { default: '1h' }),
  },
  { description: 'How long a request lives.', default: {} },
);

const Freeze = Type.Object(
  {
    schedule: Type.String({
      description: 'When it begins, as five fields of cron: minute, hour, day of month, month, day of week.',
      minLength: 9,
      maxLength: 100,
      ...validations({
        rule: "self.matches('^[-0-9A-Za-z*/,]+( [-0-9A-Za-z*/,]+){4}$')",
        message:
          "freeze.schedule must be five fields of cron with one space between them: minute, hour, day of month, month, day of week, such as '0 18 * * 5'",
      }),
    }),
    timeZone: Type.String({
      description: 'Time zone of the schedule, by its IANA name: Europe/Berlin.',
      minLength: 1,
      maxLength: 64,
      default: 'Etc/UTC',
      ...validations({
        rule: "self.matches('^[A-Za-z][-+A-Za-z0-9_]*(/[-+A-Za-z0-9_]+){0,2}$')",
        message: 'freeze.timeZone must be an IANA name, such as Europe/Berlin or Etc/UTC',
      }),
    }),
    duration: duration('How long it lasts.', 'freeze.duration'),
  },
  { description: 'A time in which nothing is executed.' },
);

const ServiceAccount = Type.String({
  description: 'Username of a ServiceAccount: system:serviceaccount:NAMESPACE:NAME.',
  minLength: 1,
  maxLength: 340,
  ...validations({
    rule: "self.matches('^system:serviceaccount:[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?:[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$')",
    message:
      'allowServiceAccounts must be usernames of ServiceAccounts: system:serviceaccount:NAMESPACE:NAME',
  }),
});

export const ApprovalPolicySpec = Type.Object(
  {
    namespaceSelector: borrow<LabelSelector>('LabelSelector', {
      description:
        'Namespaces whose requests it is for, by the labels of the namespace; {} selects all. kubernetes.io/metadata.name is the name of a namespace.',
      default: {},
    }),
    match: Match,
    auto: Type.Optional(Auto),
    quorum: Quorum,
    required: Type.Optional(
      listMap(RequiredGroup, ['group'], {
        description: 'Groups that must be among the approvers that make the quorum.',
        maxItems: 16,
      }),
    ),
    separationOfDuties: Type.Boolean({
      description:
        'Whether who asked for it, or changed the target since its last approved change, may not decide. What is critical always is separated.',
      default: true,
    }),
    allowServiceAccounts: Type.Optional(
      Type.Array(ServiceAccount, {
        description:
          'ServiceAccounts whose decisions count. None by default; they never fill a quorum alone and never override.',
        maxItems: 16,
        'x-kubernetes-list-type': 'set',
      }),
    ),
    requireReason: RequireReason,
    ttl: Ttl,
    freeze: Type.Optional(
      listAtomic(Freeze, {
        description: 'Times in which nothing is executed, though everything can be decided.',
        maxItems: 16,
      }),
    ),
  },
  {
    description: 'Which requests it is for, who must agree, and in which time.',
    ...validations({
      rule: '!has(self.required) || self.required.all(demand, demand.count <= self.quorum.approvals)',
      message:
        'required cannot ask for more persons of a group than quorum.approvals asks for in all: raise quorum.approvals or lower required.count',
      fieldPath: '.required',
    }),
  },
);
/** Who must agree to what; defaults are filled in. */
export type ApprovalPolicySpec = Static<typeof ApprovalPolicySpec>;
