import { defineCheck } from '../check.ts';
import { podSecurityOf } from '../pod-security.ts';

/** MCP-W03. */
export const nonRoot = defineCheck(
  {
    id: 'MCP-W03',
    severity: 'high',
    title: 'nothing runs as root, unless root of a user namespace',
    references: ['Pod Security Standards: restricted, running as non-root', 'CIS Kubernetes 5.2.7'],
  },
  (subject) =>
    podSecurityOf(subject, 'restricted').filter(({ control }) =>
      ['runAsNonRoot', 'runAsUser'].includes(control),
    ),
);
