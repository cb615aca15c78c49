/**
 * kubectl against the demo's cluster. No call waits for ever: each request has a deadline of its own.
 */
import { run } from '../cluster/index.ts';

/** What the demo needs from kubectl. */
export interface Kubectl {
  /** Runs kubectl and resolves with its standard output. `input` becomes its standard input. */
  (args: readonly string[], input?: string): Promise<string>;
}

/** @returns kubectl bound to a cluster; `signal` ends whatever runs. */
export function kubectlFor(program: string, kubeconfig: string, signal: AbortSignal): Kubectl {
  const always = ['--kubeconfig', kubeconfig, '--request-timeout=30s'];
  return (args, input) =>
    run(program, [...always, ...args], { signal, ...(input === undefined ? {} : { input }) });
}

/** Reads `kubectl get -o json` as a list. A boundary: the fields named by `T` are those that the kind's schema promises. */
export async function getList<T>(kubectl: Kubectl, args: readonly string[]): Promise<readonly T[]> {
  const answer: { readonly items: readonly T[] } = JSON.parse(await kubectl(['get', ...args, '-o', 'json']));
  return answer.items;
}

/** @returns a command as a person types it, and what it prints. */
export async function withAnswer(kubectl: Kubectl, args: readonly string[]): Promise<string> {
  return `$ kubectl ${args.map(typed).join(' ')}\n${await kubectl(args)}`;
}

/** In quotes what a shell would take apart. */
function typed(argument: string): string {
  return /^[-\w=.,:/@]+$/.test(argument) ? argument : `'${argument.replaceAll("'", String.raw`'\''`)}'`;
}
