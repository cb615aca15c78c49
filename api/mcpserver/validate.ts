/**
 * Judges an MCPServer without a cluster: its schema, defaults filled in first, as the API server does. The CEL rules of the
 * schema are judged by the API server, and by `kilo-mcp lint`.
 */
import { mcpServerResource } from '../group.ts';
import { withDefaults } from '../schema/defaults.ts';
import { identityErrors } from '../schema/identity.ts';
import { type FieldError, createValidator } from '../schema/validator.ts';
import { type MCPServerManifest, defaultMCPServer, mcpServerSchema } from './manifest.ts';
import type { MCPServer } from './mcp-server.ts';

/** The verdict; a valid server comes with its defaults. */
export type MCPServerValidation =
  | { readonly valid: true; readonly server: MCPServer }
  | { readonly valid: false; readonly errors: readonly FieldError[] };

const judgeSchema = createValidator(mcpServerSchema);

/** @returns the server with its defaults, or every error, each with field and fix. */
export function validateMCPServer(value: unknown): MCPServerValidation {
  const errors = [
    ...identityErrors(value, mcpServerResource),
    ...judgeSchema(withDefaults(mcpServerSchema, value)),
  ];
  if (errors.length > 0) return { valid: false, errors };
  // A boundary: the schema has just said that it is one.
  return { valid: true, server: defaultMCPServer(value as MCPServerManifest) };
}
