/**
 * The operator on the demo's cluster, by Helm, as a user would install it. A second call changes nothing unless the program did.
 */
import { run, type Reporter } from '../cluster/index.ts';

/** Name of the Helm release, and namespace it lives in. */
export const OPERATOR = { release: 'mcp-operator', namespace: 'mcp-system' } as const;

const HELM_TIMEOUT_S = 240;

/** What is needed to install. */
export interface Installation {
  readonly helm: string;
  readonly kubeconfig: string;
  /** Reference of the operator's image, with its tag. */
  readonly image: string;
  readonly report: Reporter;
  readonly signal: AbortSignal;
}

/** Installs or upgrades, and waits until every replica is ready. */
export async function installOperator({
  helm,
  kubeconfig,
  image,
  report,
  signal,
}: Installation): Promise<void> {
  const values = imageValues(image).flatMap((value) => ['--set-string', value]);
  const deadline = ['--wait', '--timeout', `${HELM_TIMEOUT_S}s`];
  const where = ['--namespace', OPERATOR.namespace, '--kubeconfig', kubeconfig];
  const upgrade = ['upgrade', OPERATOR.release, 'charts/mcp-operator', '--install', '--hide-notes'];
  await report.step('helm upgrade --install', async (progress) => {
    await run(helm, [...upgrade, ...where, ...deadline, ...values], { onLine: progress, signal });
    progress(image);
  });
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
