/**
 * What users write, as against what the API server returns: fields with a default may be missing.
 */
import { mcpServerResource } from '../group.ts';
import type { ObjectMeta } from '../object-meta.ts';
import { withDefaults } from '../schema/defaults.ts';
import { structural } from '../schema/structural.ts';
import { MCPServer } from './mcp-server.ts';
import type { MCPServerSpec } from './spec.ts';
import type { MCPServerStatus } from './status.ts';

type Defaulted = 'transport' | 'strategy' | 'probe';

/** An MCPServer as it stands in a file. */
export interface MCPServerManifest {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: Partial<ObjectMeta> & Pick<ObjectMeta, 'name'>;
  readonly spec: Partial<Omit<MCPServerSpec, Defaulted>> &
    Pick<MCPServerSpec, 'source'> & { readonly [Field in Defaulted]?: Partial<MCPServerSpec[Field]> };
  readonly status?: MCPServerStatus;
}

/** The structural schema of MCPServer, as its CRD has it. */
export const mcpServerSchema = structural(MCPServer);

/**
 * Fills in what the API server would: the schema's defaults, and the namespace `default` where none is given. It judges
 * nothing: see validateMCPServer.
 */
export function defaultMCPServer(manifest: MCPServerManifest): MCPServer {
  const { group, version, kind } = mcpServerResource;
  const { metadata } = manifest;
  const complete = {
    ...manifest,
    apiVersion: `${group}/${version}`,
    kind,
    metadata: { ...metadata, namespace: metadata.namespace ?? 'default' },
  };
  // A boundary: the schema's defaults are exactly what the manifest's type allows to be missing.
  return withDefaults(mcpServerSchema, complete) as MCPServer;
}
