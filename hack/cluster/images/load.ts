/**
 * Brings images to a cluster's node, where pods find them with `imagePullPolicy: IfNotPresent` or `Never`.
 */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '../../../core/errors.ts';
import { run } from '../exec.ts';
import { findEngine } from './engine.ts';

/** Imports an image archive into the containerd behind `socket`. */
export async function importImage(socket: string, archive: string): Promise<void> {
  await run('ctr', ['--address', socket, '--namespace', 'k8s.io', 'images', 'import', archive]);
}

/** Imports an image by the tag it was built under, or an archive by its path. */
export async function loadImage(socket: string, image: string): Promise<void> {
  if (await isFile(image)) {
    await importImage(socket, image);
    return;
  }
  const engine = await findEngine();
  if (!(await engine.has(image))) {
    throw new ConfigError(
      `${engine.name} has no image ${image}: build it with make image TAG=${image}, or give the path of an archive`,
    );
  }
  const folder = await mkdtemp(join(tmpdir(), 'kilo-mcp-load-'));
  try {
    const archive = join(folder, 'image.tar');
    await engine.save(image, archive);
    await importImage(socket, archive);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    // Not a file: a tag, then.
    return false;
  }
}
