/**
 * The chart's ValidatingAdmissionPolicies on a test's API server: under names of their own and bound to one namespace, since other tests
 * use the same server.
 */
import { render, type Manifest } from './helm.ts';
import { kubectl } from './kubectl.ts';

/** Policies and bindings that belong to one test. */
export interface TestPolicies {
  /** Names, each of a policy and of its binding, by the name that the chart gives it. */
  readonly names: ReadonlyMap<string, string>;
  remove(): Promise<void>;
}

/** Creates what `template` of the chart renders, such as `second-lock`. The API server takes a moment to heed it. */
export async function installPolicies(
  kubeconfigPath: string,
  template: string,
  namespace: string,
): Promise<TestPolicies> {
  const rendered = await render({}, `--show-only=templates/${template}.yaml`);
  const items = rendered.map((manifest) => inNamespace(manifest, namespace));
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  await kubectl(kubeconfigPath, ['create', '-f', '-'], list);
  return {
    names: new Map(rendered.map(({ metadata: { name } }) => [name, nameIn(namespace, name)])),
    remove: async () => {
      await kubectl(kubeconfigPath, ['delete', '--wait=false', '-f', '-'], list);
    },
  };
}

const nameIn = (namespace: string, name: string): string => `${name}-${namespace}`;

function inNamespace(manifest: Manifest, namespace: string): object {
  const metadata = { name: nameIn(namespace, manifest.metadata.name) };
  if (manifest.kind !== 'ValidatingAdmissionPolicyBinding') return { ...manifest, metadata };
  const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': namespace } };
  return {
    ...manifest,
    metadata,
    spec: { ...Object(manifest['spec']), policyName: metadata.name, matchResources: { namespaceSelector } },
  };
}
