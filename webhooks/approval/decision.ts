/** Admission of ApprovalDecisions: who, when and by which call is written over whatever was sent; then everything is judged. */
import {
  approvalPolicyResource,
  type ApprovalDecisionSpec,
  type ApprovalRequest,
  type DecisionVerb,
} from '../../api/index.ts';
import { decisionName, personOf } from '../../approval/index.ts';
import type { Clock } from '../../core/clock.ts';
import type { JsonPatchOperation } from '../../operator/runtime/index.ts';
import {
  isJsonObject,
  type AdmissionHandler,
  type AdmissionRequest,
  type JsonObject,
} from '../admission/review.ts';
import type { Authorise } from './authority.ts';
import { notAuthorised, policiesToAsk, refusalOfDecision, type DecisionQuestion } from './decision-rules.ts';
import { decidedBy, type ApprovalSettings } from './identity.ts';
import { refusing, type Refusal } from './refusal.ts';
import type { Refusals } from './refusals.ts';

/** @returns the request as it is now; undefined where there is none. @throws TransientError when it cannot be read. */
export type ReadRequest = (
  key: { readonly namespace: string; readonly name: string },
  signal: AbortSignal,
) => Promise<ApprovalRequest | undefined>;

export interface DecisionAdmissionDependencies {
  readonly settings: ApprovalSettings;
  readonly clock: Clock;
  readonly readRequest: ReadRequest;
  readonly authorise: Authorise;
  readonly refusals: Pick<Refusals, 'add'>;
}

/** Stamps the decision, and names it where the API server was to make up a name. */
export function stampDecision({
  settings: { personKey },
  clock,
}: Pick<DecisionAdmissionDependencies, 'settings' | 'clock'>): AdmissionHandler {
  return async (request) => {
    // Without a spec there is nothing to stamp: the schema says so better.
    if (!isJsonObject(request.object['spec'])) return {};
    const stamps = {
      decidedBy: decidedBy(request.user),
      decidedAt: clock.now().toISOString(),
      admissionUID: request.uid,
    };
    const patch = Object.entries(stamps).map(([field, value]): JsonPatchOperation => ({
      op: 'add',
      path: `/spec/${field}`,
      value,
    }));
    return { patch: [...patch, ...naming(request, personKey)] };
  };
}

/** A name of somebody's own choice is refused later, with the right one. */
function naming({ object, user }: AdmissionRequest, personKey: string): readonly JsonPatchOperation[] {
  const { metadata } = object;
  if (!isJsonObject(metadata) || typeof metadata['generateName'] !== 'string') return [];
  const { requestRef, verb } = specIn(object);
  const value = decisionName(requestRef.uid, personOf(user, personKey), verb);
  return metadata['name'] === value ? [] : [{ op: 'add', path: '/metadata/name', value }];
}

/** Judges a decision, its authority last: that takes the API server. */
export function validateDecision(dependencies: DecisionAdmissionDependencies): AdmissionHandler {
  const { settings, clock, readRequest, authorise, refusals } = dependencies;
  return async (admission, signal) => {
    const { user, namespace } = admission;
    const spec = specIn(admission.object);
    const key = { namespace, name: spec.requestRef.name };
    const request = await readRequest(key, signal);
    const now = clock.now();
    const question = { name: nameIn(admission), spec, request, user, personKey: settings.personKey, now };
    const refusal =
      refusalOfDecision(question) ?? (await refusalOfAuthority(question, namespace, authorise, signal));
    if (refusal === undefined) return {};
    const person = personOf(user, settings.personKey);
    if (admission.dryRun !== true)
      refusals.add({ requestUid: spec.requestRef.uid, ...key, person, verb: spec.verb, reason: refusal[0] });
    return refusing(refusal);
  };
}

/** The verb must be held on every policy of the request's snapshot. */
async function refusalOfAuthority(
  question: DecisionQuestion,
  namespace: string,
  authorise: Authorise,
  signal: AbortSignal,
): Promise<Refusal | undefined> {
  const { user, spec } = question;
  const policies = policiesToAsk(question);
  const { group, plural: resource } = approvalPolicyResource;
  const answers = await Promise.all(
    policies.map((name) => authorise(user, { group, resource, verb: spec.verb, namespace, name }, signal)),
  );
  const refused = policies.filter((_, index) => answers[index] !== true);
  return refused.length === 0 ? undefined : notAuthorised(spec.verb, refused, user);
}

/** The schema is judged between the two webhooks, so that the first may meet anything: what is no text is empty. */
function specIn({ spec }: JsonObject): ApprovalDecisionSpec {
  const given = isJsonObject(spec) ? spec : {};
  const ref = isJsonObject(given['requestRef']) ? given['requestRef'] : {};
  return {
    ...(given as Partial<ApprovalDecisionSpec>),
    requestRef: { name: textOf(ref['name']), uid: textOf(ref['uid']) },
    // A boundary: the schema knows the verbs.
    verb: textOf(given['verb']) as DecisionVerb,
    digest: textOf(given['digest']),
    reason: textOf(given['reason']),
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function nameIn({ name, object: { metadata } }: AdmissionRequest): string {
  const given = isJsonObject(metadata) ? metadata['name'] : undefined;
  return typeof given === 'string' ? given : name;
}
