import { defineCheck } from '../check.ts';
import { podSecurityOf } from '../pod-security.ts';

/** MCP-W01: the profile `baseline`, and of `restricted` what concerns volumes, which is stricter than `baseline` on host paths. */
export const baseline = defineCheck(
  {
    id: 'MCP-W01',
    severity: 'high',
    title: 'the pods meet the Pod Security Standard baseline, and mount only safe kinds of volumes',
    references: [
      'Pod Security Standards: baseline',
      'Pod Security Standards: restricted, volume types',
      'CIS Kubernetes 5.2.2-5.2.5',
      'CIS Kubernetes 5.2.12-5.2.13',
    ],
  },
  (subject) => [
    ...podSecurityOf(subject, 'baseline').filter(({ control }) => control !== 'hostPathVolumes'),
    ...podSecurityOf(subject, 'restricted').filter(({ control }) => control === 'restrictedVolumes'),
  ],
);
