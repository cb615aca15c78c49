/** The rights of the executor: one write on a kind of users, and what it must read to know that it may. */
import type { Permission } from '../../operator/runtime/index.ts';

export const EXECUTOR_PERMISSIONS: readonly Permission[] = [
  {
    apiGroups: ['mcp.kilocode.ai'],
    resources: ['mcpservers'],
    verbs: ['get', 'patch'],
    why: 'Makes the change that was approved, and reads whether it helped. Which fields it changes is limited in its code as well.',
  },
  {
    apiGroups: ['mcp.kilocode.ai'],
    resources: ['compliancechecks'],
    verbs: ['get'],
    why: 'Reads whether the check whose waiver was approved is still the same.',
  },
  {
    apiGroups: [''],
    resources: ['namespaces'],
    verbs: ['get'],
    why: 'Checks that look at a server look at the labels of its namespace too.',
  },
  {
    apiGroups: ['mcp.kilocode.ai'],
    resources: ['approvaldecisions'],
    verbs: ['list'],
    why: 'Counts what people decided, by itself, before it changes anything.',
  },
  {
    apiGroups: ['authorization.k8s.io'],
    resources: ['subjectaccessreviews'],
    verbs: ['create'],
    why: 'Asks again, immediately before a change, whether those who decided may.',
  },
];
