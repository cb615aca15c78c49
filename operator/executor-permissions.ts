/** The rights of the executor's own process: those of the executor, its Lease, and the checkpoint that its store is compared with. */
import { EXECUTOR_PERMISSIONS } from '../controllers/executor/index.ts';
import { LEDGER_CHECKPOINTS } from './ledger-checkpoints.ts';
import type { Permission } from './runtime/index.ts';

/** Name of the Lease. */
export const EXECUTOR_LEASE = 'mcp-executor';

export const EXECUTOR_PROCESS_PERMISSIONS: readonly Permission[] = [
  ...EXECUTOR_PERMISSIONS,
  {
    apiGroups: ['coordination.k8s.io'],
    resources: ['leases'],
    resourceNames: [EXECUTOR_LEASE],
    verbs: ['get', 'update'],
    why: 'Elects the one replica that acts.',
  },
  {
    apiGroups: ['coordination.k8s.io'],
    resources: ['leases'],
    verbs: ['create'],
    why: 'Makes that Lease once; RBAC cannot bind a creation to a name.',
  },
  {
    apiGroups: [''],
    resources: ['configmaps'],
    resourceNames: [LEDGER_CHECKPOINTS],
    verbs: ['get'],
    isOwnNamespace: true,
    why: 'Compares the ledger with its checkpoint: a database that was restored executes nothing.',
  },
];
