/** The kind ApprovalRequest as a whole: its root schema, and how it shows in `kubectl`. */
import { type TUnsafe, Type } from 'typebox';
import { CATEGORY, GROUP, VERSION, approvalRequestResource } from '../group.ts';
import type { ObjectMeta } from '../object-meta.ts';
import type { Static } from '../schema/build.ts';
import type { CustomResource } from '../schema/custom-resource.ts';
import { ApprovalRequestSpec } from './spec.ts';
import { ApprovalRequestStatus } from './status.ts';

const metadata: TUnsafe<ObjectMeta> = Type.Unsafe({ type: 'object' });

export const ApprovalRequest = Type.Object(
  {
    apiVersion: Type.Unsafe<`${typeof GROUP}/${typeof VERSION}`>({
      type: 'string',
      description: `${GROUP}/${VERSION}.`,
    }),
    kind: Type.Unsafe<'ApprovalRequest'>({ type: 'string', description: 'ApprovalRequest.' }),
    metadata,
    spec: ApprovalRequestSpec,
    status: Type.Optional(ApprovalRequestStatus),
  },
  {
    description:
      'An ApprovalRequest asks people whether the operator may do one thing to one object. Its status shows exactly what, and what became of it. ApprovalDecisions answer it.',
  },
);
/** An ApprovalRequest as the API server returns it. */
export type ApprovalRequest = Static<typeof ApprovalRequest>;

/** Everything that the CRD of ApprovalRequest says beside its schema. */
export const approvalRequestCustomResource: CustomResource = {
  ...approvalRequestResource,
  singular: 'approvalrequest',
  shortNames: ['apr'],
  categories: [CATEGORY],
  schema: ApprovalRequest,
  columns: [
    { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
    { name: 'Risk', type: 'string', jsonPath: '.status.derived.risk' },
    { name: 'Action', type: 'string', jsonPath: '.spec.action.kind' },
    { name: 'Target', type: 'string', jsonPath: '.spec.action.target.name' },
    { name: 'Approvals', type: 'string', jsonPath: '.status.approvals.summary' },
    // Not of type date: kubectl shows those as an age, and this one is to come.
    { name: 'Expires', type: 'string', jsonPath: '.status.expires' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
    { name: 'Waiting', type: 'string', jsonPath: '.status.waiting', wide: true },
    { name: 'Summary', type: 'string', jsonPath: '.status.derived.summary', wide: true },
    { name: 'Requester', type: 'string', jsonPath: '.status.derived.requestedBy.person', wide: true },
  ],
};
