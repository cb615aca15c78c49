/**
 * Reads a shell script as far as one must to know which programs it starts with which words, and whose output goes where. It expands
 * nothing, and what it cannot read (here-documents, arithmetic) it reads as words.
 */

/** One simple command. */
export interface ShellCommand {
  /** Without quotes. A substitution is {@link SUBSTITUTION}. */
  readonly words: readonly string[];
  /** The command that reads its output: behind a pipe, or around a substitution. */
  readonly consumer?: ShellCommand;
}

/** Stands in a word for the output of `$(...)`, `<(...)` or backquotes. */
export const SUBSTITUTION = '$()';

interface OpenCommand extends ShellCommand {
  readonly words: string[];
  consumer?: ShellCommand;
}

/** What a bracket or a backquote interrupted. */
interface Frame {
  readonly command: OpenCommand;
  readonly word: string | undefined;
  readonly isQuoted: boolean;
  readonly end: ')' | '`';
}

/** Bounded where a token could go on to the end, so that a script is read in linear time. */
const QUOTED_TOKEN = /\\[\s\S]|\$\(|\$\{[^}]{0,256}\}|[^\\"$`]+|[\s\S]/y;
const TOKEN =
  /\\[\s\S]|'[^']*'?|\$\(|<\(|\$\{[^}]{0,256}\}|&&|\|\||\|&|&>{1,2}|[0-9]*[<>]{1,3}&?|[ \t\r]+|#[^\n]*|[A-Za-z0-9_./:@=,%+~^*?![\]-]+|[\s\S]/y;

const REDIRECTION = /^(?:&>{1,2}|[0-9]*[<>]{1,3}&?)$/;
const PIPES = ['|', '|&'];
const SEPARATORS = ['&&', '||', ';', '&', '\n', '(', ')'];

/** @returns every simple command of the script, in the order in which they begin. */
export function commandsOf(script: string): readonly ShellCommand[] {
  return new ShellReader().read(script);
}

class ShellReader {
  readonly #commands: OpenCommand[] = [];
  readonly #frames: Frame[] = [];
  #command = this.#begin();
  #word: string | undefined;
  #isQuoted = false;
  /** The next word is the file of a redirection. */
  #skipsWord = false;

  read(script: string): readonly ShellCommand[] {
    let position = 0;
    while (position < script.length) {
      const pattern = this.#isQuoted ? QUOTED_TOKEN : TOKEN;
      pattern.lastIndex = position;
      const [token = ''] = pattern.exec(script) ?? [];
      position += token.length;
      this.#take(token);
    }
    this.#endWord();
    return this.#commands.filter(({ words }) => words.length > 0);
  }

  #take(token: string): void {
    if (token === '"') return this.#quote();
    if (token === '`' && this.#frames.at(-1)?.end === '`') return this.#leave();
    if (token === '`' || token === '$(' || token === '<(') return this.#substitute(token === '`' ? '`' : ')');
    if (token.startsWith('\\')) return this.#append(token === '\\\n' ? '' : token.slice(1));
    return this.#isQuoted ? this.#append(token) : this.#takeUnquoted(token);
  }

  #takeUnquoted(token: string): void {
    if (/^[ \t\r]/.test(token)) return this.#endWord();
    if (PIPES.includes(token)) return this.#pipe();
    if (token === ')' && this.#frames.at(-1)?.end === ')') return this.#leave();
    if (SEPARATORS.includes(token)) return this.#separate();
    if (REDIRECTION.test(token)) return this.#redirect();
    // Within a word, # is a character like others.
    if (token.startsWith('#') && this.#word === undefined) return undefined;
    return this.#append(token.startsWith("'") ? token.replace(/^'|'$/g, '') : token);
  }

  #begin(consumer?: ShellCommand): OpenCommand {
    const command: OpenCommand = { words: [], ...(consumer && { consumer }) };
    this.#commands.push(command);
    return command;
  }

  #append(text: string): void {
    this.#word = (this.#word ?? '') + text;
  }

  #endWord(): void {
    if (this.#word !== undefined && !this.#skipsWord) this.#command.words.push(this.#word);
    if (this.#word !== undefined) this.#skipsWord = false;
    this.#word = undefined;
  }

  #quote(): void {
    this.#append('');
    this.#isQuoted = !this.#isQuoted;
  }

  #redirect(): void {
    this.#endWord();
    this.#skipsWord = true;
  }

  #separate(): void {
    this.#endWord();
    this.#skipsWord = false;
    this.#command = this.#begin(this.#frames.at(-1)?.command);
  }

  #pipe(): void {
    this.#endWord();
    const before = this.#command;
    const { consumer } = before;
    this.#command = this.#begin(consumer);
    before.consumer = this.#command;
  }

  #substitute(end: Frame['end']): void {
    this.#append(SUBSTITUTION);
    this.#frames.push({ command: this.#command, word: this.#word, isQuoted: this.#isQuoted, end });
    this.#command = this.#begin(this.#command);
    this.#word = undefined;
    this.#isQuoted = false;
  }

  #leave(): void {
    this.#endWord();
    const frame = this.#frames.pop();
    if (frame === undefined) return;
    this.#command = frame.command;
    this.#word = frame.word;
    this.#isQuoted = frame.isQuoted;
  }
}
