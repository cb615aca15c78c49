/**
 * When the demo fails: what a person would look at next, printed at once. Every look may fail as well, and then says so.
 */
import { errorMessage } from '../../core/errors.ts';
import { OPERATOR } from './install.ts';
import type { Kubectl } from './kubectl.ts';
import { SAMPLES_NAMESPACE } from './samples.ts';
import type { Print } from './stages.ts';

const TAIL_LINES = 25;

const LOOKS: readonly (readonly string[])[] = [
  ['get', 'pods', '--all-namespaces', '--output', 'wide'],
  [
    'logs',
    `deployment/${OPERATOR.release}`,
    '--namespace',
    OPERATOR.namespace,
    '--all-pods',
    `--tail=${TAIL_LINES}`,
  ],
  ['get', 'mcpservers', '--namespace', SAMPLES_NAMESPACE, '--output', 'wide'],
  ['get', 'mcpcc', '--namespace', SAMPLES_NAMESPACE, '--output', 'yaml'],
  ['events', '--namespace', OPERATOR.namespace, '--types=Warning'],
  ['events', '--namespace', SAMPLES_NAMESPACE, '--types=Warning'],
];

/** Prints pods, the operator's log, the servers and the warnings. Never throws. */
export async function showTrouble(kubectl: Kubectl, print: Print): Promise<void> {
  for (const args of LOOKS) {
    print(`\n$ kubectl ${args.join(' ')}`);
    const text = await kubectl(args).catch(errorMessage);
    print(
      text
        .trimEnd()
        .split('\n')
        .slice(-2 * TAIL_LINES)
        .join('\n'),
    );
  }
}
