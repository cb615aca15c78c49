/**
 * Finding phrases among words: a few steps, each a set of words, with at most so many words between one and the next. One pass over the
 * text and a constant amount of work for each word and step, whatever the text: there is nothing here that could backtrack.
 */
import type { Words } from './words.ts';

/** One step: any of these words, of these pairs of words written with a space, or of the kinds `$url` and `$email`. */
export interface Step {
  readonly any: readonly string[];
  /** Most words between the step before and this one. Default 3. */
  readonly within?: number;
}

export interface Phrase {
  readonly steps: readonly Step[];
  /** Words of which none may stand among the four before the first step: `do not ignore …` is no order to ignore. */
  readonly unlessAfter?: readonly string[];
  /** The first step must be an order: at the start of a sentence, or after a word such as `must` or `please`. */
  readonly imperative?: boolean;
  /** May reach over the end of a sentence. */
  readonly acrossSentences?: boolean;
}

/** Words `from` to `to`, both included. */
export interface Match {
  readonly from: number;
  readonly to: number;
}

const DEFAULT_WITHIN = 3;
const LOOK_BACK = 4;

/** What makes of the verb behind it an order. */
const ORDERS = new Set(
  'please first then must should shall always and also now immediately you silently secretly simply instead next just quietly'.split(
    ' ',
  ),
);
/** What makes of `to read` an order to read. */
const ORDERS_TO = new Set(
  'need needs have sure remember required want instructed important necessary try'.split(' '),
);

/** @returns the first match, or nothing. */
export type FindPhrase = (words: Words) => Match | undefined;

/** Prepares a phrase, so that each text is read with sets. */
export function phrase(definition: Phrase): FindPhrase {
  const steps = definition.steps.map(prepare);
  const unless = new Set(definition.unlessAfter);
  const mayBegin = (words: Words, at: number): boolean =>
    (definition.imperative !== true || isOrder(words, at)) && !precededBy(words, at, unless);
  return (words) => find(words, steps, mayBegin, definition.acrossSentences === true);
}

interface PreparedStep {
  readonly words: ReadonlySet<string>;
  /** Second words by first ones. */
  readonly pairs: ReadonlyMap<string, ReadonlySet<string>>;
  readonly within: number;
}

function prepare({ any, within = DEFAULT_WITHIN }: Step): PreparedStep {
  const pairs = new Map<string, Set<string>>();
  for (const [first = '', second = ''] of any
    .filter((word) => word.includes(' '))
    .map((word) => word.split(' ')))
    pairs.set(first, (pairs.get(first) ?? new Set()).add(second));
  return { words: new Set(any.filter((word) => !word.includes(' '))), pairs, within };
}

interface Reached {
  readonly from: number;
  readonly at: number;
}

function find(
  words: Words,
  steps: readonly PreparedStep[],
  mayBegin: (words: Words, at: number) => boolean,
  acrossSentences: boolean,
): Match | undefined {
  let reached: (Reached | undefined)[] = [];
  for (let at = 0; at < words.words.length; at += 1) {
    if (words.starts[at] === true && !acrossSentences) reached = [];
    // From the last step to the first, so that one word cannot be two steps.
    for (let number = steps.length - 1; number >= 0; number -= 1) {
      const width = matchWidth(words, at, steps[number]);
      if (width === 0) continue;
      const from = origin(words, at, number, reached, steps, mayBegin);
      if (from === undefined) continue;
      reached[number] = { from, at: at + width - 1 };
      if (number === steps.length - 1) return { from, to: at + width - 1 };
    }
  }
  return undefined;
}

/** Where the phrase began that reaches step `number` at this word. */
function origin(
  words: Words,
  at: number,
  number: number,
  reached: readonly (Reached | undefined)[],
  steps: readonly PreparedStep[],
  mayBegin: (words: Words, at: number) => boolean,
): number | undefined {
  if (number === 0) return mayBegin(words, at) ? at : undefined;
  const before = reached[number - 1];
  const within = steps[number]?.within ?? DEFAULT_WITHIN;
  return before !== undefined && before.at < at && at - before.at - 1 <= within ? before.from : undefined;
}

/** How many words the step takes here: none, one or two. */
function matchWidth({ words }: Words, at: number, step: PreparedStep | undefined): 0 | 1 | 2 {
  const word = words[at];
  if (step === undefined || word === undefined) return 0;
  const next = words[at + 1];
  if (next !== undefined && step.pairs.get(word)?.has(next) === true) return 2;
  return step.words.has(word) || step.words.has(kindOf(word)) ? 1 : 0;
}

function kindOf(word: string): string {
  if (word.startsWith('http://') || word.startsWith('https://')) return '$url';
  const at = word.indexOf('@');
  return at > 0 && word.includes('.', at) ? '$email' : '';
}

function isOrder({ words, starts }: Words, at: number): boolean {
  if (starts[at] === true) return true;
  const before = words[at - 1];
  if (before === undefined) return true;
  return before === 'to' ? ORDERS_TO.has(words[at - 2] ?? '') : ORDERS.has(before);
}

function precededBy({ words, starts }: Words, at: number, unless: ReadonlySet<string>): boolean {
  if (unless.size === 0) return false;
  for (let back = at; back > at - LOOK_BACK && back > 0 && starts[back] !== true; back -= 1)
    if (unless.has(words[back - 1] ?? '')) return true;
  return false;
}
