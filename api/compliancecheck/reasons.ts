/** Every condition of a ComplianceCheck or ClusterComplianceCheck and every reason it can give; see `../reasons.ts` for the form. */
import type { Reason } from '../reasons.ts';

const NOT_RUN_YET = {
  status: 'Unknown',
  meaning: 'No run has ended yet.',
  remedy: 'Wait: `kubectl get mcpcc,mcpccc` shows under Next when it runs.',
} as const satisfies Reason;

const STORE_REQUIRED = {
  status: 'False',
  meaning: 'The operator runs without a store, so nothing can be checked and recorded.',
  remedy:
    'Have the administrator set the chart value `store.mode`: `External` with a PostgreSQL, or `Embedded` for an evaluation.',
} as const satisfies Reason;

/** Condition type, then reason. */
export const CHECK_REASONS = {
  Ready: {
    Ready: { status: 'True', meaning: 'The check can run, and does when it is time.', remedy: '' },
    Suspended: {
      status: 'False',
      meaning: 'spec.suspend is true: no runs are started.',
      remedy: 'Set spec.suspend to false.',
    },
    StoreRequired: STORE_REQUIRED,
    ProfileNotFound: {
      status: 'False',
      meaning: 'There is no ComplianceProfile of the name in spec.profileRef.',
      remedy: 'Create the profile, or correct the name: `kubectl get complianceprofiles`.',
    },
    ProfileInvalid: {
      status: 'False',
      meaning: 'The profile names a check or a parameter that this operator does not know.',
      remedy: 'Name another profile, or upgrade the operator to a version that knows the check.',
    },
    InvalidSchedule: {
      status: 'False',
      meaning: 'spec.schedule or spec.timeZone cannot be understood, or no time fits it.',
      remedy: 'Correct the field that the message names.',
    },
    InvalidSelector: {
      status: 'False',
      meaning: 'A selector of the check cannot be evaluated.',
      remedy: 'Correct the field that the message names.',
    },
    InvalidRunRequest: {
      status: 'False',
      meaning:
        'The annotation mcp.kilocode.ai/run-requested-at is no time. The schedule is kept all the same.',
      remedy:
        'Ask again: `kubectl annotate --overwrite KIND NAME mcp.kilocode.ai/run-requested-at=$(date -u +%FT%TZ)`.',
    },
  },
  Recorded: {
    Recorded: {
      status: 'True',
      meaning: 'Everything that the last run found is in the store.',
      remedy: '',
    },
    NotRunYet: NOT_RUN_YET,
    StoreRequired: STORE_REQUIRED,
    StoreUnavailable: {
      status: 'False',
      meaning:
        'The store does not answer, or refuses. The run waits and goes on by itself; nothing is lost and nothing half-recorded.',
      remedy: 'Look after the database: the log of the operator names the error.',
    },
  },
  ReportsPublished: {
    Published: {
      status: 'True',
      meaning: 'Each server has a report with what the last run found.',
      remedy: '',
    },
    NotRunYet: NOT_RUN_YET,
    NoReportAPI: {
      status: 'False',
      meaning:
        'The cluster serves neither reports.openreports.io nor policyreports.wgpolicyk8s.io. The findings are in the store all the same.',
      remedy: 'Install one of the two, for example with Policy Reporter, if something is to read reports.',
    },
    ForeignReport: {
      status: 'False',
      meaning: 'An object with the name of a report belongs to somebody else; it is left alone.',
      remedy: 'Delete the object that the message names.',
    },
    PublishFailed: {
      status: 'False',
      meaning:
        'The API server refused a report, or writing reports pauses after too many failures. It is tried again.',
      remedy: 'Read the log of the operator; a quota or an admission policy of the cluster is named there.',
    },
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Reason>>>>;

type Reasons = typeof CHECK_REASONS;

/** The closed union of reasons of each condition type of a check. */
export type CheckReasonOf = { readonly [Type in keyof Reasons]: keyof Reasons[Type] };
export type CheckConditionType = keyof Reasons;
