import { defineCheck } from '../check.ts';
import { podSecurityOf } from '../pod-security.ts';

/** MCP-W04. */
export const capabilities = defineCheck(
  {
    id: 'MCP-W04',
    severity: 'medium',
    title: 'every container drops all capabilities, and adds at most NET_BIND_SERVICE',
    references: ['Pod Security Standards: restricted, capabilities', 'CIS Kubernetes 5.2.9'],
  },
  (subject) =>
    podSecurityOf(subject, 'restricted').filter(({ control }) => control === 'capabilities_restricted'),
);
