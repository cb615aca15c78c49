/**
 * The kinds ComplianceCheck and ClusterComplianceCheck as wholes: their root schemas, and how they show in `kubectl`.
 */
import { type TUnsafe, Type } from 'typebox';
import {
  CATEGORY,
  GROUP,
  VERSION,
  clusterComplianceCheckResource,
  complianceCheckResource,
} from '../group.ts';
import type { ObjectMeta } from '../object-meta.ts';
import type { Static } from '../schema/build.ts';
import type { Column, CustomResource } from '../schema/custom-resource.ts';
import { ClusterComplianceCheckSpec, ComplianceCheckSpec } from './spec.ts';
import { CheckStatus } from './status.ts';

const apiVersion = Type.Unsafe<`${typeof GROUP}/${typeof VERSION}`>({
  type: 'string',
  description: `${GROUP}/${VERSION}.`,
});
const namespaced: TUnsafe<ObjectMeta> = Type.Unsafe({ type: 'object' });
const clusterScoped: TUnsafe<Omit<ObjectMeta, 'namespace'>> = Type.Unsafe({ type: 'object' });

export const ComplianceCheck = Type.Object(
  {
    apiVersion,
    kind: Type.Unsafe<'ComplianceCheck'>({ type: 'string', description: 'ComplianceCheck.' }),
    metadata: namespaced,
    spec: ComplianceCheckSpec,
    status: Type.Optional(CheckStatus),
  },
  {
    description:
      'A ComplianceCheck puts the MCP servers of its namespace through a ComplianceProfile, on schedule and on change, and shows the last verdict.',
  },
);
/** A ComplianceCheck as the API server returns it: defaults are filled in. */
export type ComplianceCheck = Static<typeof ComplianceCheck>;

export const ClusterComplianceCheck = Type.Object(
  {
    apiVersion,
    kind: Type.Unsafe<'ClusterComplianceCheck'>({ type: 'string', description: 'ClusterComplianceCheck.' }),
    metadata: clusterScoped,
    spec: ClusterComplianceCheckSpec,
    status: Type.Optional(CheckStatus),
  },
  {
    description:
      'A ClusterComplianceCheck puts the MCP servers of many namespaces through a ComplianceProfile, on schedule and on change, with the waivers of those who run the cluster.',
  },
);
/** A ClusterComplianceCheck as the API server returns it: defaults are filled in. */
export type ClusterComplianceCheck = Static<typeof ClusterComplianceCheck>;

const COLUMNS: readonly Column[] = [
  { name: 'Result', type: 'string', jsonPath: '.status.result' },
  { name: 'Score', type: 'integer', jsonPath: '.status.score' },
  { name: 'Coverage', type: 'integer', jsonPath: '.status.coverage' },
  { name: 'Failed', type: 'integer', jsonPath: '.status.counts.fail' },
  { name: 'Last', type: 'date', jsonPath: '.status.lastRun.startedAt' },
  // Not of type date: kubectl shows those as an age, and this one is to come.
  { name: 'Next', type: 'string', jsonPath: '.status.nextRun' },
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status', wide: true },
  { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason', wide: true },
  { name: 'Profile', type: 'string', jsonPath: '.spec.profileRef.name', wide: true },
  { name: 'Servers', type: 'integer', jsonPath: '.status.servers', wide: true },
];

/** Everything that the CRD of ComplianceCheck says beside its schema. */
export const complianceCheckCustomResource: CustomResource = {
  ...complianceCheckResource,
  singular: 'compliancecheck',
  shortNames: ['mcpcc'],
  categories: [CATEGORY],
  schema: ComplianceCheck,
  columns: COLUMNS,
};

/** Everything that the CRD of ClusterComplianceCheck says beside its schema. */
export const clusterComplianceCheckCustomResource: CustomResource = {
  ...clusterComplianceCheckResource,
  singular: 'clustercompliancecheck',
  shortNames: ['mcpccc'],
  categories: [CATEGORY],
  schema: ClusterComplianceCheck,
  columns: COLUMNS,
};
