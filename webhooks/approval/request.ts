/** Admission of ApprovalRequests: whoever asks must be a person, and allowed to do by hand what they ask for. */
import {
  approvalRequestResource,
  complianceCheckResource,
  mcpServerResource,
  type ApprovalRequestSpec,
} from '../../api/index.ts';
import { personOf } from '../../approval/index.ts';
import {
  isJsonObject,
  MalformedReviewError,
  type AdmissionHandler,
  type AdmissionRequest,
  type JsonObject,
} from '../admission/review.ts';
import { NAMESPACE_CONTROLLERS } from '../catalogue.ts';
import type { Authorise, ResourceAttributes } from './authority.ts';
import { systemAccount, type ApprovalSettings } from './identity.ts';
import { refusing, type Refusal } from './refusal.ts';
import type { Refusals } from './refusals.ts';

export interface RequestAdmissionDependencies {
  readonly settings: ApprovalSettings;
  readonly authorise: Authorise;
  readonly refusals: Pick<Refusals, 'add'>;
}

/** Judges who asks for what. The operator asks for what its checks found, and needs no right of its own to do it. */
export function validateRequest({
  settings,
  authorise,
  refusals,
}: RequestAdmissionDependencies): AdmissionHandler {
  return async (admission, signal) => {
    const { user } = admission;
    if (user.username === settings.operator) return {};
    const refusal = notAPerson(admission) ?? (await notAllowed(admission, authorise, signal));
    if (refusal === undefined) return {};
    remember(admission, { settings, refusals }, 'create', refusal);
    return refusing(refusal);
  };
}

function notAPerson({ user }: AdmissionRequest): Refusal | undefined {
  const problem = systemAccount(user, []);
  return problem === undefined ? undefined : ['SystemAccount', problem];
}

async function notAllowed(
  admission: AdmissionRequest,
  authorise: Authorise,
  signal: AbortSignal,
): Promise<Refusal | undefined> {
  const attributes = targetOf(admission);
  if (await authorise(admission.user, attributes, signal)) return undefined;
  const { resource, name } = attributes;
  return [
    'NotAuthorised',
    `${admission.user.username} may not update ${resource}/${name}, and can only ask for what they might do: ask for the right to update it in namespace ${admission.namespace}, or somebody who holds it`,
  ];
}

/** What the person would do by hand. */
function targetOf({ namespace, object }: AdmissionRequest): ResourceAttributes {
  const { spec } = object;
  if (!isJsonObject(spec)) throw new MalformedReviewError('an ApprovalRequest must have a spec');
  // A boundary: the API server has judged it by the schema.
  const { target } = (spec as ApprovalRequestSpec).action;
  const known = [mcpServerResource, complianceCheckResource].find(({ kind }) => kind === target.kind);
  if (known === undefined)
    throw new MalformedReviewError(`spec.action.target.kind ${target.kind} is not known`);
  return { group: known.group, resource: known.plural, verb: 'update', namespace, name: target.name };
}

const OPEN: readonly unknown[] = ['Pending', 'Approved', 'Executing'];

/** Keeps what must not vanish: every decision, and each request that is open. @param kind of the objects. */
export function validateDeletion(
  kind: string,
  { settings, refusals }: Pick<RequestAdmissionDependencies, 'settings' | 'refusals'>,
): AdmissionHandler {
  return async (admission) => {
    const { user, oldObject } = admission;
    if ([settings.operator, ...NAMESPACE_CONTROLLERS].includes(user.username)) return {};
    const isRequest = kind === approvalRequestResource.kind;
    if (isRequest && !OPEN.includes(phaseOf(oldObject))) return {};
    const refusal: Refusal = ['Kept', isRequest ? CANCEL_INSTEAD : DENY_INSTEAD];
    remember(admission, { settings, refusals }, isRequest ? 'delete' : 'deleteDecision', refusal);
    return refusing(refusal);
  };
}

const CANCEL_INSTEAD =
  'an open ApprovalRequest is not deleted but taken back, so that it is known by whom: create an ApprovalDecision with verb cancel (kubectl mcp cancel NAME)';
const DENY_INSTEAD =
  'an ApprovalDecision is kept with its request: to take an approval back before it is executed, create a decision with verb deny';

function phaseOf({ status }: JsonObject): unknown {
  return isJsonObject(status) ? status['phase'] : undefined;
}

function remember(
  { user, namespace, name, object, oldObject, dryRun }: AdmissionRequest,
  { settings, refusals }: Pick<RequestAdmissionDependencies, 'settings' | 'refusals'>,
  verb: 'create' | 'delete' | 'deleteDecision',
  [reason]: Refusal,
): void {
  if (dryRun === true) return;
  const about = verb === 'deleteDecision' ? requestOfDecision(oldObject) : metadataOf(oldObject, object);
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  refusals.add({
    requestUid: text(about['uid']),
    namespace,
    name: text(about['name']) || name,
    person: personOf(user, settings.personKey),
    verb,
    reason,
  });
}

function metadataOf(...objects: readonly JsonObject[]): JsonObject {
  return objects.map(({ metadata }) => metadata).find(isJsonObject) ?? {};
}

/** A decision is looked for with the request that it is about. */
function requestOfDecision({ spec }: JsonObject): JsonObject {
  const reference = isJsonObject(spec) ? spec['requestRef'] : undefined;
  return isJsonObject(reference) ? reference : {};
}
