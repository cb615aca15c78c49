/**
 * The operator on the demo's cluster, by Helm, as a user would install it for an evaluation: with an embedded store, so that compliance
 * checks run. A second call changes nothing unless the program did.
 */
import { run, type Reporter } from '../cluster/index.ts';
import type { Kubectl } from './kubectl.ts';

/** Name of the Helm release, and namespace it lives in. */
export const OPERATOR = { release: 'mcp-operator', namespace: 'mcp-system' } as const;

const HELM_TIMEOUT_S = 240;
const REPORTS_CRD = 'reports.openreports.io';

interface ReportsDefinition {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
}

/** What is needed to install. */
export interface Installation {
  readonly helm: string;
  readonly kubectl: Kubectl;
  readonly kubeconfig: string;
  /** Reference of the operator's image, with its tag. */
  readonly image: string;
  readonly report: Reporter;
  readonly signal: AbortSignal;
}

/** Installs or upgrades, and waits until every replica is ready. */
export async function installOperator({
  helm,
  kubectl,
  kubeconfig,
  image,
  report,
  signal,
}: Installation): Promise<void> {
  const values = [
    ...imageValues(image).flatMap((value) => ['--set-string', value]),
    ...(await storeValues(kubectl)).flatMap((value) => ['--set', value]),
  ];
  const deadline = ['--wait', '--timeout', `${HELM_TIMEOUT_S}s`];
  const where = ['--namespace', OPERATOR.namespace, '--kubeconfig', kubeconfig];
  const upgrade = ['upgrade', OPERATOR.release, 'charts/mcp-operator', '--install', '--hide-notes'];
  await report.step('helm upgrade --install', async (progress) => {
    await run(helm, [...upgrade, ...where, ...deadline, ...values], { onLine: progress, signal });
    progress(image);
  });
}

/**
 * The chart's values for an evaluation: one replica, since one process at a time has the embedded store open. The definitions of
 * openreports.io are installed unless somebody else has brought them, whom they then belong to.
 */
export async function storeValues(kubectl: Kubectl): Promise<readonly string[]> {
  const text = await kubectl(['get', 'crd', REPORTS_CRD, '--ignore-not-found', '-o', 'json']);
  return ['replicas=1', 'store.mode=Embedded', `reports.installCRDs=${text === '' || isOurs(text)}`];
}

function isOurs(text: string): boolean {
  const { metadata }: ReportsDefinition = JSON.parse(text);
  return metadata.annotations?.['meta.helm.sh/release-name'] === OPERATOR.release;
}

/**
 * The chart's values for an image reference: `registry:5000/path/name:tag`, with or without a digest behind it. Only a colon behind
 * the last slash begins a tag.
 */
export function imageValues(reference: string): readonly string[] {
  const [tagged = '', digest] = reference.split('@', 2);
  const colon = tagged.indexOf(':', tagged.lastIndexOf('/') + 1);
  const repository = colon < 0 ? tagged : tagged.slice(0, colon);
  return [
    `image.repository=${repository}`,
    ...(colon < 0 ? [] : [`image.tag=${tagged.slice(colon + 1)}`]),
    ...(digest === undefined ? [] : [`image.digest=${digest}`]),
  ];
}
