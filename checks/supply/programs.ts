/**
 * From the command line of a container to the fetches in it: through wrappers and shells, down to the programs that fetch.
 */
import type { CommandWord } from '../command-line.ts';
import { SUBSTITUTION, commandsOf, type ShellCommand } from './shell.ts';
import {
  callsPackageTool,
  isPackageRunner,
  programName,
  unpinnedFetchesOf,
  type UnpinnedFetch,
} from './unpinned-packages.ts';

/** A fetch and the field that asks for it. */
export interface PlacedFetch extends UnpinnedFetch {
  readonly path: string;
}

const SHELLS = ['sh', 'ash', 'bash', 'dash', 'ksh', 'zsh'];
const INTERPRETERS = [...SHELLS, 'node', 'perl', 'python', 'python3', 'ruby'];
const DOWNLOADERS = ['curl', 'wget'];
/** They start the program that follows them. */
const WRAPPERS = ['command', 'dumb-init', 'env', 'exec', 'nice', 'nohup', 'sudo', 'time', 'tini', 'xargs'];
/** Words of the shell's own grammar that stand before a command. */
const KEYWORDS = ['!', '{', 'do', 'elif', 'else', 'if', 'then', 'until', 'while'];
const ASSIGNMENT = /^[A-Za-z_][A-Za-z0-9_]*=/;
const SCRIPT_FLAG = /^-[a-z]*c$/;

/** A script in a script in a script: nobody writes more by mistake. */
const DEEPEST = 4;

/** @returns every fetch without an exact version that the words would start. */
export function programsOf(words: readonly CommandWord[]): readonly PlacedFetch[] {
  const texts = words.map(({ text }) => text);
  const start = startOf(texts);
  const direct = fetchesOfArguments(texts, start).map(({ index, ...fetch }) => ({
    ...fetch,
    path: words[index]?.path ?? '',
  }));
  const nested = words.flatMap(({ text, path }, index) =>
    isScript(texts, index) ? fetchesOfScript(text, 1).map((fetch) => ({ ...fetch, path })) : [],
  );
  return [...direct, ...nested];
}

/** A program may start another one that stands behind it: `mcp-proxy --port 80 -- npx ...`. */
function fetchesOfArguments(
  texts: readonly string[],
  start: number,
): readonly (UnpinnedFetch & { readonly index: number })[] {
  const first = texts.findIndex((text, index) => index > start && (isPackageRunner(text) || text === '--'));
  const behind = texts[first] === '--' ? first + 1 : first;
  const starts = first < 0 ? [start] : [start, behind];
  return starts.flatMap((index) =>
    unpinnedFetchesOf(texts.slice(index)).map((fetch) => ({ ...fetch, index })),
  );
}

/** Behind assignments, wrappers and their flags. */
function startOf(texts: readonly string[]): number {
  let isWrapped = false;
  const start = texts.findIndex((text) => {
    const isWrapper = WRAPPERS.includes(programName(text));
    const isSkipped =
      isWrapper || KEYWORDS.includes(text) || ASSIGNMENT.test(text) || (isWrapped && text.startsWith('-'));
    isWrapped ||= isWrapper;
    return !isSkipped;
  });
  return Math.max(start, 0);
}

/** What a shell is given behind `-c`, and a whole command in one word: `--stdio "npx -y server"`. */
function isScript(texts: readonly string[], index: number): boolean {
  const text = texts[index] ?? '';
  const before = texts.slice(0, index);
  // The entry point of an image may be a shell.
  if (SCRIPT_FLAG.test(before.at(-1) ?? '')) return index === 1 || before.some(isShell);
  const { words } = /\s/.test(text) ? (commandsOf(text)[0] ?? { words: [] }) : { words: [] };
  return callsPackageTool(words.slice(startOf(words)));
}

function isShell(word: string): boolean {
  return SHELLS.includes(programName(word));
}

function fetchesOfScript(script: string, depth: number): readonly UnpinnedFetch[] {
  if (depth > DEEPEST) return [];
  return commandsOf(script).flatMap((command) => {
    const { words } = command;
    const nested = words.filter((_, index) => isScript(words, index));
    return [
      ...pipedToInterpreter(command),
      ...fetchesOfArguments(words, startOf(words)),
      ...nested.flatMap((each) => fetchesOfScript(each, depth + 1)),
    ].map(({ call, spec }) => ({ call, spec }));
  });
}

/** `curl ... | sh`, also through others: `curl ... | gunzip | sh`. */
function pipedToInterpreter(command: ShellCommand): readonly UnpinnedFetch[] {
  const downloader = programOf(command);
  if (!DOWNLOADERS.includes(downloader)) return [];
  for (let { consumer } = command; consumer !== undefined; { consumer } = consumer) {
    if (runsItsInput(consumer)) return [{ call: `${downloader} | ${programOf(consumer)}`, spec: '' }];
  }
  return [];
}

function programOf({ words }: ShellCommand): string {
  return programName(words[startOf(words)] ?? '');
}

/** A program that is given a script of its own takes its input for data: `curl ... | python3 -m json.tool`. */
function runsItsInput(command: ShellCommand): boolean {
  const words = command.words.slice(startOf(command.words));
  const [program = '', ...args] = words;
  const name = programName(program);
  if (['eval', 'source', '.'].includes(name)) return args.some(isSubstitution);
  if (!INTERPRETERS.includes(name)) return isSubstitution(program);
  const operand = args.findIndex((word) => !word.startsWith('-'));
  if (operand < 0) return true;
  return isSubstitution(args[operand] ?? '') || args.slice(0, operand).includes('-s');
}

function isSubstitution(word: string): boolean {
  return word.startsWith(SUBSTITUTION);
}
