/**
 * Stands in the bundle for the MCP client's own JSON Schema validator: probes pass a validator that never judges, because they
 * describe definitions and do not believe them. The one left out here brings a second copy of ajv.
 */
export const CORS_IS_POSSIBLE = false;

export class DefaultJsonSchemaValidator {
  getValidator() {
    throw new Error(
      'the bundle has no JSON Schema validator for the MCP client: pass one, as mcp/session.ts does',
    );
  }
}
