/**
 * The kind MCPServer as a whole: its root schema, and how it shows in `kubectl`.
 */
import { type TUnsafe, Type } from 'typebox';
import { CATEGORY, GROUP, VERSION, mcpServerResource } from '../group.ts';
import type { ObjectMeta } from '../object-meta.ts';
import { type Static, validations } from '../schema/build.ts';
import type { CustomResource } from '../schema/custom-resource.ts';
import { MCPServerSpec } from './spec.ts';
import { MCPServerStatus } from './status.ts';

/** Children carry `mcp-` and this name, and every one of them must be a valid DNS label. */
const NAME_PATTERN = '^[a-z]([-a-z0-9]{0,50}[a-z0-9])?$';

const metadata: TUnsafe<ObjectMeta> = Type.Unsafe({ type: 'object' });

export const MCPServer = Type.Object(
  {
    apiVersion: Type.Unsafe<`${typeof GROUP}/${typeof VERSION}`>({
      type: 'string',
      description: `${GROUP}/${VERSION}.`,
    }),
    kind: Type.Unsafe<'MCPServer'>({ type: 'string', description: 'MCPServer.' }),
    metadata,
    spec: MCPServerSpec,
    status: Type.Optional(MCPServerStatus),
  },
  {
    description:
      'An MCPServer is a server of the Model Context Protocol that the operator runs hardened, or watches from afar, and asks in its own protocol whether it works.',
    ...validations({
      rule: `self.metadata.name.matches('${NAME_PATTERN}')`,
      message:
        "metadata.name must be at most 52 lower-case letters, digits and '-', begin with a letter and end with a letter or digit: its children are named mcp-<name>",
    }),
  },
);
/** An MCPServer as the API server returns it: defaults are filled in. */
export type MCPServer = Static<typeof MCPServer>;

/** Everything that the CRD of MCPServer says beside its schema. */
export const mcpServerCustomResource: CustomResource = {
  ...mcpServerResource,
  singular: 'mcpserver',
  shortNames: ['mcps'],
  categories: [CATEGORY],
  schema: MCPServer,
  scale: { spec: '.spec.replicas', status: '.status.replicas', selector: '.status.selector' },
  columns: [
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason' },
    { name: 'Protocol', type: 'string', jsonPath: '.status.protocol.version' },
    { name: 'Tools', type: 'integer', jsonPath: '.status.definitions.tools' },
    { name: 'Score', type: 'integer', jsonPath: '.status.compliance.score' },
    { name: 'Replicas', type: 'integer', jsonPath: '.status.readyReplicas' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
    { name: 'URL', type: 'string', jsonPath: '.status.address.url', wide: true },
    { name: 'Image', type: 'string', jsonPath: '.spec.source.image.ref', wide: true },
  ],
};
