/**
 * `make demo-down`: a cluster of the demo's own goes as a whole; on a cluster of the user's, only what the demos put there.
 */
import { ensurePrograms, kubernetesVersion, run, silentReporter } from '../cluster/index.ts';
import type { DemoCluster } from './clusters/demo-cluster.ts';
import { OPERATOR } from './install.ts';
import { NAMESPACE as APPROVAL_NAMESPACE, POLICY, PROFILE } from './approval/policy.ts';
import { kubectlFor, type Kubectl } from './kubectl.ts';
import { SAMPLES_NAMESPACE } from './samples.ts';
import type { Print } from './stages.ts';

const APPROVAL_POLICIES = 'approvalpolicies.mcp.kilocode.ai';

/** Safe to call twice, and when there is nothing to clean up. */
export async function cleanUp(cluster: DemoCluster, print: Print, signal: AbortSignal): Promise<void> {
  if (cluster.stop !== undefined) return cluster.stop(signal);
  const names = ['kubectl', 'helm'] as const;
  const programs = await ensurePrograms(names, {
    version: kubernetesVersion(),
    report: silentReporter,
    signal,
  });
  const kubectl = kubectlFor(programs.kubectl, cluster.kubeconfig, signal);
  // The servers first: while the operator still runs, it can tell what becomes of them.
  print(
    await kubectl([
      'delete',
      'namespace',
      SAMPLES_NAMESPACE,
      APPROVAL_NAMESPACE,
      '--ignore-not-found',
      '--request-timeout=0',
      '--timeout=120s',
    ]),
  );
  print(await deleteRules(kubectl));
  const uninstall = [
    'uninstall',
    OPERATOR.release,
    '--namespace',
    OPERATOR.namespace,
    '--ignore-not-found',
    '--wait',
  ];
  print(
    await run(programs.helm, [...uninstall, '--kubeconfig', cluster.kubeconfig, '--timeout', '120s'], {
      signal,
    }),
  );
  print(
    await kubectl([
      'delete',
      'namespace',
      OPERATOR.namespace,
      '--ignore-not-found',
      '--request-timeout=0',
      '--timeout=120s',
    ]),
  );
  print(
    'Kept: the CustomResourceDefinitions (those of openreports.io too, which other tools may share), the ComplianceProfile, and the MCPSecurityPolicy default. To delete them with every MCPServer and policy: kubectl delete crd mcpservers.mcp.kilocode.ai mcpsecuritypolicies.mcp.kilocode.ai complianceprofiles.mcp.kilocode.ai compliancechecks.mcp.kilocode.ai clustercompliancechecks.mcp.kilocode.ai approvalpolicies.mcp.kilocode.ai approvalrequests.mcp.kilocode.ai approvaldecisions.mcp.kilocode.ai',
  );
}

/** What `make demo-approval` made beside its namespace; there is nothing to ask for where its kinds are not. */
async function deleteRules(kubectl: Kubectl): Promise<string> {
  const kinds = await kubectl(['get', 'crd', APPROVAL_POLICIES, '--ignore-not-found', '--output=name']);
  if (kinds === '') return '';
  const objects = [`${APPROVAL_POLICIES}/${POLICY}`, `complianceprofiles.mcp.kilocode.ai/${PROFILE}`];
  return kubectl(['delete', ...objects, '--ignore-not-found']);
}
