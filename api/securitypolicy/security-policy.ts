/**
 * The kind MCPSecurityPolicy as a whole: its root schema, and how it shows in `kubectl`.
 */
import { type TUnsafe, Type } from 'typebox';
import { CATEGORY, GROUP, VERSION, securityPolicyResource } from '../group.ts';
import type { ObjectMeta } from '../object-meta.ts';
import type { Static } from '../schema/build.ts';
import type { CustomResource } from '../schema/custom-resource.ts';
import { MCPSecurityPolicySpec } from './spec.ts';
import { MCPSecurityPolicyStatus } from './status.ts';

const metadata: TUnsafe<Omit<ObjectMeta, 'namespace'>> = Type.Unsafe({ type: 'object' });

export const MCPSecurityPolicy = Type.Object(
  {
    apiVersion: Type.Unsafe<`${typeof GROUP}/${typeof VERSION}`>({
      type: 'string',
      description: `${GROUP}/${VERSION}.`,
    }),
    kind: Type.Unsafe<'MCPSecurityPolicy'>({ type: 'string', description: 'MCPSecurityPolicy.' }),
    metadata,
    spec: MCPSecurityPolicySpec,
    status: Type.Optional(MCPSecurityPolicyStatus),
  },
  {
    description:
      'An MCPSecurityPolicy says what MCPServers may be: which images, hosts, volumes, openings and rights. Each policy is judged alone, and admission refuses a server that breaks one that is enforced.',
  },
);
/** An MCPSecurityPolicy as the API server returns it: defaults are filled in. */
export type MCPSecurityPolicy = Static<typeof MCPSecurityPolicy>;

/** Everything that the CRD of MCPSecurityPolicy says beside its schema. */
export const securityPolicyCustomResource: CustomResource = {
  ...securityPolicyResource,
  singular: 'mcpsecuritypolicy',
  shortNames: ['mcpsp'],
  categories: [CATEGORY],
  schema: MCPSecurityPolicy,
  columns: [
    { name: 'Enforcement', type: 'string', jsonPath: '.spec.enforcement' },
    { name: 'Accepted', type: 'string', jsonPath: '.status.conditions[?(@.type=="Accepted")].status' },
    { name: 'Enforced', type: 'string', jsonPath: '.status.conditions[?(@.type=="Enforced")].status' },
    { name: 'Servers', type: 'integer', jsonPath: '.status.matchedServers' },
    { name: 'Violations', type: 'integer', jsonPath: '.status.violations' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
    { name: 'Evaluated', type: 'date', jsonPath: '.status.lastEvaluated', wide: true },
  ],
};
