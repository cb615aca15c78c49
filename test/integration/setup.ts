/**
 * One real control plane for the whole integration project (etcd, API server, controller manager; no node), with the project's
 * CRDs established. `KUBERNETES_VERSION` chooses its version. `TEST_KUBECONFIG` names a cluster to use instead, which saves the start.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { ensurePrograms, startControlPlane, streamReporter } from '../../hack/cluster/index.ts';
import { ensureReportReaders } from '../../hack/report-readers/index.ts';
import { ensurePostgres, POSTGRES_VERSIONS } from '../harness/postgres-binaries.ts';
import { applyResourceDefinitions } from '../harness/resource-definitions.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** An administrator's kubeconfig. */
    kubeconfigPath: string;
  }
}

/** Called by vitest before the first test; what it returns is called after the last. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const report = streamReporter(process.stderr);
  // Here rather than in the first test that wants them: on a new machine they are built, which takes longer than a test may.
  await ensurePrograms(['kubectl', 'helm'], { report });
  for (const version of POSTGRES_VERSIONS) await ensurePostgres(version, report);
  await ensureReportReaders(report);
  const existing = process.env['TEST_KUBECONFIG'] ?? '';
  if (existing !== '') {
    await applyResourceDefinitions(existing);
    project.provide('kubeconfigPath', existing);
    return () => Promise.resolve();
  }
  const directory = await mkdtemp(join(tmpdir(), 'kilo-mcp-integration-'));
  const controlPlane = await startControlPlane({
    directory,
    audit: true,
    prepare: applyResourceDefinitions,
    report,
  });
  project.provide('kubeconfigPath', controlPlane.kubeconfigPath);
  return async () => {
    await controlPlane.stop();
    await rm(directory, { recursive: true, force: true });
  };
}
