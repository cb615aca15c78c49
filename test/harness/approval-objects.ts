/**
 * The kinds of approval as tests write them. Decisions and requests carry the stamps that admission would give them: what admission itself does is
 * tested where it is served.
 */
import { ANNOTATIONS, GROUP, VERSION, type ApprovalRequest, type DecisionVerb } from '../../api/index.ts';
import { decisionName } from '../../approval/index.ts';

const apiVersion = `${GROUP}/${VERSION}`;

/** An ApprovalPolicy; `spec` is not judged here. */
export function approvalPolicyManifest(name: string, spec: object): object {
  return { apiVersion, kind: 'ApprovalPolicy', metadata: { name }, spec };
}

/** Somebody, as the API server authenticates them. */
export interface TestUser {
  readonly username: string;
  readonly groups?: readonly string[];
}

/** @returns what admission stamps on what the user creates. */
export function createdBy({ username }: TestUser): Readonly<Record<string, string>> {
  return { [ANNOTATIONS.createdBy]: JSON.stringify({ username, uid: '' }) };
}

/** @returns what admission stamps on what the users changed. */
export function changedBy(...users: readonly TestUser[]): Readonly<Record<string, string>> {
  return { [ANNOTATIONS.changedBy]: JSON.stringify(users.map(({ username }) => ({ username, uid: '' }))) };
}

/** An ApprovalRequest as `by` would have made it. */
export function requestManifest(
  { namespace, name }: { readonly namespace: string; readonly name: string },
  action: object,
  by: TestUser,
): object {
  return {
    apiVersion,
    kind: 'ApprovalRequest',
    metadata: { namespace, name, annotations: createdBy(by) },
    spec: { action },
  };
}

/** An ApprovalDecision as admission lets it through. @param overrides of the spec, for decisions that are not as they should be. */
export function decisionManifest(
  request: ApprovalRequest,
  verb: DecisionVerb,
  by: TestUser,
  overrides: object = {},
): object {
  const uid = request.metadata.uid ?? '';
  const { namespace, name } = request.metadata;
  return {
    apiVersion,
    kind: 'ApprovalDecision',
    metadata: { namespace, name: decisionName(uid, by.username, verb) },
    spec: {
      requestRef: { name, uid },
      verb,
      digest: request.status?.derived?.digest,
      reason: `said by ${by.username}`,
      decidedBy: { username: by.username, groups: [...(by.groups ?? []), 'system:authenticated'] },
      decidedAt: new Date().toISOString(),
      admissionUID: 'd290f1ee-6c54-4b01-90e6-d701748f0851',
      ...overrides,
    },
  };
}
