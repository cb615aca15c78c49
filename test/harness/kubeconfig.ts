/**
 * The test's cluster as a client library sees it, as its administrator or as anybody else.
 */
import { KubeConfig } from '@kubernetes/client-node';

/** The administrator's configuration. */
export function loadKubeConfig(kubeconfigPath: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfigPath);
  return config;
}

/** The same connection, impersonating `user`, for tests of what somebody may do. Grant rights to users by RoleBinding, without groups. */
export function loadKubeConfigAs(kubeconfigPath: string, user: string): KubeConfig {
  const admin = loadKubeConfig(kubeconfigPath);
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: admin.getClusters(),
    contexts: admin.getContexts(),
    currentContext: admin.getCurrentContext(),
    users: admin.getUsers().map((entry) => ({ ...entry, impersonateUser: user })),
  });
  return config;
}
