/** The roles that the chart has for people, on a control plane where the chart is not installed, and who holds them. */
import { render } from './helm.ts';
import { kubectl } from './kubectl.ts';

/** Those of `edit` and `view` are aggregated some time after. */
export async function createUserRoles(kubeconfigPath: string): Promise<void> {
  const items = await render({}, '--show-only=templates/rbac-users.yaml');
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  await kubectl(kubeconfigPath, ['create', '-f', '-'], list);
}

/** Binds the user to a ClusterRole. @param namespace where they hold it; everywhere when absent. */
export async function bindRole(
  kubeconfigPath: string,
  user: string,
  role: string,
  namespace?: string,
): Promise<void> {
  const binding =
    namespace === undefined ? ['clusterrolebinding'] : ['rolebinding', `--namespace=${namespace}`];
  const name = `${user.replaceAll(':', '-')}-${role}`;
  await kubectl(kubeconfigPath, ['create', ...binding, name, `--clusterrole=${role}`, `--user=${user}`]);
}
