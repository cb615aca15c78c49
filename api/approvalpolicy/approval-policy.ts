/** The kind ApprovalPolicy as a whole: its root schema, and how it shows in `kubectl`. Requests show what it means for them. */
import { type TUnsafe, Type } from 'typebox';
import { CATEGORY, GROUP, VERSION, approvalPolicyResource } from '../group.ts';
import type { ObjectMeta } from '../object-meta.ts';
import type { Static } from '../schema/build.ts';
import type { CustomResource } from '../schema/custom-resource.ts';
import { ApprovalPolicySpec } from './spec.ts';

const metadata: TUnsafe<Omit<ObjectMeta, 'namespace'>> = Type.Unsafe({ type: 'object' });

export const ApprovalPolicy = Type.Object(
  {
    apiVersion: Type.Unsafe<`${typeof GROUP}/${typeof VERSION}`>({
      type: 'string',
      description: `${GROUP}/${VERSION}.`,
    }),
    kind: Type.Unsafe<'ApprovalPolicy'>({ type: 'string', description: 'ApprovalPolicy.' }),
    metadata,
    spec: ApprovalPolicySpec,
  },
  {
    description:
      'An ApprovalPolicy says who must agree before the operator acts on a request. All policies that match combine, the strictest of each; without one nothing is approved. Deciding takes the verb approve, deny, cancel or override on it.',
  },
);
/** An ApprovalPolicy as the API server returns it: defaults are filled in. */
export type ApprovalPolicy = Static<typeof ApprovalPolicy>;

/** Everything that the CRD of ApprovalPolicy says beside its schema. */
export const approvalPolicyCustomResource: CustomResource = {
  ...approvalPolicyResource,
  singular: 'approvalpolicy',
  shortNames: ['appol'],
  categories: [CATEGORY],
  schema: ApprovalPolicy,
  columns: [
    { name: 'Approvals', type: 'integer', jsonPath: '.spec.quorum.approvals' },
    { name: 'Denials', type: 'integer', jsonPath: '.spec.quorum.denials' },
    { name: 'Risk', type: 'string', jsonPath: '.spec.match.minRisk' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
    { name: 'Required', type: 'string', jsonPath: '.spec.required[*].group', wide: true },
    { name: 'Automatic', type: 'string', jsonPath: '.spec.auto.actionKinds', wide: true },
  ],
};
