/**
 * The programs that readers of our reports and rules use, for tests that hold our documents to them: compliance-trestle for OSCAL, a browser
 * for the page, promtool for Prometheus rules, and the definitions of the report APIs. Each is fetched once a machine.
 */
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '../../core/errors.ts';
import {
  aptInstall,
  downloadGoModule,
  findProgram,
  requireAptGet,
  run,
  type Reporter,
} from '../cluster/index.ts';
import { isExecutable } from '../cluster/exec.ts';
import { installPythonPackage } from '../python-servers/install.ts';

const TRESTLE_VERSION = '5.2.0';
/** The newest published versions that hold the definitions of openreports.io/v1alpha1 and wgpolicyk8s.io/v1alpha2. */
const API_MODULES = {
  openReports: {
    module: 'github.com/openreports/reports-api@v0.2.1',
    file: 'config/crd/openreports.io_reports.yaml',
  },
  policyReport: {
    module: 'github.com/kyverno/kyverno@v1.13.4',
    file: 'config/crds/policyreport/wgpolicyk8s.io_policyreports.yaml',
  },
} as const;

/** Fetches what is not there yet, and shows that it does: tests find it then without waiting. */
export async function ensureReportReaders(report: Reporter): Promise<void> {
  await report.step('compliance-trestle', () => ensureTrestle());
  await report.step('browser', (progress) => ensureBrowser(progress));
  await report.step('promtool', () => ensurePromtool());
  await report.step('report APIs', async () => {
    await reportApiDefinition('openReports');
    await reportApiDefinition('policyReport');
  });
}

/** @returns a Python interpreter that has compliance-trestle. */
export async function ensureTrestle(): Promise<string> {
  return installPythonPackage('compliance-trestle', TRESTLE_VERSION);
}

const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome'];

/** @returns the path of a Chromium. @throws ConfigError with the command that installs one. */
export async function ensureBrowser(progress: (text: string) => void = () => undefined): Promise<string> {
  const there = await firstProgram(BROWSERS);
  if (there !== undefined) return there;
  const packages = ['chromium', 'fonts-dejavu-core'];
  await requireAptGet(packages, 'the test of the HTML report');
  progress(`installing ${packages.join(' ')}`);
  await aptInstall(packages, progress);
  const installed = await firstProgram(BROWSERS);
  if (installed === undefined) throw new ConfigError('installed chromium, but it is not found');
  return installed;
}

async function firstProgram(names: readonly string[]): Promise<string | undefined> {
  for (const name of names) {
    const path = await findProgram(name);
    if (path !== undefined) return path;
  }
  return undefined;
}

/** @returns the path of promtool: the system's, else that of Debian's package, unpacked and not installed, so that no server starts. */
export async function ensurePromtool(): Promise<string> {
  const there = await findProgram('promtool');
  if (there !== undefined) return there;
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const folder = join(cache, 'kilo-mcp', 'prometheus');
  const program = join(folder, 'usr', 'bin', 'promtool');
  if (await isExecutable(program)) return program;
  if ((await findProgram('apt-get')) === undefined)
    throw new ConfigError('the test of the Prometheus rules needs promtool: install Prometheus');
  await unpackPackage('prometheus', folder);
  return program;
}

async function unpackPackage(name: string, folder: string): Promise<void> {
  await mkdir(join(folder, '..'), { recursive: true });
  const scratch = await mkdtemp(`${folder}.`);
  try {
    const options = { cwd: scratch };
    await run('apt-get', ['download', name], options).catch(async () => {
      // The package lists may be missing or out of date.
      await run('apt-get', ['update'], options);
      await run('apt-get', ['download', name], options);
    });
    const file = (await readdir(scratch)).find((each) => each.endsWith('.deb'));
    if (file === undefined) throw new ConfigError(`apt-get downloaded no package ${name}`);
    await run('dpkg-deb', ['-x', file, 'root'], options);
    await rm(folder, { recursive: true, force: true });
    await rename(join(scratch, 'root'), folder);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** @returns the path of the CustomResourceDefinition, as its project publishes it. @throws ConfigError without Go. */
export async function reportApiDefinition(api: keyof typeof API_MODULES): Promise<string> {
  const go = await findProgram('go');
  if (go === undefined)
    throw new ConfigError('the report APIs are read with Go, which is not installed (https://go.dev/dl)');
  const { module, file } = API_MODULES[api];
  const { directory } = await downloadGoModule(go, module);
  return join(directory, file);
}
