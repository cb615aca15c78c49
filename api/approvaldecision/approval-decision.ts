/** The kind ApprovalDecision as a whole: its root schema, and how it shows in `kubectl`. It has no status: the request's shows what counts. */
import { type TUnsafe, Type } from 'typebox';
import { CATEGORY, GROUP, VERSION, approvalDecisionResource } from '../group.ts';
import type { ObjectMeta } from '../object-meta.ts';
import type { Static } from '../schema/build.ts';
import type { CustomResource } from '../schema/custom-resource.ts';
import { ApprovalDecisionSpec } from './spec.ts';

const metadata: TUnsafe<ObjectMeta> = Type.Unsafe({ type: 'object' });

export const ApprovalDecision = Type.Object(
  {
    apiVersion: Type.Unsafe<`${typeof GROUP}/${typeof VERSION}`>({
      type: 'string',
      description: `${GROUP}/${VERSION}.`,
    }),
    kind: Type.Unsafe<'ApprovalDecision'>({ type: 'string', description: 'ApprovalDecision.' }),
    metadata,
    spec: ApprovalDecisionSpec,
  },
  {
    description:
      'An ApprovalDecision is what one person says of one ApprovalRequest. It can be created, once for each person and verb, and nothing else.',
  },
);
/** An ApprovalDecision as the API server returns it. */
export type ApprovalDecision = Static<typeof ApprovalDecision>;

/** Everything that the CRD of ApprovalDecision says beside its schema. */
export const approvalDecisionCustomResource: CustomResource = {
  ...approvalDecisionResource,
  singular: 'approvaldecision',
  shortNames: ['apd'],
  categories: [CATEGORY],
  schema: ApprovalDecision,
  columns: [
    { name: 'Verb', type: 'string', jsonPath: '.spec.verb' },
    { name: 'Request', type: 'string', jsonPath: '.spec.requestRef.name' },
    { name: 'Person', type: 'string', jsonPath: '.spec.decidedBy.username' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
    { name: 'Reason', type: 'string', jsonPath: '.spec.reason', wide: true },
  ],
  // The executor asks for the decisions on one request, whatever else was decided in the namespace.
  selectableFields: ['.spec.requestRef.uid'],
};
