/** A copy of the checkout in which bugs are planted, so that the checkout itself is never touched. */
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../../../hack/cluster/index.ts';
import type { PlantedBug, PlantedTest } from './bugs.ts';

const CHECKOUT = fileURLToPath(new URL('../../..', import.meta.url));

/** How a test ended. */
export type Verdict = 'passed' | 'failed' | 'not found';

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly title: string; readonly status: string }[];
  }[];
}

/** @see module header. */
export class Workshop {
  readonly #directory: string;
  readonly #kubeconfigPath: string;

  private constructor(directory: string, kubeconfigPath: string) {
    this.#directory = directory;
    this.#kubeconfigPath = kubeconfigPath;
  }

  /** Copies what git knows or would take; packages are shared. Integration tests use the cluster of the kubeconfig. */
  static async open(kubeconfigPath: string): Promise<Workshop> {
    const directory = await mkdtemp(join(tmpdir(), 'kilo-mcp-bite-'));
    const files = await run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
      cwd: CHECKOUT,
    });
    for (const file of files.split('\0').filter((name) => name !== '')) {
      await mkdir(dirname(join(directory, file)), { recursive: true });
      await copyFile(join(CHECKOUT, file), join(directory, file));
    }
    await symlink(join(CHECKOUT, 'node_modules'), join(directory, 'node_modules'));
    return new Workshop(directory, kubeconfigPath);
  }

  /** Runs `work` while the bug is in the copy. @throws when the text to replace is not there exactly once. */
  async withBug<T>({ file, find, replace }: PlantedBug, work: () => Promise<T>): Promise<T> {
    const path = join(this.#directory, file);
    const sound = await readFile(path, 'utf8');
    if (sound.split(find).length !== 2) {
      throw new Error(`${file} does not contain this exactly once, so the bug cannot be planted: ${find}`);
    }
    await writeFile(
      path,
      sound.replace(find, () => replace),
    );
    try {
      return await work();
    } finally {
      await writeFile(path, sound);
    }
  }

  /** Runs one test in the copy. */
  async verdict({ project, file, name }: PlantedTest): Promise<Verdict> {
    const output = join(this.#directory, 'report.json');
    await rm(output, { force: true });
    const pattern = `${name.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}$`;
    const options = ['--reporter=json', `--outputFile=${output}`, '-t', pattern, file];
    const vitest = join(this.#directory, 'node_modules', 'vitest', 'vitest.mjs');
    const env = { TEST_KUBECONFIG: this.#kubeconfigPath };
    // A failing test ends vitest with 1: what counts is the report.
    await run(process.execPath, [vitest, 'run', '--project', project, ...options], {
      cwd: this.#directory,
      env,
    }).catch(() => undefined);
    return verdictOf(JSON.parse(await readFile(output, 'utf8')) as Report, name);
  }

  async close(): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
  }
}

function verdictOf({ testResults }: Report, name: string): Verdict {
  const results = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ title, status }) => title === name && (status === 'passed' || status === 'failed'));
  if (results.length === 0) return 'not found';
  return results.some(({ status }) => status === 'failed') ? 'failed' : 'passed';
}
