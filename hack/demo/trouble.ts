/**
 * When a demo fails: what a person would look at next, printed at once. Every look may fail as well, and then says so.
 */
import { errorMessage } from '../../core/errors.ts';
import { OPERATOR } from './install.ts';
import type { Kubectl } from './kubectl.ts';
import type { Print } from './stages.ts';

const TAIL_LINES = 25;

function looksAt(namespace: string): readonly (readonly string[])[] {
  const [there, here] = [
    ['--namespace', OPERATOR.namespace],
    ['--namespace', namespace],
  ];
  return [
    ['get', 'pods', '--all-namespaces', '--output', 'wide'],
    ['logs', `deployment/${OPERATOR.release}`, ...there, '--all-pods', `--tail=${TAIL_LINES}`],
    ['get', 'mcpservers', ...here, '--output', 'wide'],
    ['get', 'mcpcc', ...here, '--output', 'yaml'],
    ['get', 'apr', ...here, '--output', 'yaml'],
    ['events', ...there, '--types=Warning'],
    ['events', ...here, '--types=Warning'],
  ];
}

/** Prints pods, the operator's log, and what is in the namespace. Never throws. */
export async function showTrouble(kubectl: Kubectl, namespace: string, print: Print): Promise<void> {
  for (const args of looksAt(namespace)) {
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
