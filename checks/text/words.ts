/**
 * Text cut into words and sentences, in one pass: what rules on text look at. Paths, URLs and addresses stay one word.
 */
import { fold } from './fold.ts';

export interface Words {
  readonly words: readonly string[];
  /** Whether the word of the same index begins a sentence, a line of a list included. */
  readonly starts: readonly boolean[];
}

/** A mark such as `<important>` or `[inst]`, a word, or what ends a sentence. No repetition inside a repetition: the time is linear. */
const TOKENS =
  /<{1,2}[^<>\s]{1,40}>{1,2}|\[[^\s[\]]{1,40}\]|[\p{L}\p{N}_~./\\@:$%+=-]+|[!?;]|\n\s{0,64}(?:\n|[-*#•])/gu;
const EDGES = /^[:\\=+-]{1,64}|[.:\\=+-]{1,64}$/gu;

/** @param role `name` splits `readSecret_file` into its words. */
export function wordsOf(text: string, role: 'text' | 'name'): Words {
  const words: string[] = [];
  const starts: boolean[] = [];
  let start = true;
  for (const [token] of readable(text, role).matchAll(TOKENS)) {
    const word = strip(token);
    if (word !== '') {
      words.push(word);
      starts.push(start);
      start = false;
    }
    if (endsSentence(token)) start = true;
  }
  return { words, starts };
}

function readable(text: string, role: 'text' | 'name'): string {
  const spaced =
    role === 'name' ? text.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').replaceAll(/[_-]/g, ' ') : text;
  return fold(spaced).replaceAll(/n['\u2019\u02BC]t(?![a-z])/g, ' not');
}

/** Without what clings to a word; dots in front stay, since `.env` is a name. */
function strip(token: string): string {
  if (token.startsWith('<') || token.startsWith('[')) return token;
  const bare = token.replaceAll(EDGES, '');
  return /[\p{L}\p{N}@]/u.test(bare) ? bare : '';
}

function endsSentence(token: string): boolean {
  return /^[!?;\n]/.test(token) || token.endsWith('.') || token.endsWith(':');
}
