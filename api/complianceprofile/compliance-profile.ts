/**
 * The kind ComplianceProfile as a whole: its root schema, and how it shows in `kubectl`. It has no status: whether it can be used is said by
 * the checks that name it.
 */
import { type TUnsafe, Type } from 'typebox';
import { CATEGORY, GROUP, VERSION, complianceProfileResource } from '../group.ts';
import type { ObjectMeta } from '../object-meta.ts';
import type { Static } from '../schema/build.ts';
import type { CustomResource } from '../schema/custom-resource.ts';
import { ComplianceProfileSpec } from './spec.ts';

const metadata: TUnsafe<Omit<ObjectMeta, 'namespace'>> = Type.Unsafe({ type: 'object' });

export const ComplianceProfile = Type.Object(
  {
    apiVersion: Type.Unsafe<`${typeof GROUP}/${typeof VERSION}`>({
      type: 'string',
      description: `${GROUP}/${VERSION}.`,
    }),
    kind: Type.Unsafe<'ComplianceProfile'>({ type: 'string', description: 'ComplianceProfile.' }),
    metadata,
    spec: ComplianceProfileSpec,
  },
  {
    description:
      'A ComplianceProfile says which checks MCP servers are put through. ComplianceChecks and ClusterComplianceChecks name one, and say which servers and when.',
  },
);
/** A ComplianceProfile as the API server returns it. */
export type ComplianceProfile = Static<typeof ComplianceProfile>;

/** Everything that the CRD of ComplianceProfile says beside its schema. */
export const complianceProfileCustomResource: CustomResource = {
  ...complianceProfileResource,
  singular: 'complianceprofile',
  shortNames: ['mcpcp'],
  categories: [CATEGORY],
  schema: ComplianceProfile,
  columns: [{ name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' }],
};
