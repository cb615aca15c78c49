/**
 * A cluster of the demo's own on this machine, as `make cluster-up` makes it. `CLUSTER_INSTANCE` chooses which, so that tests and demos
 * run side by side.
 */
import { join } from 'node:path';
import { NODE_NAME } from '../../cluster/node/settings.ts';
import { show } from '../command.ts';
import { LOCAL_PREFIX } from '../images.ts';
import { buildImage, clusterCommand } from './build.ts';
import type { DemoCluster } from './demo-cluster.ts';

/** A first start builds Kubernetes from source where it cannot be downloaded. */
const START_DEADLINE_MS = 20 * 60_000;
const STOP_DEADLINE_MS = 2 * 60_000;

/** @param directory where the cluster keeps its kubeconfig. */
export function localCluster(directory: string): DemoCluster {
  return {
    description: `A Kubernetes of its own on this machine, in ${directory}`,
    kubeconfig: join(directory, 'kubeconfig'),
    imagePrefix: LOCAL_PREFIX,
    // What is below node/ goes with the node.
    volumes: { name: NODE_NAME, directory: join(directory, 'node', 'store') },
    start: (signal) => show(...clusterCommand('up'), { deadlineMs: START_DEADLINE_MS, signal }),
    ship: async (context, reference, options) => {
      await buildImage(context, reference, options);
      await show(...clusterCommand('load', reference), options);
    },
    stop: (signal) => show(...clusterCommand('down'), { deadlineMs: STOP_DEADLINE_MS, signal }),
  };
}
