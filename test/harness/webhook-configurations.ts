/**
 * Webhook configurations on the test's API server, for webhooks that run beside the test. A Service of the type ExternalName leads the API
 * server to the loopback while it checks the certificate against the Service's own name, as in a cluster.
 */
import { GROUP, mcpServerResource, VERSION } from '../../api/index.ts';
import { kubectl } from './kubectl.ts';

export const CONFIGURATION_KINDS = [
  'ValidatingWebhookConfiguration',
  'MutatingWebhookConfiguration',
] as const;

/** Where the API server keeps them, in the same order. */
export const CONFIGURATION_PATHS = [
  '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations',
  '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations',
] as const;

/** One webhook of a configuration. */
export interface WebhookEntry {
  /** A domain name, such as `one.example.com`. */
  readonly name: string;
  readonly port: number;
  /** It is asked about nothing any more. */
  readonly isRetired?: boolean;
}

const RULE = {
  apiGroups: [GROUP],
  apiVersions: [VERSION],
  operations: ['CREATE'],
  resources: [mcpServerResource.plural],
};

/** What the webhooks are asked about: MCPServers of one namespace. */
export interface WebhookScope {
  readonly configurationName: string;
  readonly namespace: string;
  readonly serviceName: string;
}

/** The Service through which API servers reach the webhooks. */
export function webhookService({ namespace, serviceName }: WebhookScope): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: serviceName, namespace },
    spec: { type: 'ExternalName', externalName: 'localhost' },
  };
}

/** A configuration as a chart renders it: without `caBundle`. */
export function webhookConfiguration(
  kind: (typeof CONFIGURATION_KINDS)[number],
  { configurationName, namespace, serviceName }: WebhookScope,
  entries: readonly WebhookEntry[],
): object {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind,
    metadata: { name: configurationName },
    webhooks: entries.map(({ name, port, isRetired = false }) => ({
      name,
      admissionReviewVersions: ['v1'],
      sideEffects: 'None',
      failurePolicy: 'Fail',
      timeoutSeconds: 5,
      clientConfig: { service: { name: serviceName, namespace, path: '/', port } },
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
      rules: isRetired ? [] : [RULE],
    })),
  };
}

/** Applies manifests by server-side apply, as Helm 4 and Argo CD do. */
export async function applyAsChart(kubeconfigPath: string, ...manifests: readonly object[]): Promise<void> {
  const list = { apiVersion: 'v1', kind: 'List', items: manifests };
  await kubectl(
    kubeconfigPath,
    ['apply', '--server-side', '--field-manager=chart', '-f', '-'],
    JSON.stringify(list),
  );
}
