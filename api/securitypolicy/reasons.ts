/** Every condition of an MCPSecurityPolicy and every reason it can give; see `../reasons.ts` for the form. */
import type { Reason } from '../reasons.ts';

/** Condition type, then reason. */
export const POLICY_REASONS = {
  Accepted: {
    Accepted: { status: 'True', meaning: 'Every rule and selector can be evaluated.', remedy: '' },
    InvalidRule: {
      status: 'False',
      meaning:
        'A rule or selector cannot be evaluated. With Enforce, every server that the policy might judge is refused until it is corrected.',
      remedy: 'Correct the field that the message names.',
    },
  },
  Enforced: {
    Enforced: {
      status: 'True',
      meaning: 'Admission asks this policy before a server is written.',
      remedy: '',
    },
    ReportOnly: {
      status: 'False',
      meaning: 'The policy warns or reports, and refuses nothing: its enforcement is Warn or Audit.',
      remedy: 'Set enforcement to Enforce when its violations are gone.',
    },
    InvalidRule: {
      status: 'False',
      meaning: 'The policy cannot be evaluated; see the condition Accepted.',
      remedy: 'Correct the field that the condition Accepted names.',
    },
    WebhookMissing: {
      status: 'False',
      meaning:
        'The webhook configuration that asks this policy is gone, or not the one that the operator serves. Servers are written unchecked, but for the second lock.',
      remedy: 'Run `helm upgrade` again, and find out who removed it.',
    },
    SecondLockMissing: {
      status: 'False',
      meaning:
        'The ValidatingAdmissionPolicies that refuse the worst without a webhook are gone or unbound. The webhook itself still works.',
      remedy: 'Run `helm upgrade` again, and find out who removed them.',
    },
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Reason>>>>;

type Reasons = typeof POLICY_REASONS;

/** The closed union of reasons of each condition type of a policy. */
export type PolicyReasonOf = { readonly [Type in keyof Reasons]: keyof Reasons[Type] };
export type PolicyConditionType = keyof Reasons;
