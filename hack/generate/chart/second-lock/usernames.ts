/** Usernames that only the installation knows: the chart puts them in the place of these words. */

/** Of the ServiceAccount of the operator. */
export const OPERATOR_USERNAME = 'OPERATOR_USERNAME';
/** Of the ServiceAccount of the executor. */
export const EXECUTOR_USERNAME = 'EXECUTOR_USERNAME';
