/**
 * The one cluster of the demo's tests: that of `make demo`, as an instance of its own, so that nobody's demo is touched.
 * `TEST_DEMO_INSTANCE` names one to use instead, and to leave there, for whoever writes such a test.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freeInstance } from '../../hack/cluster/index.ts';
import { instance, parseInstanceNumber } from '../../hack/cluster/instance.ts';
import { kubectl as runKubectl } from '../harness/kubectl.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const requested = process.env['TEST_DEMO_INSTANCE'] ?? '';

/** Directory, network and addresses of the cluster. */
export const cluster =
  requested === ''
    ? instance(await freeInstance(), await mkdtemp(join(tmpdir(), 'kilo-mcp-demo-')))
    : instance(parseInstanceNumber(requested));

export const kubeconfigPath = `${cluster.directory}/kubeconfig`;

/** Namespaces that `make demo` uses. */
export const OPERATOR_NAMESPACE = 'mcp-system';
export const DEMO_NAMESPACE = 'mcp-demo';

/** What a program said and how it ended. */
export interface Outcome {
  readonly exitCode: number | null;
  /** Standard output and standard error as they came. */
  readonly output: string;
  readonly durationMs: number;
}

/** kubectl against the cluster; rejects with what it said when it fails. */
export function kubectl(args: readonly string[], input?: string): Promise<string> {
  return runKubectl(kubeconfigPath, args, input);
}

/** `kubectl get ... -o json`. The type is the caller's word for what the kind's schema promises. */
export async function get<T>(...args: readonly string[]): Promise<T> {
  const answer: T = JSON.parse(await kubectl(['get', ...args, '-o', 'json']));
  return answer;
}

/** Runs a Make target for the cluster, its output on the terminal as well, since it takes a minute. */
export function make(target: string): Promise<Outcome> {
  return runProgram('make', ['--no-print-directory', target]);
}

/** Runs a program in the repository's root, for the cluster of these tests and no other. */
export function runProgram(command: string, args: readonly string[]): Promise<Outcome> {
  const started = performance.now();
  const child = spawn(command, args, {
    cwd: ROOT,
    env: { ...process.env, ...ENVIRONMENT },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      process.stderr.write(text);
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, output, durationMs: performance.now() - started }));
  });
}

/** Takes the cluster away, unless somebody named it. */
export async function removeCluster(): Promise<void> {
  if (requested !== '') return;
  await make('demo-down');
  await rm(cluster.directory, { recursive: true, force: true });
}

/** What a developer has set, and what an outer `make` hands down, must not reach the demo. */
const ENVIRONMENT = {
  CLUSTER_INSTANCE: String(cluster.number),
  CLUSTER_DIRECTORY: cluster.directory,
  CLUSTER: '',
  KUBECONFIG: '',
  IMAGE: '',
  REGISTRY: '',
  MAKEFLAGS: '',
  MAKELEVEL: '',
};
