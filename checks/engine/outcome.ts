/** How a check of one server can end, and what that does to its score. */
export const OUTCOMES = [
  /** What the check asks for holds. */
  'Pass',
  /** It does not. */
  'Fail',
  /** It does not, by a heuristic or a SHOULD: shown, never counted. */
  'Warn',
  /** The check itself broke, or the server did not let it finish; counts like a failure, lest crashing a check raise the score. */
  'Error',
  /** Something that the check needs was not there: lowers the coverage. */
  'Untestable',
  /** The check says nothing of a server like this. */
  'NotApplicable',
  /** It failed, and a valid waiver covers it. */
  'Waived',
  /** Only a person can tell. */
  'Manual',
] as const;

export type Outcome = (typeof OUTCOMES)[number];
