import { defineCheck } from '../check.ts';
import { podSecurityOf } from '../pod-security.ts';

/** MCP-W02. */
export const privilegeEscalation = defineCheck(
  {
    id: 'MCP-W02',
    severity: 'high',
    title: 'no process of any container gains rights that its parent does not have',
    references: ['Pod Security Standards: restricted, privilege escalation', 'CIS Kubernetes 5.2.6'],
  },
  (subject) =>
    podSecurityOf(subject, 'restricted').filter(({ control }) => control === 'allowPrivilegeEscalation'),
);
