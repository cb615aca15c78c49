/**
 * A short notation for phrases, so that the rules read as what they look for:
 *
 *   ! ignore|disregard $yours ..2 $instructions|rules
 *
 * Steps stand in their order, alternatives between bars, `+` joins a pair of words, `..n` is the most words before the next step (3 when it
 * is left out), `$name` is a list of words. In front: `!` for an order, `~` where no negation may stand before, `&` for a phrase that may
 * reach over the end of a sentence.
 */
import type { Phrase, Step } from './phrase.ts';

/** Lists of words by the name after `$`; `$url` and `$email` are kinds of words and need no list. */
export type WordLists = Readonly<Record<string, readonly string[]>>;

const NEGATIONS = 'not never cannot dont without avoid'.split(' ');
const KINDS = new Set(['$url', '$email']);

/** @throws Error for a list that does not exist: a rule with a mistake must not pass for one that finds nothing. */
export function phraseOf(notation: string, lists: WordLists): Phrase {
  const marks = new Set<string>();
  const steps: Step[] = [];
  let within: number | undefined;
  for (const part of notation.split(' ')) {
    if (['!', '~', '&'].includes(part)) marks.add(part);
    else if (part.startsWith('..')) within = Number(part.slice(2));
    else {
      steps.push({
        any: part.split('|').flatMap((word) => wordsOf(word, lists)),
        ...(within === undefined ? {} : { within }),
      });
      within = undefined;
    }
  }
  return {
    steps,
    imperative: marks.has('!'),
    acrossSentences: marks.has('&'),
    unlessAfter: marks.has('~') ? NEGATIONS : [],
  };
}

function wordsOf(word: string, lists: WordLists): readonly string[] {
  if (!word.startsWith('$') || KINDS.has(word)) return [word.replace('+', ' ')];
  const list = lists[word.slice(1)];
  if (list === undefined) throw new Error(`no list of words is called ${word}`);
  return list;
}
