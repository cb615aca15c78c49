/**
 * What a container runs, word by word, each knowing where it stands in the MCPServer.
 */
import type { JudgedContainer } from './containers.ts';

/** One word of `command` or `args`. */
export interface CommandWord {
  readonly text: string;
  /** Such as `spec.args[2]`. */
  readonly path: string;
}

/** @returns `command` and then `args`: one argument vector, as the container runtime sees it. */
export function commandLineOf({ container, path }: JudgedContainer): readonly CommandWord[] {
  const words = (list: 'command' | 'args') =>
    (container[list] ?? []).map((text, index) => ({ text, path: path(`${list}[${index}]`) }));
  return [...words('command'), ...words('args')];
}
