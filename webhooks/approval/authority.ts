/** Asks the API server whether somebody may do something: SubjectAccessReview, with everything that is known of the person. */
import type { Clock } from '../../core/clock.ts';
import { errorMessage, TransientError } from '../../core/errors.ts';
import {
  withDeadline,
  type KubernetesClient,
  type KubernetesObject,
  type ResourceType,
} from '../../operator/runtime/index.ts';
import type { UserInfo } from '../admission/review.ts';

/** What somebody wants to do to which object. */
export interface ResourceAttributes {
  readonly group: string;
  readonly resource: string;
  readonly verb: string;
  readonly namespace: string;
  readonly name: string;
}

/** @throws TransientError when it cannot be asked. */
export type Authorise = (
  user: UserInfo,
  attributes: ResourceAttributes,
  signal: AbortSignal,
) => Promise<boolean>;

interface SubjectAccessReview extends KubernetesObject {
  readonly status?: { readonly allowed?: boolean };
}

const SUBJECT_ACCESS_REVIEW: ResourceType<SubjectAccessReview> = {
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SubjectAccessReview',
  plural: 'subjectaccessreviews',
  namespaced: false,
};
/** The API server waits 5 s for the whole answer, of which the request is read first. */
const DEADLINE_MS = 2_000;

/** Asks the API server each time: a right that was taken away counts no longer. */
export function createAuthorise(client: KubernetesClient, clock: Clock): Authorise {
  return async (user, attributes, signal) => {
    const review = reviewOf(user, attributes);
    const { status } = await withDeadline(clock, DEADLINE_MS, signal, (deadline) =>
      client.create(SUBJECT_ACCESS_REVIEW, review, { fieldManager: 'mcp-operator' }, deadline),
    ).catch((cause: unknown) => {
      throw new TransientError(
        `whether ${user.username} may do this cannot be asked: ${errorMessage(cause)}`,
        {
          cause,
        },
      );
    });
    return status?.allowed === true;
  };
}

function reviewOf(
  { username, uid, groups = [], extra = {} }: UserInfo,
  resourceAttributes: ResourceAttributes,
) {
  return {
    apiVersion: 'authorization.k8s.io/v1',
    kind: SUBJECT_ACCESS_REVIEW.kind,
    // A question has no name.
    metadata: { name: '' },
    spec: { user: username, uid, groups, extra, resourceAttributes },
  };
}
