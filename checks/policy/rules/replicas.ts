/** `maxReplicas`: how many pods one server may have, by whatever field or subresource it is scaled. */
import { type RuleGroup, policyRule } from '../policy-rule.ts';

const maxReplicas = policyRule({
  id: 'maxReplicas',
  severity: 'medium',
  title: 'servers have no more pods than allowed',
  judge: ({ server, workload }, { maxReplicas: most }) => {
    const { replicas } = server.spec;
    if (most === undefined || workload === undefined || replicas <= most) return [];
    return [
      {
        path: 'spec.replicas',
        value: String(replicas),
        message: `A server may have at most ${most} replicas here.`,
        fix: `Set it to ${most} or less.`,
      },
    ];
  },
});

export const replicaRules: RuleGroup = { rules: [maxReplicas], problems: () => [] };
