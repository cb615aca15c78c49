/** What only the installation knows: the chart puts it in the place of these words. */

/** Username of the ServiceAccount of the operator. */
export const OPERATOR_USERNAME = 'OPERATOR_USERNAME';
/** Username of the ServiceAccount of the executor. */
export const EXECUTOR_USERNAME = 'EXECUTOR_USERNAME';
/** Key of `extra` that tells persons apart; empty where the username does. */
export const PERSON_KEY = 'PERSON_KEY';
