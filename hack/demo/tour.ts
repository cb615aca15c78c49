/**
 * What the demo shows once the servers stand: the table, why one server is not Ready, a tool call through a Service, and where to go
 * from here.
 */
import { REASONS } from '../../api/index.ts';
import { TerminalError } from '../../core/errors.ts';
import { withAnswer, type Kubectl } from './kubectl.ts';
import { applyExample, readServers, SAMPLES_NAMESPACE } from './samples.ts';
import type { Print } from './stages.ts';
import { current } from './verdict.ts';

const CLIENT_TIMEOUT = '90s';

/** Prints the two tables side by side with each other: what Kubernetes says, and what the operator says. */
export async function showTables(kubectl: Kubectl, print: Print): Promise<void> {
  print(await shown(kubectl, 'get', 'pods'));
  print(await shown(kubectl, 'get', 'mcpservers'));
}

/** Prints the conditions of the broken server, and what docs/reasons.md advises. */
export async function explainBroken(kubectl: Kubectl, print: Print): Promise<void> {
  const server = (await readServers(kubectl)).find(({ metadata }) => metadata.name === 'broken');
  print('Kubernetes calls the pod of `broken` healthy. Asked in MCP, it is not a server at all:\n');
  for (const { type, status, reason, message } of current(server)) {
    print(`  ${type.padEnd(15)} ${status.padEnd(8)} ${reason}: ${message}`);
  }
  print(`\n  Remedy (docs/reasons.md): ${REASONS.Verified.HTTPError.remedy}`);
}

/** Runs the Job of examples/client.yaml, a pod with the client label, and prints what the tool answered. */
export async function callTool(kubectl: Kubectl, imagePrefix: string, print: Print): Promise<void> {
  const job = ['--namespace', SAMPLES_NAMESPACE];
  await kubectl([...job, 'delete', 'job', 'mcp-client', '--ignore-not-found', '--timeout=25s']);
  await applyExample(kubectl, 'examples/client.yaml', imagePrefix);
  await kubectl([
    ...job,
    'wait',
    '--for=condition=Complete',
    `--timeout=${CLIENT_TIMEOUT}`,
    'job/mcp-client',
    '--request-timeout=0',
  ]);
  const answer = (await kubectl([...job, 'logs', 'job/mcp-client'])).trim();
  print(`tools/call get-sum {"a": 19, "b": 23} at http://mcp-everything:3001/mcp\n  ${answer}`);
  if (!answer.includes('The sum of 19 and 23 is 42.')) {
    throw new TerminalError(`the tool call was answered, but not with 42: ${answer.slice(0, 300)}`);
  }
}

/** @returns a command of kubectl in the samples' namespace, and what it prints. */
export function shown(kubectl: Kubectl, ...args: readonly string[]): Promise<string> {
  return withAnswer(kubectl, [...args, '--namespace', SAMPLES_NAMESPACE]);
}

/** The last words of a demo that came out right. */
export function nextSteps(kubeconfig: string, programs: string, cleanUp: string): string {
  return [
    'Go on:',
    `  export KUBECONFIG=${kubeconfig} PATH=${programs}:$PATH`,
    `  kubectl get mcpservers --namespace ${SAMPLES_NAMESPACE} --output wide`,
    `  kubectl describe mcpserver broken --namespace ${SAMPLES_NAMESPACE}`,
    `  kubectl patch mcpserver broken --namespace ${SAMPLES_NAMESPACE} --type merge --patch '{"spec":{"transport":{"path":"/mcp"}}}'`,
    `  kubectl describe mcpcc nightly --namespace ${SAMPLES_NAMESPACE}`,
    '  examples/README.md has more manifests, docs/getting-started.md explains the status, docs/compliance.md the score.',
    'Clean up:',
    `  ${cleanUp}`,
  ].join('\n');
}
