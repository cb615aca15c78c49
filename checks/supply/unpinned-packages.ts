/**
 * Which packages a command would fetch without saying which exact version.
 */
import { PACKAGE_TOOLS, type PackageTool } from './package-tools.ts';

/** A fetch that may bring another program tomorrow. */
export interface UnpinnedFetch {
  /** The call, such as `npx` or `pip install`. */
  readonly call: string;
  /** As it is written; empty when a manifest beside the program lists the packages. */
  readonly spec: string;
}

/** A tool, how it is called, and the words that this leaves. */
interface Call {
  readonly tool: PackageTool;
  readonly call: string;
  readonly args: readonly string[];
}

/** @returns what the command fetches unpinned. It must begin with its program. */
export function unpinnedFetchesOf(words: readonly string[]): readonly UnpinnedFetch[] {
  const found = callOf(words);
  if (found === undefined) return [];
  const { tool, call, args } = found;
  const { flags, specs } = parse(tool, args);
  if (tool.safeFlags?.some((flag) => flags.has(flag))) return [];
  if (specs.length === 0) return tool.readsManifest ? [{ call, spec: '' }] : [];
  return specs.filter((spec) => !isLocal(spec) && !tool.isPinned(spec)).map((spec) => ({ call, spec }));
}

/** Whether the command is one that may fetch packages. It must begin with its program. */
export function callsPackageTool(words: readonly string[]): boolean {
  return callOf(words) !== undefined;
}

/** Whether a word is the name of a program that fetches a package and runs it. */
export function isPackageRunner(word: string): boolean {
  return ['npx', 'pnpx', 'bunx', 'uvx'].includes(programName(word));
}

/** `/usr/local/bin/npx` is `npx`; `python3.12` is `python3`. */
export function programName(word: string): string {
  return word.slice(word.lastIndexOf('/') + 1).replace(/^(python3|pip3)\.[0-9]+$/, '$1');
}

function callOf([program = '', ...rest]: readonly string[]): Call | undefined {
  const words = [programName(program), ...rest];
  for (const tool of PACKAGE_TOOLS) {
    for (const call of tool.calls) {
      const args = argumentsOf(words, call.split(' '));
      if (args !== undefined) return { tool, call, args };
    }
  }
  return undefined;
}

/** Flags may stand between the words of a call: `apt-get -y install`. */
function argumentsOf(words: readonly string[], call: readonly string[]): readonly string[] | undefined {
  const between: string[] = [];
  let matched = 0;
  for (const [index, word] of words.entries()) {
    if (word === call[matched]) matched += 1;
    else if (matched > 0 && word.startsWith('-')) between.push(word);
    else return undefined;
    if (matched === call.length) return [...between, ...words.slice(index + 1)];
  }
  return undefined;
}

/** A file or a directory of the image: nothing is fetched for it. */
function isLocal(spec: string): boolean {
  return /^(?:\.{1,2}$|\.{0,2}\/|file:)/.test(spec) || /^[^:@]+\.(?:whl|tgz|tar\.gz)$/.test(spec);
}

interface Parsed {
  readonly flags: ReadonlySet<string>;
  /** Packages, by flags or by themselves. */
  readonly specs: readonly string[];
}

function parse(tool: PackageTool, args: readonly string[]): Parsed {
  const { sourceFlags = [], packageFlags = [], listFlags = [] } = tool;
  const words = read(tool, args);
  const flagged = words.flatMap(({ flag, value }) => {
    if (listFlags.includes(flag)) return [`${flag} ${value}`];
    return [...sourceFlags, ...packageFlags].includes(flag) ? [value] : [];
  });
  const flags = new Set(words.map(({ flag }) => flag));
  const isNamedByFlag = tool.operands === 'none' || sourceFlags.some((flag) => flags.has(flag));
  const operands = isNamedByFlag ? [] : words.filter(({ flag }) => flag === '').map(({ value }) => value);
  return { flags, specs: [...flagged, ...operands] };
}

/** A flag and its value; without a flag, an operand. */
interface Argument {
  readonly flag: string;
  readonly value: string;
}

function read(tool: PackageTool, args: readonly string[]): readonly Argument[] {
  const read: Argument[] = [];
  const rest = [...args];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const argument = word.startsWith('-') ? flagOf(tool, word, rest) : { flag: '', value: word };
    read.push(argument);
    // What follows are the words of the package's own program.
    if (argument.flag === '' && tool.operands !== 'install') break;
  }
  return read;
}

/** Takes the value from `rest` when it is the next word. */
function flagOf(tool: PackageTool, word: string, rest: string[]): Argument {
  const equals = word.indexOf('=');
  if (equals >= 0) return { flag: word.slice(0, equals), value: word.slice(equals + 1) };
  const { sourceFlags = [], packageFlags = [], listFlags = [], valueFlags = [] } = tool;
  const takesValue = [...sourceFlags, ...packageFlags, ...listFlags, ...valueFlags].includes(word);
  return { flag: word, value: takesValue ? (rest.shift() ?? '') : '' };
}
