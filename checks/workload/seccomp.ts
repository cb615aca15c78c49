import { defineCheck } from '../check.ts';
import { podSecurityOf } from '../pod-security.ts';

/** MCP-W05. */
export const seccomp = defineCheck(
  {
    id: 'MCP-W05',
    severity: 'medium',
    title: 'a seccomp profile limits the system calls of every container',
    references: ['Pod Security Standards: restricted, seccomp', 'CIS Kubernetes 5.7.2'],
  },
  (subject) =>
    podSecurityOf(subject, 'restricted').filter(({ control }) => control === 'seccompProfile_restricted'),
);
