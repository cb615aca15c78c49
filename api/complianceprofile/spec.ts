/**
 * `spec` of a ComplianceProfile: which checks of the catalogue are asked, with which parameters, and which controls of which frameworks they
 * answer. It never changes: a result names its profile, and must mean the same for as long as anybody reads it.
 */
import { type TUnsafe, Type } from 'typebox';
import { type Static, listMap, oneOf, validations } from '../schema/build.ts';

/** How much a failure matters, the worst first. */
const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'] as const;

/** The id of a check, with the rule that every id keeps. */
export function checkId(description: string) {
  return Type.String({
    description,
    minLength: 1,
    maxLength: 16,
    ...validations({
      rule: "self.matches('^MCP-[A-Z][0-9]{2}$')",
      message:
        'the id of a check is MCP-, a capital letter and two digits, such as MCP-S08: see docs/checks.md',
    }),
  });
}

const Parameters: TUnsafe<Readonly<Record<string, string | number>>> = Type.Unsafe({
  type: 'object',
  description:
    'What the check is told, over its own defaults, by name: {minimumDays: 30}. A list is written as words with commas, a switch as "true" or "false". Its reference page says what it takes.',
  additionalProperties: { 'x-kubernetes-int-or-string': true },
  maxProperties: 16,
});

const ProfileCheck = Type.Object(
  {
    id: checkId('Id of the check, such as MCP-S08.'),
    severity: Type.Optional(
      oneOf(SEVERITIES, {
        description: "How much its failure matters, in place of the check's own severity.",
      }),
    ),
    parameters: Type.Optional(Parameters),
  },
  { description: 'One check that is asked.' },
);

const Control = Type.Object(
  {
    framework: Type.String({
      description: 'The framework, such as nist-800-53-r5.',
      minLength: 1,
      maxLength: 64,
    }),
    control: Type.String({
      description: 'The control, as the framework calls it: SC-7.',
      minLength: 1,
      maxLength: 64,
    }),
    checks: Type.Array(checkId('Id of a check.'), {
      description: 'Checks of this profile that answer for the control.',
      minItems: 1,
      maxItems: 64,
      'x-kubernetes-list-type': 'set',
    }),
  },
  { description: 'One control of a framework, and what answers for it.' },
);

export const ComplianceProfileSpec = Type.Object(
  {
    checks: listMap(ProfileCheck, ['id'], {
      description: 'The checks that servers are put through. Each is named once.',
      maxItems: 128,
    }),
    controls: Type.Optional(
      listMap(Control, ['framework', 'control'], {
        description:
          'Controls of frameworks, beside those that the catalogue itself maps its checks to; reports show both.',
        maxItems: 256,
      }),
    ),
  },
  {
    description: 'What servers are asked. It cannot be changed: a new version is a new object.',
    ...validations(
      {
        rule: 'self == oldSelf',
        message:
          'the spec of a ComplianceProfile cannot be changed, because results refer to it: create another profile, such as NAME-v2, and name it in profileRef',
      },
      {
        rule: 'self.checks.size() > 0',
        message: 'checks must name at least one check',
        fieldPath: '.checks',
      },
    ),
  },
);
/** What servers are asked. */
export type ComplianceProfileSpec = Static<typeof ComplianceProfileSpec>;
