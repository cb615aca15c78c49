/**
 * The three sample servers: applied, and waited for until each is what the demo promises (`verdict.ts`).
 */
import { readFile } from 'node:fs/promises';
import type { Clock } from '../../core/clock.ts';
import { TerminalError } from '../../core/errors.ts';
import type { Progress } from '../cluster/report.ts';
import { LOCAL_PREFIX } from './images.ts';
import { getList, type Kubectl } from './kubectl.ts';
import { unmet, type ServerView } from './verdict.ts';

/** Namespace of the samples. */
export const SAMPLES_NAMESPACE = 'mcp-demo';

const SERVERS = ['everything', 'modern', 'broken'] as const;
const DEADLINE_MS = 180_000;
const INTERVAL_MS = 1_000;

/** Applies the servers' manifests, their images under `imagePrefix`, and returns what kubectl said. */
export async function applySamples(kubectl: Kubectl, imagePrefix: string): Promise<string> {
  let said = '';
  for (const server of SERVERS) said += await applyExample(kubectl, `examples/${server}.yaml`, imagePrefix);
  return said;
}

/** Applies one manifest of `examples/` in the demo's namespace and returns what kubectl said. */
export async function applyExample(kubectl: Kubectl, path: string, imagePrefix: string): Promise<string> {
  const manifest = (await readFile(path, 'utf8')).replaceAll(`${LOCAL_PREFIX}/mcp-`, `${imagePrefix}/mcp-`);
  return kubectl(['--namespace', SAMPLES_NAMESPACE, 'apply', '--filename', '-'], manifest);
}

/** Waits until every expectation holds; the error names those that do not. */
export async function waitForSamples(
  kubectl: Kubectl,
  clock: Clock,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const deadline = clock.monotonicMs() + DEADLINE_MS;
  for (;;) {
    const left = unmet(await readServers(kubectl));
    if (left.length === 0) {
      progress('two Ready, one not, each for its reason');
      return;
    }
    if (clock.monotonicMs() > deadline) {
      throw new TerminalError(
        `after ${DEADLINE_MS / 1000} s the servers are not as promised: ${left.join(', ')}`,
      );
    }
    progress(`waiting for ${left.join(', ')}`);
    await clock.sleep(INTERVAL_MS, signal);
  }
}

/** The MCPServers of the demo's namespace. */
export function readServers(kubectl: Kubectl): Promise<readonly ServerView[]> {
  return getList<ServerView>(kubectl, ['mcpservers', '--namespace', SAMPLES_NAMESPACE]);
}
