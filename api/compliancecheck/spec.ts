/**
 * `spec` of a ComplianceCheck and of a ClusterComplianceCheck: which profile, which servers, when, and what is enough. The two differ in
 * reach and in waivers: see docs/adr/0020-waivers-with-approvals.md.
 */
import { Type } from 'typebox';
import { checkId } from '../complianceprofile/spec.ts';
import { type LabelSelector, borrow } from '../kubernetes/index.ts';
import { type Static, listAtomic, oneOf, validations } from '../schema/build.ts';

const ProfileRef = Type.Object(
  {
    name: Type.String({
      description: 'Name of the ComplianceProfile.',
      pattern: '^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$',
      maxLength: 253,
    }),
  },
  { description: 'The profile that servers are put through.' },
);

const percent = (description: string, byDefault: number) =>
  Type.Integer({ description, format: 'int32', minimum: 0, maximum: 100, default: byDefault });

const Thresholds = Type.Object(
  {
    score: percent('Least score, in percent, of what was evaluated.', 80),
    coverage: percent('Least part, in percent, of the applicable checks that could be evaluated.', 70),
  },
  {
    description:
      'What is enough. Below either, or with a failed check of severity critical that no waiver covers, a server and the whole are NonCompliant.',
    default: {},
  },
);

const History = Type.Object(
  {
    keepRuns: Type.String({
      description:
        'How long runs are kept in the store, in days: 400d. The last run is kept however old it is.',
      minLength: 2,
      maxLength: 5,
      default: '400d',
      ...validations({
        rule: "self.matches('^[1-9][0-9]{0,3}d$')",
        message: 'history.keepRuns must be whole days, from 1d to 9999d: 400d',
      }),
    }),
  },
  { description: 'What is kept of past runs.', default: {} },
);

/** What every waiver says: a failed check is known and accepted, for a time. */
const waiver = {
  check: checkId('Id of the check whose failure is waived.'),
  serverSelector: borrow<LabelSelector>('LabelSelector', {
    description:
      'Servers that the waiver is for, by the labels of the MCPServer; {} is all that the check covers. Whoever writes a server writes its labels.',
    default: {},
  }),
  reason: Type.String({
    description: 'Why the failure is accepted. Reports and auditors read it.',
    minLength: 1,
    maxLength: 1024,
    ...validations({
      rule: "self.matches('[^ \\\\t\\\\n]')",
      message: 'reason must say why the failure is accepted',
    }),
  }),
  owner: Type.String({
    description: 'Who answers for it: a person or a team.',
    minLength: 1,
    maxLength: 253,
    ...validations({
      rule: "self.matches('[^ \\\\t\\\\n]')",
      message: 'owner must name the person or team that answers for the waiver',
    }),
  }),
  expiresAt: Type.String({
    description: 'When it ends (RFC 3339), and the failure counts again: 2027-06-30T00:00:00Z.',
    minLength: 20,
    maxLength: 40,
    // Not `format: date-time`, for which API servers take a list as well.
    ...validations({
      rule: "self.matches('^[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]([.][0-9]+)?(Z|[-+][0-2][0-9]:[0-5][0-9])$')",
      message: 'expiresAt must be a time in RFC 3339, such as 2027-06-30T00:00:00Z',
    }),
  }),
} as const;

/** Of those who run the cluster: it counts at once. */
const Waiver = Type.Object(
  {
    ...waiver,
    namespaceSelector: borrow<LabelSelector>('LabelSelector', {
      description: 'Namespaces of those servers, by their labels; {} is all that the check covers.',
      default: {},
    }),
  },
  { description: 'A failure that is known and accepted, for a time.' },
);

/** Of a tenant: it counts when it was approved. */
const TenantWaiver = Type.Object(
  {
    ...waiver,
    approvalRef: Type.Optional(
      Type.Object(
        {
          name: Type.String({
            description: 'Name of the ApprovalRequest, in the same namespace.',
            minLength: 1,
            maxLength: 253,
          }),
        },
        {
          description:
            'The executed ApprovalRequest of kind Waive that makes it count. Any change of the waiver needs another one.',
        },
      ),
    ),
  },
  { description: 'A failure that is known, and accepted for a time once that was approved.' },
);

const common = {
  profileRef: ProfileRef,
  schedule: Type.Optional(
    Type.String({
      description:
        'When servers are checked, as five fields of cron: minute, hour, day of month, month, day of week. Runs are spread by up to a minute after it. Without it a check runs when it is new, on change and on request.',
      minLength: 9,
      maxLength: 100,
      ...validations({
        rule: "self.matches('^[-0-9A-Za-z*/,]+( [-0-9A-Za-z*/,]+){4}$')",
        message:
          "schedule must be five fields of cron with one space between them: minute, hour, day of month, month, day of week, such as '0 */6 * * *'",
      }),
    }),
  ),
  timeZone: Type.String({
    description: 'Time zone of the schedule, by its IANA name: Europe/Berlin.',
    minLength: 1,
    maxLength: 64,
    default: 'Etc/UTC',
    ...validations({
      rule: "self.matches('^[A-Za-z][-+A-Za-z0-9_]*(/[-+A-Za-z0-9_]+){0,2}$')",
      message: 'timeZone must be an IANA name, such as Europe/Berlin or Etc/UTC',
    }),
  }),
  suspend: Type.Boolean({
    description:
      'Starts no runs, neither by schedule nor on change or request; one under way is brought to its end. Compliant of its servers is Unknown.',
    default: false,
  }),
  onChange: Type.Boolean({
    description:
      'Also checks one server when its spec, its image or its definitions change, once it has settled.',
    default: true,
  }),
  mode: oneOf(['Report', 'Remediate'], {
    description:
      'Report only reports. Remediate also creates an ApprovalRequest for each failure that a change of the server would repair.',
    default: 'Report',
  }),
  thresholds: Thresholds,
  history: History,
} as const;

const serverSelector = borrow<LabelSelector>('LabelSelector', {
  description: 'Servers that are checked, by the labels of the MCPServer; {} selects all.',
  default: {},
});

export const ComplianceCheckSpec = Type.Object(
  {
    ...common,
    serverSelector,
    waivers: Type.Optional(
      listAtomic(TenantWaiver, {
        description:
          'Failures that are known, each with the approval that accepts it. One without an executed approval covers nothing. What is waived lowers no score, and stays in every report.',
        maxItems: 64,
      }),
    ),
  },
  { description: 'Which servers of the namespace are checked, by which profile and when.' },
);
/** Which servers, by what and when; defaults are filled in. */
export type ComplianceCheckSpec = Static<typeof ComplianceCheckSpec>;

export const ClusterComplianceCheckSpec = Type.Object(
  {
    ...common,
    namespaceSelector: borrow<LabelSelector>('LabelSelector', {
      description:
        'Namespaces whose servers are checked, by the labels of the namespace; {} selects all. kubernetes.io/metadata.name is the name of a namespace.',
      default: {},
    }),
    serverSelector,
    waivers: Type.Optional(
      listAtomic(Waiver, {
        description:
          'Failures that are known and accepted, each for a time. What is waived lowers no score, and stays in every report.',
        maxItems: 64,
      }),
    ),
  },
  { description: 'Which servers of the cluster are checked, by which profile and when.' },
);
/** The same for a whole cluster, with waivers. */
export type ClusterComplianceCheckSpec = Static<typeof ClusterComplianceCheckSpec>;
/** A failure of a tenant's server that is known; it is accepted once that was approved. */
export type TenantWaiver = Static<typeof TenantWaiver>;
/** A failure that is known and accepted, for a time. */
export type Waiver = Static<typeof Waiver>;
