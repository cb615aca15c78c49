import { podSecurityOf } from '../../pod-security.ts';
import type { PolicyRule } from '../../rule.ts';
import type { Subject } from '../../subject.ts';
import { onceOn } from '../../once.ts';

const FINDINGS = {
  baseline: onceOn((subject: Subject) => podSecurityOf(subject, 'baseline')),
  restricted: onceOn((subject: Subject) => podSecurityOf(subject, 'restricted')),
};

/** `podSecurity`: the pods, as rendered, meet a profile of the Pod Security Standards. `privileged` asks for nothing. */
export const podSecurityRule: PolicyRule = {
  id: 'podSecurity',
  severity: 'high',
  title: 'the pods meet the Pod Security Standard that the policy names',
  evaluate(subject, { podSecurity }) {
    if (podSecurity === undefined || podSecurity === 'privileged') return [];
    return FINDINGS[podSecurity](subject).map(({ control, path, value, message, fix }) => ({
      rule: podSecurityRule.id,
      severity: podSecurityRule.severity,
      path,
      value,
      message: `Pod Security Standard ${podSecurity} (${control}): ${message}`,
      fix,
    }));
  },
};
