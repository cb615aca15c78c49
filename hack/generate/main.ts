/**
 * Writes everything that is generated.
 *
 *   node hack/generate/main.ts                  write what differs
 *   node hack/generate/main.ts --check          write nothing; fail and name what differs
 *   node hack/generate/main.ts --from-cluster   first copy the schemas of Kubernetes' own types from a real API server
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Outputs } from './generator.ts';
import { GENERATORS } from './registry.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The text of a file, or nothing when there is none. */
async function currentText(path: string): Promise<string | undefined> {
  try {
    return await readFile(join(ROOT, path), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

async function differing(outputs: Outputs): Promise<readonly string[]> {
  const paths = Object.keys(outputs);
  const texts = await Promise.all(paths.map(currentText));
  return paths.filter((path, index) => texts[index] !== outputs[path]);
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(ROOT, path)), { recursive: true });
  await writeFile(join(ROOT, path), text);
  console.log(`wrote ${path} (${Buffer.byteLength(text)} bytes)`);
}

async function writeDiffering(outputs: Outputs): Promise<void> {
  for (const path of await differing(outputs)) await write(path, outputs[path] ?? '');
}

async function check(outputs: Outputs): Promise<void> {
  const stale = await differing(outputs);
  for (const path of stale) console.error(`${path} is not what its generator makes: run \`make generate\``);
  if (stale.length > 0) process.exitCode = 1;
}

const { values: flags } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    'from-cluster': { type: 'boolean', default: false },
  },
});

if (flags['from-cluster']) {
  const { kubernetesTypesFromCluster } = await import('./from-cluster.ts');
  await writeDiffering(await kubernetesTypesFromCluster());
  // The other generators have read the old types already, or will: a second run sees the new ones.
  console.log('now run `make generate`: the CRDs and references follow from these types');
} else {
  const made = await Promise.all(GENERATORS.map(async ({ outputs }) => outputs()));
  const outputs: Outputs = Object.assign({}, ...made);
  await (flags.check ? check(outputs) : writeDiffering(outputs));
}
