import { podSecurityOf } from '../../pod-security.ts';
import type { PolicyRule } from '../../rule.ts';

/** `podSecurity`: the pods, as rendered, meet a profile of the Pod Security Standards. `privileged` asks for nothing. */
export const podSecurityRule: PolicyRule = {
  id: 'podSecurity',
  severity: 'high',
  title: 'the pods meet the Pod Security Standard that the policy names',
  evaluate(subject, { podSecurity }) {
    if (podSecurity === undefined || podSecurity === 'privileged') return [];
    return podSecurityOf(subject, podSecurity).map(({ control, path, value, message, fix }) => ({
      rule: podSecurityRule.id,
      severity: podSecurityRule.severity,
      path,
      value,
      message: `Pod Security Standard ${podSecurity} (${control}): ${message}`,
      fix,
    }));
  },
};
