/**
 * The three sample servers: applied, and waited for until each is what the demo promises (`verdict.ts`).
 */
import { readFile } from 'node:fs/promises';
import { LOCAL_PREFIX } from './images.ts';
import { getList, type Kubectl } from './kubectl.ts';
import { unmet, type ServerView } from './verdict.ts';
import { waitForAll, type Waiting } from './waiting.ts';

/** Namespace of the samples. */
export const SAMPLES_NAMESPACE = 'mcp-demo';

const SERVERS = ['everything', 'modern', 'broken'] as const;

/** Applies the servers' manifests, their images under `imagePrefix`, and returns what kubectl said. */
export async function applySamples(kubectl: Kubectl, imagePrefix: string): Promise<string> {
  let said = '';
  for (const server of SERVERS) said += await applyExample(kubectl, `examples/${server}.yaml`, imagePrefix);
  return said;
}

/** Applies one manifest, its images under `imagePrefix`, and returns what kubectl said. */
export async function applyExample(
  kubectl: Kubectl,
  path: string,
  imagePrefix: string,
  namespace = SAMPLES_NAMESPACE,
): Promise<string> {
  const manifest = (await readFile(path, 'utf8')).replaceAll(`${LOCAL_PREFIX}/mcp-`, `${imagePrefix}/mcp-`);
  return kubectl(['--namespace', namespace, 'apply', '--filename', '-'], manifest);
}

/** Waits until every expectation holds; the error names those that do not. */
export async function waitForSamples(kubectl: Kubectl, waiting: Waiting): Promise<void> {
  await waitForAll('the servers are', async () => unmet(await readServers(kubectl)), waiting);
  waiting.progress('two Ready, one not, each for its reason');
}

/** The MCPServers of a namespace. */
export function readServers(kubectl: Kubectl, namespace = SAMPLES_NAMESPACE): Promise<readonly ServerView[]> {
  return getList<ServerView>(kubectl, ['mcpservers', '--namespace', namespace]);
}
