/**
 * `status` of a ComplianceCheck and of a ClusterComplianceCheck: the last verdict over all of its servers. History and findings are in the
 * store, so that the status stays small.
 */
import { type TArray, type TUnsafe, Type } from 'typebox';
import { type ConditionShape, conditionSchema } from '../conditions.ts';
import { type Static, listAtomic, listMap, oneOf } from '../schema/build.ts';
import type { CheckConditionType, CheckReasonOf } from './reasons.ts';

/** A condition of a check. */
export type CheckCondition = {
  [Type in CheckConditionType]: ConditionShape<Type, CheckReasonOf[Type]>;
}[CheckConditionType];

const Conditions: TArray<TUnsafe<CheckCondition>> = listMap(
  conditionSchema<CheckCondition>({
    description: 'One thing that is true of the check, or not.',
    type: 'Ready, Recorded or ReportsPublished.',
  }),
  ['type'],
  {
    description:
      'What holds: Ready (the check can run), Recorded (what the last run found is in the store), ReportsPublished (and in reports that other tools read).',
    maxItems: 8,
  },
);

const count = (description: string) => Type.Integer({ description, format: 'int32', minimum: 0 });
const percent = (description: string) =>
  Type.Optional(Type.Integer({ description, format: 'int32', minimum: 0, maximum: 100 }));
const time = (description: string) => Type.String({ description, format: 'date-time' });
const text = (description: string, maxLength: number) => Type.String({ description, maxLength });

/** How many findings ended how, in the words of report tools. */
const Counts = Type.Object(
  {
    pass: count('Passed.'),
    fail: count('Failed.'),
    warn: count('Failed, by a heuristic or something that is only recommended. Not in the score.'),
    error: count('Broke, or were broken off by the server. Counted like failures.'),
    skip: count('Untestable, not applicable, waived, or for a person to judge.'),
  },
  { description: 'Findings, over all servers, by how they ended.' },
);

const Changes = Type.Object(
  {
    new: count('Failures that the run before did not have.'),
    resolved: count('Failures of the run before that are gone.'),
    unchanged: count('Findings that ended as in the run before.'),
    incomparable: count(
      'Findings that the run before had and that could not be evaluated now, or the other way around. They count as failing.',
    ),
  },
  { description: 'How the last run compares with what was known of its servers before.' },
);

const LastRun = Type.Object(
  {
    id: text('Id of the run, for kilo-mcp report --run.', 64),
    startedAt: time('When it began.'),
    finishedAt: Type.Optional(time('When it ended; absent while it runs.')),
    trigger: oneOf(['Schedule', 'Request', 'Change'], {
      description: 'Why it began: Schedule, Request (the annotation run-requested-at) or Change.',
    }),
  },
  { description: 'The run that is under way, else the last one.' },
);

const Worst = Type.Object(
  {
    server: text('The server, as namespace/name.', 320),
    check: text('Id of the check.', 16),
    severity: text('How much it matters.', 16),
    message: text('What is wrong.', 512),
  },
  { description: 'A failure.' },
);

const Waivers = Type.Object(
  {
    active: count('In force, and covering a failure.'),
    expired: count('Over: what they covered counts again.'),
    unused: count('In force, and covering nothing: they can go.'),
    invalid: count(
      'For a check that the profile does not have, or with a selector that cannot be evaluated.',
    ),
  },
  { description: 'How the waivers of the spec stand.' },
);

/** The status of both kinds. */
export const CheckStatus = Type.Object(
  {
    observedGeneration: Type.Optional(
      Type.Integer({
        description: 'Generation of the spec that this status was concluded from.',
        format: 'int64',
        minimum: 0,
      }),
    ),
    conditions: Type.Optional(Conditions),
    phase: Type.Optional(
      oneOf(['Pending', 'Running', 'Aggregating', 'Done'], {
        description:
          'Pending: no run yet. Running: servers are checked. Aggregating: their results are summed up. Done: the last run has ended.',
      }),
    ),
    result: Type.Optional(
      oneOf(['Compliant', 'NonCompliant', 'Error', 'NotApplicable'], {
        description:
          'Verdict over all servers. Error: nothing could be evaluated. NotApplicable: there was nothing to evaluate.',
      }),
    ),
    score: percent('Weight of what passed, in percent of all that passed, failed or broke.'),
    coverage: percent('Checks that could be evaluated, in percent of those that apply.'),
    counts: Type.Optional(Counts),
    servers: Type.Optional(count('Servers that are covered.')),
    changes: Type.Optional(Changes),
    lastRun: Type.Optional(LastRun),
    nextRun: Type.Optional(time('When the schedule runs next.')),
    lastRunRequest: Type.Optional(
      text('The value of the annotation run-requested-at that was answered last.', 64),
    ),
    evaluatedGeneration: Type.Optional(
      Type.Integer({
        description: 'Generation of the spec that the last run over all servers went by.',
        format: 'int64',
        minimum: 0,
      }),
    ),
    lastFullRun: Type.Optional(time('When the last run over all servers began.')),
    worst: Type.Optional(
      listAtomic(Worst, { description: 'The worst failures, at most ten.', maxItems: 10 }),
    ),
    waivers: Type.Optional(Waivers),
  },
  { description: 'What the operator found. Written by it alone.' },
);
/** Observed state. */
export type CheckStatus = Static<typeof CheckStatus>;
