/** The rights that counting decisions takes. Whoever counts them has these. */
import type { Permission } from '../../operator/runtime/index.ts';

export const DECISION_PERMISSIONS: readonly Permission[] = [
  {
    apiGroups: ['mcp.kilocode.ai'],
    resources: ['approvaldecisions'],
    verbs: ['list', 'watch'],
    why: 'Reads what people decided.',
  },
  {
    apiGroups: ['authorization.k8s.io'],
    resources: ['subjectaccessreviews'],
    verbs: ['create'],
    why: 'Asks again, when decisions are counted, whether their persons may decide.',
  },
];
