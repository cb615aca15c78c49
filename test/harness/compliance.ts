/**
 * Manifests of the kinds of compliance, for tests.
 */
import {
  GROUP,
  VERSION,
  clusterComplianceCheckResource,
  complianceCheckResource,
  complianceProfileResource,
} from '../../api/index.ts';

const GROUP_PATH = `/apis/${GROUP}/${VERSION}`;

/** Where ComplianceProfiles are created. */
export const PROFILES_PATH = `${GROUP_PATH}/${complianceProfileResource.plural}`;
/** Where ClusterComplianceChecks are created. */
export const CLUSTER_CHECKS_PATH = `${GROUP_PATH}/${clusterComplianceCheckResource.plural}`;
/** Where the ComplianceChecks of a namespace are created. */
export function checksPath(namespace: string): string {
  return `${GROUP_PATH}/namespaces/${namespace}/${complianceCheckResource.plural}`;
}

const manifestOf =
  ({ kind }: { readonly kind: string }) =>
  (spec: unknown, metadata: object = { name: 'sample' }): object => ({
    apiVersion: `${GROUP}/${VERSION}`,
    kind,
    metadata,
    spec,
  });

/** A ComplianceProfile as a file would have it; `spec` is not judged here, so that a test can get it wrong. */
export const profileManifest = manifestOf(complianceProfileResource);
/** The same of a ComplianceCheck. */
export const checkManifest = manifestOf(complianceCheckResource);
/** The same of a ClusterComplianceCheck. */
export const clusterCheckManifest = manifestOf(clusterComplianceCheckResource);

const SELECTOR = {
  matchLabels: { tier: 'internal' },
  matchExpressions: [{ key: 'owner', operator: 'Exists' }],
};

/** Every field of a profile, with a value that is accepted. */
export const FULL_PROFILE_SPEC = {
  checks: [
    { id: 'MCP-S08' },
    { id: 'MCP-S11', severity: 'critical', parameters: { minimumDays: 30, hosts: 'a.example.com,b' } },
  ],
  controls: [{ framework: 'nist-800-53-r5', control: 'SC-7', checks: ['MCP-S08', 'MCP-S11'] }],
};

/** A waiver that is accepted. */
export const WAIVER = {
  check: 'MCP-S11',
  reason: 'The certificate is renewed by hand until June.',
  owner: 'platform-team@example.com',
  expiresAt: '2027-06-30T00:00:00Z',
};

/** Every field of a check. */
export const FULL_CHECK_SPEC = {
  profileRef: { name: 'mcp-baseline-v1' },
  serverSelector: SELECTOR,
  schedule: '0 */6 * * *',
  timeZone: 'Europe/Berlin',
  suspend: true,
  onChange: false,
  thresholds: { score: 90, coverage: 60 },
  history: { keepRuns: '30d' },
  mode: 'Remediate',
  waivers: [{ ...WAIVER, serverSelector: SELECTOR, approvalRef: { name: 'waive-nightly' } }],
};

/** Every field of a check of the cluster. */
export const FULL_CLUSTER_CHECK_SPEC = {
  ...FULL_CHECK_SPEC,
  namespaceSelector: SELECTOR,
  waivers: [{ ...WAIVER, serverSelector: SELECTOR, namespaceSelector: SELECTOR }],
};
