/**
 * A cluster of the user's. It is not stopped; the demo takes back only what it put there.
 */
import { findEngine } from '../../cluster/images/engine.ts';
import type { ImageOrigin } from '../choice.ts';
import { show } from '../command.ts';
import { buildImage } from './build.ts';
import type { DemoCluster } from './demo-cluster.ts';

/** @param images where the cluster gets the images from: pushed by the demo, or by somebody before. */
export function existingCluster(kubeconfig: string, images: ImageOrigin): DemoCluster {
  return {
    description: `The cluster of ${kubeconfig}`,
    kubeconfig,
    imagePrefix: images.prefix,
    ...(images.kind === 'pushed' ? { operatorImage: images.operator } : {}),
    start: () => Promise.resolve(),
    ship: async (context, reference, options) => {
      await buildImage(context, reference, options);
      await show((await findEngine()).name, ['push', '--quiet', reference], options);
    },
  };
}
