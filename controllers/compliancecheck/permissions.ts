/** The rights that checking compliance takes, one rule a purpose. */
import type { Permission } from '../../operator/runtime/index.ts';
import { REPORT_PERMISSIONS } from '../compliancereport/index.ts';
import { VULNERABILITY_PERMISSIONS } from './vulnerabilities.ts';

export const COMPLIANCE_PERMISSIONS: readonly Permission[] = [
  {
    apiGroups: ['mcp.kilocode.ai'],
    resources: ['complianceprofiles', 'clustercompliancechecks'],
    verbs: ['list', 'watch'],
    why: 'Learns what is to be checked in the cluster, and by which profile. It never writes to them.',
  },
  {
    apiGroups: ['mcp.kilocode.ai'],
    resources: ['clustercompliancechecks/status'],
    verbs: ['patch'],
    why: 'Shows the last verdict over the cluster.',
  },
  {
    apiGroups: ['mcp.kilocode.ai'],
    resources: ['compliancechecks'],
    verbs: ['list', 'watch'],
    why: 'Learns what is to be checked in a namespace. It never writes to them.',
  },
  {
    apiGroups: ['mcp.kilocode.ai'],
    resources: ['compliancechecks/status'],
    verbs: ['patch'],
    why: 'Shows the last verdict over a namespace.',
  },
  ...REPORT_PERMISSIONS,
  ...VULNERABILITY_PERMISSIONS,
];
