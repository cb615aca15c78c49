/**
 * Who and where this process is: from the environment that the chart sets, with defaults that work on a laptop.
 */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Settings } from './config/settings.ts';

/** The environment variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What the process calls itself towards the cluster. */
export interface ProcessIdentity {
  /** Unique for each process: two processes of one pod name (a restarted container) must not take each other's lease for theirs. */
  readonly id: string;
  readonly pod: string;
  readonly serviceAccount: { readonly namespace: string; readonly name: string };
  readonly leaseNamespace: string;
  readonly operatorNamespace: string;
}

/**
 * @param settings its namespaces win over the environment's.
 * @param contextNamespace the namespace of the kubeconfig's context or of the pod's service account.
 */
export function processIdentity(
  settings: Settings,
  environment: Environment,
  contextNamespace: string,
): ProcessIdentity {
  const namespace = environment['POD_NAMESPACE'] || contextNamespace;
  const pod = environment['POD_NAME'] || hostname();
  return {
    id: `${pod}_${randomUUID()}`,
    pod,
    serviceAccount: { namespace, name: environment['POD_SERVICE_ACCOUNT'] || 'mcp-operator' },
    leaseNamespace: settings.leaderElectionNamespace || namespace,
    operatorNamespace: settings.operatorNamespace || namespace,
  };
}
