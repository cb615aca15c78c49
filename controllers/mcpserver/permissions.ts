/**
 * The rights that the controller needs, one rule a purpose. There is none on Secrets: see `references.ts` for how a namespace
 * grants that by itself.
 */
import type { Permission } from '../../operator/runtime/index.ts';
import { ADDRESS_PERMISSIONS } from '../addresses/index.ts';

/** Server-side apply asks for both `create` and `patch`. */
const CHILD_VERBS = ['get', 'list', 'watch', 'create', 'patch', 'delete'];

export const MCPSERVER_PERMISSIONS: readonly Permission[] = [
  {
    apiGroups: ['mcp.kilocode.ai'],
    resources: ['mcpservers'],
    verbs: ['list', 'watch'],
    why: 'Learns what servers there should be. It never writes to them.',
  },
  {
    apiGroups: ['mcp.kilocode.ai'],
    resources: ['mcpservers/status'],
    verbs: ['patch'],
    why: 'Reports what it found.',
  },
  {
    apiGroups: ['mcp.kilocode.ai'],
    resources: ['mcpservers/finalizers'],
    verbs: ['update'],
    why: 'Lets children block the deletion of their owner, where OwnerReferencesPermissionEnforcement asks for it (OpenShift).',
  },
  {
    apiGroups: [''],
    resources: ['serviceaccounts', 'services'],
    verbs: CHILD_VERBS,
    why: 'Children of each server: an identity without rights, and a stable address.',
  },
  {
    apiGroups: ['apps'],
    resources: ['deployments'],
    verbs: CHILD_VERBS,
    why: 'Children of each server: its pods.',
  },
  {
    apiGroups: ['networking.k8s.io'],
    resources: ['networkpolicies'],
    verbs: CHILD_VERBS,
    why: 'Children of each server: who may reach it, and whom it may reach.',
  },
  {
    apiGroups: ['policy'],
    resources: ['poddisruptionbudgets'],
    verbs: CHILD_VERBS,
    why: 'Children of servers with several replicas: how many pods a node drain may take.',
  },
  {
    apiGroups: [''],
    resources: ['pods'],
    verbs: ['list', 'watch'],
    why: 'Finds the pod to probe, and why a pod does not start. Logs are never read.',
  },
  {
    apiGroups: [''],
    resources: ['configmaps'],
    verbs: ['get'],
    why: 'Reads the CA bundle that a server names, by name and when it probes it; it can neither list nor watch.',
  },
  ...ADDRESS_PERMISSIONS,
];
