/**
 * A ServiceAccount with exactly the given rights, and a kubeconfig of it: what works for the administrator of a test cluster says
 * nothing about the rights that a chart grants.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Permission } from '../../operator/runtime/index.ts';
import { loadKubeConfig } from './kubeconfig.ts';
import { kubectl } from './kubectl.ts';

export interface TestServiceAccount {
  readonly name: string;
  readonly namespace: string;
  readonly kubeconfigPath: string;
  remove(): Promise<void>;
}

/** Creates the ServiceAccount `name` in `namespace`, bound to a ClusterRole of `permissions`. */
export async function createServiceAccount(
  adminKubeconfigPath: string,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  permissions: readonly Permission[],
): Promise<TestServiceAccount> {
  const role = `${namespace}-${name}`;
  await kubectl(adminKubeconfigPath, ['create', '-f', '-'], manifests(role, namespace, name, permissions));
  const token = await kubectl(adminKubeconfigPath, ['create', 'token', name, '-n', namespace]);
  const directory = await mkdtemp(join(tmpdir(), 'kilo-mcp-account-'));
  const kubeconfigPath = join(directory, 'kubeconfig');
  const admin = loadKubeConfig(adminKubeconfigPath);
  const [cluster] = admin.getClusters();
  if (cluster === undefined) throw new Error(`${adminKubeconfigPath} names no cluster`);
  admin.loadFromClusterAndUser(cluster, { name, token: token.trim() });
  await writeFile(kubeconfigPath, admin.exportConfig(), { mode: 0o600 });
  return {
    name,
    namespace,
    kubeconfigPath,
    remove: async () => {
      await kubectl(adminKubeconfigPath, ['delete', 'clusterrole,clusterrolebinding', role]);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function manifests(
  role: string,
  namespace: string,
  name: string,
  permissions: readonly Permission[],
): string {
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const rules = permissions.map(({ why: _why, isOwnNamespace: _scope, ...rule }) => rule);
  const items = [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } },
    { apiVersion, kind: 'ClusterRole', metadata: { name: role }, rules },
    {
      apiVersion,
      kind: 'ClusterRoleBinding',
      metadata: { name: role },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    },
  ];
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}
