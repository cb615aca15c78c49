/** How commands about approval reach a cluster: as whoever runs them, with the kubeconfig that kubectl would take. */
import type { Command } from 'commander';
import {
  approvalDecisionResource,
  approvalPolicyResource,
  approvalRequestResource,
  type ApprovalDecision,
  type ApprovalPolicy,
  type ApprovalRequest,
} from '../../api/index.ts';
import { ConfigError, TerminalError } from '../../core/errors.ts';
import type { KubernetesClient, ResourceType } from '../../operator/runtime/index.ts';

export const APPROVAL_REQUEST: ResourceType<ApprovalRequest> = approvalRequestResource;
export const APPROVAL_DECISION: ResourceType<ApprovalDecision> = approvalDecisionResource;
export const APPROVAL_POLICY: ResourceType<ApprovalPolicy> = approvalPolicyResource;

/** A cluster, to be closed after use. */
export interface OpenedCluster {
  readonly client: Pick<KubernetesClient, 'get' | 'list' | 'create' | 'apply'>;
  /** Of the kubeconfig's context, or of the pod. */
  readonly namespace: string;
  close(): Promise<void>;
}

/** Which cluster, as the command line says. */
export interface ClusterChoice {
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly version: string;
}

/** @throws ConfigError when no cluster can be found, or the kubeconfig cannot be used. */
export type OpenCluster = (choice: ClusterChoice) => Promise<OpenedCluster>;

/** As commander hands them over. */
export interface ClusterFlags {
  readonly namespace?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
}

/** What the commands need from outside. */
export interface ClusterSettings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  /** {@link openCluster}; tests bring their own. */
  readonly openCluster: OpenCluster;
}

/** Adds the flags that say which cluster and namespace. @param otherwise which namespace when none is given. @returns the command. */
export function clusterFlags(command: Command, otherwise = "that of the kubeconfig's context"): Command {
  return command
    .option('-n, --namespace <namespace>', `Namespace; ${otherwise} if not given.`)
    .option('--kubeconfig <file>', 'How to reach the cluster, if not as kubectl does.')
    .option('--context <name>', 'Context of the kubeconfig, if not the current one.');
}

/** The real one. The runtime is loaded when somebody asks: most commands have no use for it. */
export const openCluster: OpenCluster = async ({ kubeconfig, context, environment, version }) => {
  const { connect, loadClusterAccess } = await import('../../operator/runtime/index.ts');
  const access = await loadClusterAccess({ path: kubeconfig, context, env: environment });
  const apiServer = connect(access, { program: `kilo-mcp/${version}` });
  return {
    client: apiServer.client('cli'),
    namespace: access.namespace,
    close: () => apiServer.close(),
  };
};

/** Opens the cluster, and closes it whatever comes of `use`. */
export async function withCluster<T>(
  { namespace, kubeconfig, context }: ClusterFlags,
  { environment, version, openCluster: open }: ClusterSettings,
  use: (client: OpenedCluster['client'], namespace: string) => Promise<T>,
): Promise<T> {
  if (namespace === '') throw new ConfigError('--namespace: must not be empty');
  const cluster = await open({ kubeconfig, context, environment, version });
  try {
    return await use(cluster.client, namespace ?? cluster.namespace);
  } finally {
    await cluster.close();
  }
}

/** @throws TerminalError when there is none. */
export async function readRequest(
  client: OpenedCluster['client'],
  key: { readonly namespace: string; readonly name: string },
  signal: AbortSignal,
): Promise<ApprovalRequest> {
  const request = await client.get(APPROVAL_REQUEST, key, signal);
  if (request !== undefined) return request;
  throw new TerminalError(
    `there is no ApprovalRequest ${key.name} in the namespace ${key.namespace}: \`kubectl get apr -A\` lists all`,
  );
}
