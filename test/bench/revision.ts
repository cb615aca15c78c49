/** Bundles of the operator: this checkout's, and that of any other revision, built in a folder of its own. */
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../../hack/cluster/index.ts';

/** A revision that can be run. */
export interface Revision {
  /** For people: as `git describe` says it. */
  readonly name: string;
  readonly bundle: string;
  /** Removes what was made for it. */
  remove(): Promise<void>;
}

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));

/** This checkout, whose bundle `make` has built. */
export async function thisRevision(): Promise<Revision> {
  const name = (await run('git', ['describe', '--always', '--dirty'], { cwd: CHECKOUT })).trim();
  return { name, bundle: join(CHECKOUT, 'dist', 'kilo-mcp.mjs'), remove: () => Promise.resolve() };
}

/** Checks `revision` out beside this checkout and bundles it with the packages that are installed here. */
export async function otherRevision(revision: string): Promise<Revision> {
  const name = (await run('git', ['describe', '--always', revision], { cwd: CHECKOUT })).trim();
  const directory = await mkdtemp(join(tmpdir(), 'kilo-mcp-revision-'));
  const archive = join(directory, 'tree.tar');
  const tree = join(directory, 'tree');
  await mkdir(tree);
  await run('git', ['archive', `--output=${archive}`, revision], { cwd: CHECKOUT });
  await run('tar', ['-xf', archive, '-C', tree]);
  await symlink(join(CHECKOUT, 'node_modules'), join(tree, 'node_modules'));
  await run('npm', ['run', '--silent', 'bundle'], { cwd: tree });
  const remove = (): Promise<void> => rm(directory, { recursive: true, force: true });
  return { name, bundle: join(tree, 'dist', 'kilo-mcp.mjs'), remove };
}
