/** The ApprovalPolicy of the story: that of `examples/approval/`, so that what people are shown is what they can use. */
import { parseDocument } from 'yaml';
import type { ApprovalPolicy } from '../../../api/index.ts';

/** Where the story plays; `around.yaml` makes it. */
export const NAMESPACE = 'mcp-approval-demo';
/** The policy that binds it. */
export const POLICY = 'demo-two-approvers';

/** The ComplianceProfile of `around.yaml`, which outlives the namespace too. */
export const PROFILE = 'demo-read-only-root';

const BEHIND_IT = /^---$/m;

/**
 * @param example the text of regulated-production.yaml: the policy, and roles behind it that are not used here.
 * @returns the same rules for the demo's namespace alone, and without the weekend, on which the demo would stop.
 */
export function policyOf(example: string): Pick<ApprovalPolicy, 'apiVersion' | 'kind' | 'spec'> & {
  readonly metadata: { readonly name: string };
} {
  const [text = ''] = example.split(BEHIND_IT);
  // A boundary: the examples are tested against the schema.
  const { apiVersion, kind, spec } = parseDocument(text).toJS() as ApprovalPolicy;
  const { freeze: _, ...rules } = spec;
  const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': NAMESPACE } };
  return { apiVersion, kind, metadata: { name: POLICY }, spec: { ...rules, namespaceSelector } };
}
