/**
 * `hack/cluster/main.ts` as people use it: up, up again, broken, down. Another cluster runs all the while, which shows that two do not
 * disturb each other.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freeInstance, run } from '../../../hack/cluster/index.ts';
import { kubectl } from '../../harness/kubectl.ts';

const MAIN = fileURLToPath(new URL('../../../hack/cluster/main.ts', import.meta.url));

interface State {
  readonly processes: readonly { readonly name: string; readonly pid: number }[];
}

/** Starts and stops a cluster of its own. */
export function clusterLifecycleScenario(): void {
  let directory = '';
  let instanceNumber = 0;

  const cluster = async (command: string): Promise<string> => {
    const options = ['--instance', String(instanceNumber), '--directory', directory];
    const lines: string[] = [];
    await run(process.execPath, [MAIN, command, ...options], { onLine: (line) => lines.push(line) });
    return lines.join('\n');
  };
  const state = async (): Promise<State> => JSON.parse(await readFile(join(directory, 'state.json'), 'utf8'));

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kilo-mcp-lifecycle-'));
    instanceNumber = await freeInstance();
    await cluster('up');
  });

  afterAll(async () => {
    await cluster('down');
    await rm(directory, { recursive: true, force: true });
  });

  it('is left alone by a second up', async () => {
    const before = await state();
    expect(await cluster('up')).toContain('already running');
    expect(await state()).toEqual(before);
  });

  it('is not touched by somebody else who asks for the same instance', async () => {
    const elsewhere = ['--instance', String(instanceNumber), '--directory', join(directory, 'other')];
    await expect(run(process.execPath, [MAIN, 'up', ...elsewhere])).rejects.toThrow(
      `instance ${instanceNumber} is in use (a cluster runs in ${directory})`,
    );
    expect(await cluster('status')).toContain('running');
  });

  it('is started anew when one of its programs died', async () => {
    const before = await state();
    process.kill(before.processes.find(({ name }) => name === 'kubelet')?.pid ?? Number.NaN, 'SIGKILL');
    await expect(cluster('status')).rejects.toThrow('not running: kubelet');
    expect(await cluster('up')).toContain('started');
    expect(await kubectl(join(directory, 'kubeconfig'), ['get', 'nodes'])).toMatch(/node1 +Ready/);
  });

  it('leaves nothing behind after down', async () => {
    const { processes } = await state();
    await cluster('down');
    const alive = await Promise.all(processes.map(({ pid }) => isAlive(pid)));
    expect(alive).toEqual(processes.map(() => false));
    const name = `kilo-mcp-${instanceNumber}`;
    expect(await processesMentioning(`/run/${name}/`)).toEqual([]);
    expect(await readFile('/proc/self/mountinfo', 'utf8')).not.toContain(name);
    expect(existsSync(`/run/${name}`)).toBe(false);
    expect(await run('ip', ['link'])).not.toContain(name);
    expect(await run('nft', ['list', 'tables'])).not.toContain(name);
    expect(await readdir(directory)).toEqual(['logs']);
  });
}

async function isAlive(pid: number): Promise<boolean> {
  // A process whose parent has not asked for its exit code yet has no command line any more.
  return (await commandLine(String(pid))) !== '';
}

async function processesMentioning(text: string): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  const lines = await Promise.all(pids.map(commandLine));
  return lines.filter((line) => line.includes(text));
}

async function commandLine(pid: string): Promise<string> {
  try {
    return await readFile(join('/proc', pid, 'cmdline'), 'utf8');
  } catch {
    // No such process.
    return '';
  }
}
