/**
 * `hack/cluster` itself: two clusters side by side on instances that nothing else on this machine uses.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe } from 'vitest';
import { buildImage, startCluster, streamReporter, type Cluster } from '../../hack/cluster/index.ts';
import { clusterLifecycleScenario } from './scenarios/cluster-lifecycle.ts';
import { clusterPodsScenario } from './scenarios/cluster-pods.ts';
import { WEB_IMAGE } from './web.ts';

const WEB = fileURLToPath(new URL('fixtures/web', import.meta.url));

describe('a cluster of hack/cluster', () => {
  let directory = '';
  let cluster: Cluster;

  beforeAll(async () => {
    const report = streamReporter(process.stderr);
    directory = await mkdtemp(join(tmpdir(), 'kilo-mcp-cluster-'));
    cluster = await startCluster({ directory, report });
    await buildImage({ context: WEB, dockerfile: join(WEB, 'Dockerfile'), tag: WEB_IMAGE }, report);
    await cluster.loadImage(WEB_IMAGE);
  });
  afterAll(async () => {
    await cluster.stop();
    await rm(directory, { recursive: true, force: true });
  });

  describe('a second one, on the command line', clusterLifecycleScenario);
  describe('pods of the first', () => clusterPodsScenario(() => cluster.kubeconfigPath));
});
