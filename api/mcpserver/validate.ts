/**
 * Judges an MCPServer without a cluster: its schema, defaults filled in first, as the API server does. The CEL rules of the
 * schema are judged by the API server alone.
 */
import { mcpServerResource } from '../group.ts';
import { withDefaults } from '../schema/defaults.ts';
import { type FieldError, createValidator } from '../schema/validator.ts';
import { type MCPServerManifest, defaultMCPServer, mcpServerSchema } from './manifest.ts';
import type { MCPServer } from './mcp-server.ts';

/** The verdict; a valid server comes with its defaults. */
export type MCPServerValidation =
  | { readonly valid: true; readonly server: MCPServer }
  | { readonly valid: false; readonly errors: readonly FieldError[] };

const API_VERSION = `${mcpServerResource.group}/${mcpServerResource.version}`;
const judgeSchema = createValidator(mcpServerSchema);

/** @returns the server with its defaults, or every error, each with field and fix. */
export function validateMCPServer(value: unknown): MCPServerValidation {
  const errors = [...identityErrors(value), ...judgeSchema(withDefaults(mcpServerSchema, value))];
  if (errors.length > 0) return { valid: false, errors };
  // A boundary: the schema has just said that it is one.
  return { valid: true, server: defaultMCPServer(value as MCPServerManifest) };
}

/** What an API server knows from the request's path and not from the schema. */
function identityErrors(value: unknown): readonly FieldError[] {
  const { apiVersion, kind, metadata } = entries(value);
  return [
    ...(apiVersion === API_VERSION ? [] : [{ path: 'apiVersion', message: `must be ${API_VERSION}` }]),
    ...(kind === mcpServerResource.kind
      ? []
      : [{ path: 'kind', message: `must be ${mcpServerResource.kind}` }]),
    ...(typeof entries(metadata)['name'] === 'string'
      ? []
      : [{ path: 'metadata.name', message: 'is required: set it' }]),
  ];
}

function entries(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}
