/** Every rule of MCPSecurityPolicy, in the order of its fields. */
import type { FieldError, MCPSecurityPolicySpec } from '../../../api/index.ts';
import type { PolicyRule } from '../../rule.ts';
import type { RuleGroup } from '../policy-rule.ts';
import { imageRules } from './images.ts';
import { labelRules } from './labels.ts';
import { networkRules } from './network.ts';
import { podSecurityRule } from './pod-security.ts';
import { podRules } from './pods.ts';
import { remoteRules } from './remotes.ts';
import { replicaRules } from './replicas.ts';
import { resourceRules } from './resources.ts';
import { secretRules } from './secrets.ts';
import { transportRules } from './transports.ts';

const GROUPS: readonly RuleGroup[] = [
  imageRules,
  remoteRules,
  transportRules,
  { rules: [podSecurityRule], problems: () => [] },
  podRules,
  resourceRules,
  replicaRules,
  networkRules,
  secretRules,
  labelRules,
];

/** One rule for each field of the spec that is one. */
export const POLICY_RULES: readonly PolicyRule[] = GROUPS.flatMap(({ rules }) => rules);

/** @returns what is wrong with the fields of rules. */
export function ruleProblems(spec: MCPSecurityPolicySpec): readonly FieldError[] {
  return GROUPS.flatMap(({ problems }) => problems(spec));
}
