/**
 * Every condition of an ApprovalRequest and every reason it can give; see `../reasons.ts` for the form. Accepted and Recorded say how the
 * request stands now. All others are said once, with status True, and never taken back or changed.
 */
import type { Reason } from '../reasons.ts';

const AGAIN = 'Ask again, or wait: what a ComplianceCheck still finds is asked for anew, later each time.';

/** What a request was when it ended, or on its way: each is True once it is there. */
export const APPROVAL_REASONS = {
  Approved: {
    QuorumMet: {
      status: 'True',
      meaning: 'Enough persons, and of the required groups, approved.',
      remedy: '',
    },
    Automatic: {
      status: 'True',
      meaning: 'Every policy that matches lets this run without a human.',
      remedy: '',
    },
    Overridden: { status: 'True', meaning: 'Somebody overrode quorum and freeze.', remedy: '' },
  },
  Denied: {
    Denied: {
      status: 'True',
      meaning: 'So many persons denied it as the policies ask for.',
      remedy:
        'Read the reasons under status.decisions. The same change is not asked for again for seven days.',
    },
    WithdrawnByDenial: {
      status: 'True',
      meaning: 'It was approved, and denied before it was executed.',
      remedy:
        'Read the reasons under status.decisions. The same change is not asked for again for seven days.',
    },
  },
  Expired: {
    NotDecided: { status: 'True', meaning: 'Not enough persons approved in time.', remedy: AGAIN },
    NotExecuted: {
      status: 'True',
      meaning: 'It was approved, and nobody executed it in time.',
      remedy: `Look whether the executor runs. ${AGAIN}`,
    },
  },
  Cancelled: {
    CancelledByPerson: {
      status: 'True',
      meaning: 'Whoever asked, or somebody with the verb cancel, took it back.',
      remedy: 'Ask again if it is needed after all.',
    },
    RequestDeleted: {
      status: 'True',
      meaning: 'The ApprovalRequest was deleted.',
      remedy: 'Ask again if it is needed after all.',
    },
  },
  Superseded: {
    TargetChanged: {
      status: 'True',
      meaning: 'The target was changed since: what people looked at is another change.',
      remedy: 'Ask again; what a ComplianceCheck still finds is asked for by itself.',
    },
    TargetGone: {
      status: 'True',
      meaning: 'The target was deleted, or is another object of the same name.',
      remedy: 'Nothing is left to do.',
    },
    NewerRequest: {
      status: 'True',
      meaning: 'A newer request asks for the same on the same target.',
      remedy: 'Decide on the newer one: `kubectl get apr` shows it.',
    },
  },
  Overridden: {
    Overridden: {
      status: 'True',
      meaning: 'Somebody with the verb override lifted quorum and freeze.',
      remedy: '',
    },
  },
  Executed: {
    Verified: {
      status: 'True',
      meaning: 'The change was made, and the checks that it is for pass.',
      remedy: '',
    },
    Recorded: { status: 'True', meaning: 'The ledger has it, and the operator goes by it.', remedy: '' },
  },
  Failed: {
    TargetChanged: {
      status: 'True',
      meaning: 'Somebody else changed the target while the executor was at it.',
      remedy: 'Compare the target with status.preImage, and ask again.',
    },
    TargetGone: {
      status: 'True',
      meaning: 'The target was deleted before the change was made.',
      remedy: 'Nothing is left to do.',
    },
    PatchRefused: {
      status: 'True',
      meaning: 'The API server or an admission policy refused the change; nothing was changed.',
      remedy: 'Correct what the message names, and ask again.',
    },
    RollbackFailed: {
      status: 'True',
      meaning: 'The change did not help, and the values before could not be put back.',
      remedy: 'Put back the values of status.preImage by hand.',
    },
    TargetUnrecognised: {
      status: 'True',
      meaning: 'After an interruption the target is neither as it was nor as it was to become.',
      remedy: 'Compare the target with status.preImage and status.derived.patch.',
    },
    NotPermitted: {
      status: 'True',
      meaning: 'The executor may not change the target, or what the change names.',
      remedy: 'Give the rights of the chart back to the ServiceAccount of the executor, and ask again.',
    },
    TooLate: {
      status: 'True',
      meaning:
        'The executor was interrupted before it did anything, and came back after status.executeBefore: nothing was done.',
      remedy: AGAIN,
    },
    OwnedByGit: {
      status: 'True',
      meaning:
        'Argo CD, Flux or Helm applies the target by now, and would change it back: nothing was changed.',
      remedy: 'Ask again: then the change is proposed for Git, in status.derived.',
    },
  },
  RolledBack: {
    VerificationFailed: {
      status: 'True',
      meaning:
        'After the change a check that it is for still failed, or could not be evaluated: the values before are back.',
      remedy: 'Read status of the target and the message, and repair it another way.',
    },
    NotSettled: {
      status: 'True',
      meaning: 'After the change the server did not become ready in time: the values before are back.',
      remedy: 'Read status of the target and the message, and repair it another way.',
    },
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Reason>>>>;

/** How a request stands with the operator, as long as it is open. */
const PRESENT_REASONS = {
  Accepted: {
    Accepted: { status: 'True', meaning: 'It is known what would be done: see status.derived.', remedy: '' },
    NotDerivedYet: {
      status: 'Unknown',
      meaning: 'What would be done cannot be worked out at the moment; it is tried again.',
      remedy: 'Wait; the message says what is missing.',
    },
    TargetNotFound: {
      status: 'False',
      meaning: 'There is no object of that kind, name and uid.',
      remedy: 'Delete the request, and ask again for an object that is there.',
    },
    TargetChanged: {
      status: 'False',
      meaning: 'The target was changed before it was known what would be done.',
      remedy: 'Delete the request, and ask again with the present metadata.generation.',
    },
    DeniedBefore: {
      status: 'False',
      meaning: 'The very same change was denied within the last seven days.',
      remedy: 'Wait: it is asked when the seven days are over. Or change what is asked for.',
    },
    NothingToDo: {
      status: 'False',
      meaning:
        'The target is as the request wants it already, or does not have what the request names; or another request for the very same quarantine is open.',
      remedy:
        'Delete the request. Where the message names another one, decide on that: when it ends, this one is looked at again.',
    },
    NoPlan: {
      status: 'False',
      meaning: 'No change of the target is known that would repair this.',
      remedy: 'Repair it by hand: the page of the check says how.',
    },
  },
  Recorded: {
    Recorded: { status: 'True', meaning: 'The store has everything that this status shows.', remedy: '' },
    StoreRequired: {
      status: 'False',
      meaning: 'The operator runs without a store, so nothing can be approved.',
      remedy:
        'Have the administrator set the chart value `store.mode`: `External` with a PostgreSQL, or `Embedded` for an evaluation.',
    },
    StoreUnavailable: {
      status: 'False',
      meaning: 'The store does not answer, or refuses. Nothing moves meanwhile, and nothing is executed.',
      remedy: 'Look after the database: the log of the operator names the error.',
    },
    NotInStore: {
      status: 'False',
      meaning:
        'The request had ended, and the store does not know it: it was restored from before that, or is another store. Nothing is done a second time.',
      remedy: 'Look after the database. Ask again for what is to be done all the same.',
    },
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Reason>>>>;

/** Condition type, then reason. */
export const REQUEST_REASONS = { ...PRESENT_REASONS, ...APPROVAL_REASONS } as const;

type Reasons = typeof REQUEST_REASONS;

/** The closed union of reasons of each condition type of a request. */
export type RequestReasonOf = { readonly [Type in keyof Reasons]: keyof Reasons[Type] };
export type RequestConditionType = keyof Reasons;
/** Of those that are never taken back. */
export type ApprovalConditionType = keyof typeof APPROVAL_REASONS;
