/**
 * The second lock: ValidatingAdmissionPolicies, which the API server evaluates itself. With the webhook configuration gone, or the operator,
 * they still refuse the worst. What they are asked about comes from the module that watches them.
 */
import { GROUP, VERSION, securityPolicyResource } from '../../../../api/group.ts';
import { SECOND_LOCK, type LockPart } from '../../../../controllers/locks/index.ts';
import type { Judgement } from '../cel.ts';
import { approvalLock } from './approval-lock.ts';
import { childLock } from './child-lock.ts';
import { serverLock } from './server-lock.ts';
import { stampLock } from './stamp-lock.ts';

/** @returns the `spec` of each policy, as `admissionregistration.k8s.io/v1` has it, by the end of its name. */
export function secondLock(): Readonly<Record<string, object>> {
  const judgements: Readonly<Record<LockPart['name'], Judgement>> = {
    servers: serverLock(),
    children: childLock(),
    stamps: stampLock(),
    approvals: approvalLock(),
  };
  return Object.fromEntries(
    SECOND_LOCK.map((part) => [part.name, { ...questions(part), ...judgements[part.name] }]),
  );
}

/** What the API server asks about. */
function questions({ coverage, labels, asksPolicies }: LockPart): object {
  return {
    failurePolicy: 'Fail',
    ...(asksPolicies && {
      paramKind: { apiVersion: `${GROUP}/${VERSION}`, kind: securityPolicyResource.kind },
    }),
    matchConstraints: {
      matchPolicy: 'Equivalent',
      ...(Object.keys(labels).length > 0 && { objectSelector: { matchLabels: labels } }),
      resourceRules: coverage.map(({ group, version, resource, operations }) => ({
        apiGroups: [group],
        apiVersions: [version],
        operations,
        resources: [resource],
      })),
    },
  };
}
