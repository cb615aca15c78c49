/**
 * Manifests of MCPSecurityPolicies for tests.
 */
import { GROUP, VERSION, securityPolicyResource } from '../../api/index.ts';

/** Where MCPSecurityPolicies are created. */
export const SECURITY_POLICIES_PATH = `/apis/${GROUP}/${VERSION}/${securityPolicyResource.plural}`;

/** An MCPSecurityPolicy as a file would have it; `spec` is not judged here, so that a test can get it wrong. */
export function securityPolicyManifest(spec: unknown, metadata: object = { name: 'sample' }): object {
  return { apiVersion: `${GROUP}/${VERSION}`, kind: securityPolicyResource.kind, metadata, spec };
}

const SELECTOR = {
  matchLabels: { environment: 'production' },
  matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['sandbox'] }],
};

/** Every field, with a value that is accepted. */
export const FULL_POLICY_SPEC = {
  namespaceSelector: SELECTOR,
  serverSelector: SELECTOR,
  enforcement: 'Warn',
  images: { allowed: ['ghcr.io/org/*', 'registry.example.com/**'], requireDigest: true },
  remotes: {
    hosts: ['mcp.example.com', '*.tools.example.com'],
    requireTLS: true,
    allowPrivateAddresses: false,
  },
  transports: ['StreamableHTTP', 'SSE'],
  podSecurity: 'restricted',
  runtimeClasses: ['gvisor'],
  serviceAccounts: ['reader'],
  volumes: ['configMap', 'csi', 'downwardAPI', 'emptyDir', 'persistentVolumeClaim', 'projected', 'secret'],
  resources: { requireLimits: true, max: { cpu: 2, memory: '2Gi', 'example.com/gpu': '1' } },
  maxReplicas: 10,
  network: { denyEgressToAnywhere: true, denyCIDRs: ['169.254.169.254/32', 'fd00:ec2::254/128'] },
  secrets: { denyLiterals: true },
  labels: { required: ['owner', 'example.com/data-classification'] },
};
