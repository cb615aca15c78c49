/**
 * The one generator that needs a running API server: the schemas of Kubernetes' own types. It runs when asked, as its
 * result changes only with the oldest Kubernetes we support or with what we select.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensurePrograms, run, silentReporter, startControlPlane, streamReporter } from '../cluster/index.ts';
import type { Outputs } from './generator.ts';
import { DOCUMENTS, type OpenApiDocument, kubernetesTypes } from './kubernetes-types.ts';

const OLDEST_SUPPORTED = '1.33.13';

/** Starts a control plane of the oldest supported version, reads its OpenAPI, and stops it. */
export async function kubernetesTypesFromCluster(): Promise<Outputs> {
  const directory = await mkdtemp(join(tmpdir(), 'kilo-mcp-generate-'));
  const controlPlane = await startControlPlane({
    directory,
    version: OLDEST_SUPPORTED,
    report: streamReporter(process.stderr),
  });
  try {
    const documents = await readDocuments(controlPlane.kubeconfigPath);
    return kubernetesTypes(documents, OLDEST_SUPPORTED);
  } finally {
    await controlPlane.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

async function readDocuments(kubeconfigPath: string): Promise<readonly OpenApiDocument[]> {
  const { kubectl } = await ensurePrograms(['kubectl'], {
    version: OLDEST_SUPPORTED,
    report: silentReporter,
  });
  const texts = await Promise.all(
    DOCUMENTS.map((path) =>
      run(kubectl, ['--kubeconfig', kubeconfigPath, 'get', '--raw', `/openapi/v3/${path}`]),
    ),
  );
  return texts.map((text) => JSON.parse(text) as OpenApiDocument);
}
