/**
 * The project's CustomResourceDefinitions on a test's API server.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { kubectl } from './kubectl.ts';
import { waitFor } from './wait.ts';

const CRDS = fileURLToPath(new URL('../../crds', import.meta.url));

/** Applies everything in `crds/` and waits until the API server serves it. */
export async function applyResourceDefinitions(kubeconfigPath: string): Promise<void> {
  if (!existsSync(CRDS)) throw new Error(`${CRDS} is missing: run make generate`);
  await kubectl(kubeconfigPath, ['apply', '--server-side', '--force-conflicts', '-f', CRDS]);
  // kubectl before 1.34 fails at once while an object has no conditions yet, so the question is asked again.
  await waitFor(
    async () => kubectl(kubeconfigPath, ['wait', '--for=condition=Established', '--timeout=60s', '-f', CRDS]),
    { deadlineMs: 60_000, description: 'the CRDs to be established' },
  );
}
