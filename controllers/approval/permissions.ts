/** The rights that asking for approval takes. None of them decides anything, and none changes a server. */
import type { Permission } from '../../operator/runtime/index.ts';
import { DECISION_PERMISSIONS } from '../decisions/index.ts';

export const APPROVAL_PERMISSIONS: readonly Permission[] = [
  {
    apiGroups: ['mcp.kilocode.ai'],
    resources: ['approvalpolicies'],
    verbs: ['list', 'watch'],
    why: 'Learns who must agree to what. It never writes to them.',
  },
  {
    apiGroups: ['mcp.kilocode.ai'],
    resources: ['approvalrequests'],
    verbs: ['list', 'watch', 'create'],
    why: 'Learns what is asked for, and asks for the repair of what a ComplianceCheck with mode Remediate found.',
  },
  {
    apiGroups: ['mcp.kilocode.ai'],
    resources: ['approvalrequests/status'],
    verbs: ['patch'],
    why: 'Shows what would be done, and what became of it.',
  },
  {
    apiGroups: ['rbac.authorization.k8s.io'],
    resources: ['clusterroles', 'clusterrolebindings'],
    verbs: ['list', 'watch'],
    why: 'Records in the ledger who may approve, deny, cancel and override. It grants nothing to anybody.',
  },
  {
    apiGroups: ['rbac.authorization.k8s.io'],
    resources: ['roles', 'rolebindings'],
    verbs: ['list', 'watch'],
    why: 'The same in each namespace. Without a store nobody asks for any of the four.',
  },
  ...DECISION_PERMISSIONS,
];
