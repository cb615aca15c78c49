/** The rights that admission takes. It changes nothing. */
import type { Permission } from '../operator/runtime/index.ts';

export const WEBHOOK_PERMISSIONS: readonly Permission[] = [
  {
    apiGroups: ['mcp.kilocode.ai'],
    resources: ['mcpsecuritypolicies'],
    verbs: ['list', 'watch'],
    why: 'Judges each server by the policies when it is written.',
  },
  {
    apiGroups: [''],
    resources: ['namespaces'],
    verbs: ['get', 'list', 'watch'],
    why: 'Policies select namespaces by their labels. Only metadata is kept.',
  },
  {
    apiGroups: ['mcp.kilocode.ai'],
    resources: ['mcpservers'],
    verbs: ['get'],
    why: 'Judges a change of scale while the cache does not know the server yet.',
  },
  {
    apiGroups: ['mcp.kilocode.ai'],
    resources: ['approvalrequests'],
    verbs: ['get'],
    why: 'Judges a decision by the request that it is about.',
  },
  {
    apiGroups: ['authorization.k8s.io'],
    resources: ['subjectaccessreviews'],
    verbs: ['create'],
    why: 'Asks whether a person may ask for an action, or decide on it.',
  },
];
