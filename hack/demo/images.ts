/**
 * The demo's three images: what they are made of, and when they would become different ones. Staged below `dist/images/`, so that the
 * sources stay as they are. Building and shipping them is the business of the cluster (`clusters/`).
 */
import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { run } from '../cluster/index.ts';

/** An image that can be built. */
export interface ImageSource {
  readonly name: string;
  readonly tag: string;
  /** Of everything that goes into it: as long as this stays, there is nothing to build. */
  readonly digest: string;
  /** Prepares the build context, a folder with a Dockerfile, and resolves with its path. */
  stage(signal: AbortSignal): Promise<string>;
}

/** Registry part of the references in `examples/*.yaml`: it says that the image was built here and can be pulled nowhere. */
export const LOCAL_PREFIX = 'localhost';

const STAGED = join('dist', 'images');
/** What the Dockerfile copies. */
const PROGRAM = /\.(?:mjs|data|wasm)$/;
const NPM_DEADLINE_MS = 300_000;
const BUNDLE_DEADLINE_MS = 120_000;

/** All three, the operator first. Bundles what has to be bundled, since only then it is known whether something changed. */
export async function demoImages(signal: AbortSignal): Promise<readonly [ImageSource, ...ImageSource[]]> {
  return [await operatorImage(signal), await everythingImage(), await modernImage()];
}

/** Its tag follows from its content, so that Helm rolls the operator's pods when the program changed, and only then. */
async function operatorImage(signal: AbortSignal): Promise<ImageSource> {
  await run('rolldown', ['-c'], { signal: within(BUNDLE_DEADLINE_MS, signal) });
  const program = (await readdir('dist')).filter((name) => PROGRAM.test(name)).toSorted();
  const files = ['Dockerfile', 'hack/bundle/kilo-mcp', ...program.map((name) => join('dist', name))];
  const digest = await digestOf(files);
  return {
    name: 'mcp-operator',
    tag: `dev-${digest.slice(0, 12)}`,
    digest,
    stage: () => Promise.resolve('.'),
  };
}

/** The npm package and everything it needs, exactly as its lock file says. */
async function everythingImage(): Promise<ImageSource> {
  const folder = 'examples/servers/everything';
  const files = ['Dockerfile', '.npmrc', 'package.json', 'package-lock.json', 'call-tool.mjs'];
  const stage = async (signal: AbortSignal): Promise<string> => {
    const context = await emptyFolder('everything');
    for (const file of files) await cp(join(folder, file), join(context, file));
    const npm = ['ci', '--omit=dev', '--ignore-scripts', '--loglevel=error', '--prefix', context];
    await run('npm', npm, { signal: within(NPM_DEADLINE_MS, signal) });
    return context;
  };
  const digest = await digestOf(files.map((file) => join(folder, file)));
  return { name: 'mcp-everything', tag: '2026.8.31', digest, stage };
}

/** Our own server as one file. */
async function modernImage(): Promise<ImageSource> {
  const folder = 'examples/servers/modern';
  const context = await emptyFolder('modern');
  await cp(join(folder, 'Dockerfile'), join(context, 'Dockerfile'));
  const bundle = await rolldown({ input: join(folder, 'main.ts'), platform: 'node', logLevel: 'silent' });
  await bundle.write({ file: join(context, 'server.mjs'), format: 'esm', codeSplitting: false });
  await bundle.close();
  const digest = await digestOf([join(context, 'Dockerfile'), join(context, 'server.mjs')]);
  return { name: 'mcp-modern', tag: '1.0.0', digest, stage: () => Promise.resolve(context) };
}

async function emptyFolder(name: string): Promise<string> {
  const path = join(STAGED, name);
  await rm(path, { recursive: true, force: true });
  await mkdir(path, { recursive: true });
  return path;
}

function within(deadlineMs: number, signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]);
}

/** Node and the base image go into every image as well. */
async function digestOf(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256').update(`${process.versions.node} ${process.env['BASE'] ?? ''}`);
  for (const file of files) hash.update(await readFile(file));
  return hash.digest('hex');
}
