/** The rights that judging servers in the background takes. Policies and namespaces are cluster-scoped, whichever namespaces are served. */
import type { Permission } from '../../operator/runtime/index.ts';
import { DEFAULT_POLICY_MARKER } from './default-policy.ts';

export const SECURITY_POLICY_PERMISSIONS: readonly Permission[] = [
  {
    apiGroups: ['mcp.kilocode.ai'],
    resources: ['mcpsecuritypolicies'],
    verbs: ['list', 'watch', 'create'],
    why: 'Learns what servers may be, and creates the policy `default` once, where there is none. It never changes or deletes one.',
  },
  {
    apiGroups: ['mcp.kilocode.ai'],
    resources: ['mcpsecuritypolicies/status'],
    verbs: ['patch'],
    why: 'Reports how many servers a policy reaches, and how many break it.',
  },
  {
    apiGroups: [''],
    resources: ['namespaces'],
    verbs: ['list', 'watch'],
    why: 'Policies select servers by the labels of their namespace.',
  },
  {
    apiGroups: [''],
    resources: ['configmaps'],
    resourceNames: [DEFAULT_POLICY_MARKER],
    verbs: ['get'],
    isOwnNamespace: true,
    why: 'Remembers whether the policy `default` was created, so that nobody who deletes it gets it back.',
  },
  {
    apiGroups: [''],
    resources: ['configmaps'],
    verbs: ['create'],
    isOwnNamespace: true,
    why: 'The same. RBAC cannot bind a creation to a name.',
  },
];
