/**
 * Building one image, by whatever engine this machine has: the same for every cluster, as `make image` does it.
 */
import { join } from 'node:path';
import { show, type ShowOptions } from '../command.ts';

/** `hack/cluster/main.ts` with arguments, as a program to run. */
export function clusterCommand(...args: readonly string[]): [command: string, args: string[]] {
  return [process.execPath, ['hack/cluster/main.ts', ...args]];
}

/** Builds an image; it stays with the engine under `reference`. */
export async function buildImage(context: string, reference: string, options: ShowOptions): Promise<void> {
  const file = join(context, 'Dockerfile');
  await show(...clusterCommand('image', '--context', context, '--file', file, '--tag', reference), options);
}
