/**
 * The ValidatingAdmissionPolicy over approvals: without the webhooks nobody decides in another's name, nobody but the operator says what became of a
 * request, and nothing of it vanishes. It asks nobody, so that a namespace can be emptied whatever is down.
 */
import { NAMESPACE_CONTROLLERS } from '../../../../webhooks/catalogue.ts';
import { isFinal, PHASES } from '../../../../approval/index.ts';
import type { Judgement } from '../cel.ts';
import { OPERATOR_USERNAME } from './usernames.ts';

const IS_STATUS = 'request.?subResource.orValue("") == "status"';
const IS_DECISION = 'request.resource.resource == "approvaldecisions"';
const IS_KEPT = '!has(oldObject.metadata.deletionTimestamp)';
const FINAL = PHASES.filter(isFinal);
/** One expression is for two kinds, and the API server holds it to the fields of both: what only one of them has is looked up at run time. */
const SPEC = 'dyn(object.spec)';
const OLD = 'dyn(oldObject)';

/** What may not be said at all: it would let somebody stall or delete what is kept. */
const TIES = ['finalizers', 'ownerReferences'] as const;

/** @returns what is judged, and how. */
export function approvalLock(): Judgement {
  return {
    matchConditions: [
      { name: 'not-being-deleted', expression: `request.operation != "UPDATE" || ${IS_KEPT}` },
    ],
    variables: [
      { name: 'uid', expression: 'has(request.userInfo.uid) ? request.userInfo.uid : ""' },
      { name: 'groups', expression: 'has(request.userInfo.groups) ? request.userInfo.groups : []' },
    ],
    validations: [STATUS, DELETION, STAMP, CREATE_ONLY, ...TIES.map(untied)],
  };
}

const STATUS = {
  expression: `!(${IS_STATUS}) || request.userInfo.username == ${JSON.stringify(OPERATOR_USERNAME)}`,
  message: 'status of an ApprovalRequest is written by the operator alone: decide with an ApprovalDecision',
  reason: 'Forbidden',
} as const;

const DELETION = {
  expression: anyOf(
    'request.operation != "DELETE"',
    `request.userInfo.username in ${JSON.stringify([OPERATOR_USERNAME, ...NAMESPACE_CONTROLLERS])}`,
    `!(${IS_DECISION}) && ${OLD}.?status.?phase.orValue("") in ${JSON.stringify(['', ...FINAL])}`,
  ),
  message:
    'decisions, and requests that are open, are kept: cancel the request with an ApprovalDecision instead (kubectl mcp cancel NAME)',
  reason: 'Forbidden',
} as const;

const STAMP = {
  expression: anyOf(
    `!(${IS_DECISION}) || request.operation != "CREATE"`,
    [
      `${SPEC}.?decidedBy.?username.orValue("") == request.userInfo.username`,
      `${SPEC}.?decidedBy.?uid.orValue("") == variables.uid`,
      `${SPEC}.?decidedBy.?groups.orValue([]) == variables.groups`,
      `${SPEC}.?decidedAt.hasValue()`,
      `${SPEC}.?admissionUID.hasValue()`,
    ].join(' && '),
  ),
  message:
    'decidedBy tells who makes this decision, and admission alone writes it: create it without, and have the administrator run helm upgrade again if that is refused too',
  reason: 'Forbidden',
} as const;

const CREATE_ONLY = {
  expression: anyOf(
    `!(${IS_DECISION}) || request.operation != "UPDATE"`,
    [
      'object.spec == oldObject.spec',
      'object.metadata.?labels == oldObject.metadata.?labels',
      'object.metadata.?annotations == oldObject.metadata.?annotations',
    ].join(' && '),
  ),
  message:
    'an ApprovalDecision cannot be changed: to take an approval back before it is executed, create a decision with verb deny',
  reason: 'Forbidden',
} as const;

function untied(field: (typeof TIES)[number]) {
  return {
    expression: anyOf(
      'request.operation == "DELETE"',
      `!has(object.metadata.${field})`,
      `request.operation == "UPDATE" && object.metadata.?${field} == oldObject.metadata.?${field}`,
    ),
    message: `metadata.${field} must not be set on requests and decisions: nothing else may keep or delete them`,
    reason: 'Forbidden',
  } as const;
}

function anyOf(...terms: readonly string[]): string {
  return terms.map((term) => `(${term})`).join(' || ');
}
