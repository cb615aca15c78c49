/**
 * The programs of the system that a node needs, and the Debian packages that bring them. Only what is missing is installed, so that
 * a containerd or runc from elsewhere (Docker's for instance) stays.
 */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '../../../core/errors.ts';
import { findProgram, run } from '../exec.ts';
import type { Progress } from '../report.ts';

/** Debian's and Ubuntu's package of each program. */
const PACKAGE_OF_PROGRAM: Readonly<Record<string, string>> = {
  containerd: 'containerd',
  ctr: 'containerd',
  runc: 'runc',
  buildah: 'buildah',
  nft: 'nftables',
  conntrack: 'conntrack',
  ip: 'iproute2',
  sysctl: 'procps',
  mount: 'mount',
  nsenter: 'util-linux',
};

const CNI_PACKAGE = 'containernetworking-plugins';
/** Where distributions (the first) and others put the CNI plugins. */
const CNI_FOLDERS = ['/usr/lib/cni', '/opt/cni/bin', '/usr/libexec/cni'];
const CNI_PLUGINS = ['ptp', 'host-local', 'loopback'];

/** Installs what is missing, where that can be done. Rejects with one line that names the packages where it cannot. */
export async function ensurePackages(progress: Progress, signal?: AbortSignal): Promise<void> {
  const missing = await missingPackages();
  if (missing.length === 0) {
    progress('everything is there');
    return;
  }
  await requireAptGet(missing);
  progress(`installing ${missing.join(' ')}`);
  await aptInstall(missing, progress, signal);
  const stillMissing = await missingPackages();
  if (stillMissing.length > 0) throw new ConfigError(`installed, but not found: ${stillMissing.join(' ')}`);
  progress(`installed ${missing.join(' ')}`);
}

/** Names of the packages whose programs are not there. */
async function missingPackages(): Promise<readonly string[]> {
  const missing = new Set<string>();
  for (const [program, name] of Object.entries(PACKAGE_OF_PROGRAM)) {
    if ((await findProgram(program)) === undefined) missing.add(name);
  }
  if ((await cniPluginFolder()) === undefined) missing.add(CNI_PACKAGE);
  return [...missing];
}

/** The folder that holds all CNI plugins in use, or undefined. */
export async function cniPluginFolder(): Promise<string | undefined> {
  for (const folder of CNI_FOLDERS) {
    try {
      await Promise.all(CNI_PLUGINS.map((plugin) => access(join(folder, plugin))));
      return folder;
    } catch {
      // Not here, or not all of them: the next folder may have them.
    }
  }
  return undefined;
}

/** @throws ConfigError with the command for a person, where this process may not install. */
export async function requireAptGet(missing: readonly string[], what = 'a node'): Promise<void> {
  if (process.getuid?.() === 0 && (await findProgram('apt-get')) !== undefined) return;
  throw new ConfigError(`${what} needs programs that are missing here: apt-get install ${missing.join(' ')}`);
}

/** Installs packages of Debian or Ubuntu. */
export async function aptInstall(
  packages: readonly string[],
  progress: Progress,
  signal?: AbortSignal,
): Promise<void> {
  const options = { env: { DEBIAN_FRONTEND: 'noninteractive' }, onLine: progress, signal };
  // Never at the price of another package.
  const install = ['install', '-y', '--no-install-recommends', '--no-remove', ...packages];
  try {
    await run('apt-get', install, options);
  } catch {
    // The package lists may be missing or out of date. When they were not, the second attempt fails with the same words.
    signal?.throwIfAborted();
    await run('apt-get', ['update'], options);
    await run('apt-get', install, options);
  }
}
