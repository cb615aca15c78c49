/**
 * A namespace for each test, so that tests may run side by side and none sees another's objects.
 */
import { randomBytes } from 'node:crypto';
import { kubectl } from './kubectl.ts';

/** A namespace that belongs to one test. */
export interface TestNamespace {
  readonly name: string;
  /** Starts its deletion and does not wait for the end: the control plane outlives the test, not the run. */
  remove(): Promise<void>;
}

/** Creates a namespace with a unique name that begins with `prefix`. `labels` may choose its Pod Security level. */
export async function createNamespace(
  kubeconfigPath: string,
  prefix = 'test',
  labels: Readonly<Record<string, string>> = {},
): Promise<TestNamespace> {
  const name = `${prefix}-${randomBytes(4).toString('hex')}`;
  const manifest = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
  await kubectl(kubeconfigPath, ['create', '-f', '-'], JSON.stringify(manifest));
  return {
    name,
    remove: async () => {
      await kubectl(kubeconfigPath, ['delete', 'namespace', name, '--wait=false']);
    },
  };
}
