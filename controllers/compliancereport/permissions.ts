/** The rights that publishing reports takes. Both APIs are optional: a rule on a kind that is not installed grants nothing. */
import type { Permission } from '../../operator/runtime/index.ts';

export const REPORT_PERMISSIONS: readonly Permission[] = [
  {
    apiGroups: ['openreports.io'],
    resources: ['reports'],
    verbs: ['get', 'list', 'create', 'patch', 'delete'],
    why: 'Publishes the findings of compliance checks, one report a server, where this API is installed.',
  },
  {
    apiGroups: ['wgpolicyk8s.io'],
    resources: ['policyreports'],
    verbs: ['get', 'list', 'create', 'patch', 'delete'],
    why: 'The same, where only this older API is installed.',
  },
];
