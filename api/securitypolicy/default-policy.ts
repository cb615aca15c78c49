/**
 * The rules that a cluster begins with: what no MCP server of anybody needs, and what gives away the node, the cloud account or a secret.
 * Everything that the operator renders by itself keeps them, so that nobody meets them who did not open something.
 */
import type { MCPSecurityPolicySpec } from './spec.ts';

export const DEFAULT_POLICY_SPEC = {
  namespaceSelector: {},
  enforcement: 'Enforce',
  podSecurity: 'baseline',
  network: { denyCIDRs: ['169.254.169.254/32'] },
  secrets: { denyLiterals: true },
} as const satisfies MCPSecurityPolicySpec;
