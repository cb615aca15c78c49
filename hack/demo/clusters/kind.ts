/**
 * A cluster named `kilo-mcp-demo` in kind, for machines with Docker.
 */
import { run } from '../../cluster/index.ts';
import { show } from '../command.ts';
import { LOCAL_PREFIX } from '../images.ts';
import { buildImage } from './build.ts';
import type { DemoCluster } from './demo-cluster.ts';

const NAME = 'kilo-mcp-demo';
const DEADLINE_MS = 10 * 60_000;

/** @param kubeconfig file to write the cluster's kubeconfig to; the user's own stays as it is. */
export function kindCluster(kubeconfig: string): DemoCluster {
  const kind = (signal: AbortSignal, ...args: readonly string[]): Promise<void> =>
    show('kind', [...args, '--name', NAME], { deadlineMs: DEADLINE_MS, signal });
  return {
    description: `A cluster in kind, named ${NAME}`,
    kubeconfig,
    imagePrefix: LOCAL_PREFIX,
    start: async (signal) => {
      const clusters = (await run('kind', ['get', 'clusters'], { signal })).split('\n');
      const command = clusters.includes(NAME)
        ? ['export', 'kubeconfig']
        : ['create', 'cluster', '--wait', '5m'];
      await kind(signal, ...command, '--kubeconfig', kubeconfig);
    },
    ship: async (context, reference, options) => {
      await buildImage(context, reference, options);
      await kind(options.signal, 'load', 'docker-image', reference);
    },
    stop: (signal) => kind(signal, 'delete', 'cluster'),
  };
}
