/** The generated files of `charts/mcp-operator`, and the pages that follow from it. */
import { fileURLToPath } from 'node:url';
import { APPROVAL_PERMISSIONS } from '../../controllers/approval/index.ts';
import { COMPLIANCE_PERMISSIONS } from '../../controllers/compliancecheck/permissions.ts';
import { LOCK_PERMISSIONS } from '../../controllers/locks/index.ts';
import { MCPSERVER_PERMISSIONS } from '../../controllers/mcpserver/permissions.ts';
import { SECURITY_POLICY_PERMISSIONS } from '../../controllers/securitypolicy/permissions.ts';
import { EXECUTOR_PROCESS_PERMISSIONS } from '../../operator/executor-permissions.ts';
import { CHECKPOINT_PERMISSIONS } from '../../operator/ledger-checkpoints.ts';
import { RUNTIME_PERMISSIONS } from '../../operator/runtime/index.ts';
import {
  ISSUE_CERTIFICATE_PERMISSIONS,
  SERVE_CERTIFICATE_PERMISSIONS,
  WEBHOOK_PERMISSIONS,
} from '../../webhooks/index.ts';
import { chartFiles } from './chart/index.ts';
import { crds } from './crds.ts';
import type { Generator } from './generator.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export const chart: Generator = {
  name: 'chart',
  outputs: async () =>
    chartFiles({
      root: ROOT,
      permissions: [
        ...MCPSERVER_PERMISSIONS,
        ...SECURITY_POLICY_PERMISSIONS,
        ...COMPLIANCE_PERMISSIONS,
        ...CHECKPOINT_PERMISSIONS,
        ...WEBHOOK_PERMISSIONS,
        ...LOCK_PERMISSIONS,
        ...APPROVAL_PERMISSIONS,
        ...RUNTIME_PERMISSIONS,
      ],
      optionalPermissions: {
        'serve-certificates': SERVE_CERTIFICATE_PERMISSIONS,
        'issue-certificates': ISSUE_CERTIFICATE_PERMISSIONS,
      },
      executorPermissions: EXECUTOR_PROCESS_PERMISSIONS,
      crds: await crds.outputs(),
    }),
};
