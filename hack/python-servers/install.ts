/** Python packages, installed once per version into virtual environments of the user's cache. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** @returns the interpreter of an environment that holds `mcp` in exactly `version`. */
export async function installPythonMcp(version: string): Promise<string> {
  return installPythonPackage('mcp', version);
}

/** @returns the interpreter of an environment that holds the package in exactly `version`. */
export async function installPythonPackage(name: string, version: string): Promise<string> {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const environment = join(cache, 'kilo-mcp', 'python', `${name}-${version}`);
  const python = join(environment, 'bin', 'python');
  const ready = join(environment, '.ready');
  if (existsSync(ready)) return python;
  // A half-made environment of an interrupted run would look complete.
  await rm(environment, { recursive: true, force: true });
  await mkdir(dirname(environment), { recursive: true });
  await run('python3', ['-m', 'venv', environment]);
  await run(python, [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    `${name}==${version}`,
  ]);
  await writeFile(ready, '');
  return python;
}
