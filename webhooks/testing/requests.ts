/** Builds admission requests for tests, as the API server sends them. */
import type { AdmissionRequest, JsonObject } from '../admission/review.ts';

export const ALICE = { username: 'alice', uid: '' } as const;
export const BOB = { username: 'bob', uid: 'uid-of-bob' } as const;

/** What a request is about: any object, as JSON has it. */
function asJson(object: object): JsonObject {
  // A boundary of tests: the copy is a JSON object.
  return JSON.parse(JSON.stringify(object)) as JsonObject;
}

/** Creates `object`, by Alice unless `change` says otherwise. */
export function aRequest(object: object, change: Partial<AdmissionRequest> = {}): AdmissionRequest {
  return {
    uid: 'uid-of-request',
    operation: 'CREATE',
    group: 'mcp.kilocode.ai',
    resource: 'mcpservers',
    namespace: 'team-a',
    name: 'github',
    user: ALICE,
    object: asJson(object),
    oldObject: {},
    ...change,
  };
}

/** Changes `oldObject` into `object`. */
export function anUpdate(
  oldObject: object,
  object: object,
  change: Partial<AdmissionRequest> = {},
): AdmissionRequest {
  return aRequest(object, { operation: 'UPDATE', oldObject: asJson(oldObject), ...change });
}

/** The AdmissionReview around a request, as text. */
export function reviewOf(request: AdmissionRequest): string {
  const { group, resource, user, oldObject, ...rest } = request;
  const [plural = '', subResource] = resource.split('/');
  return JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      ...rest,
      resource: { group, version: 'v1alpha1', resource: plural },
      ...(subResource !== undefined && { subResource }),
      userInfo: user,
      oldObject: request.operation === 'CREATE' ? null : oldObject,
    },
  });
}
