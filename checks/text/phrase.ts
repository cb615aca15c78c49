/**
 * Finding phrases among words: a few steps, each a set of words, with at most so many words between one and the next. All phrases are
 * looked for in one pass, and a word costs no more than the steps that it can be: there is nothing here that could backtrack.
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

/** @returns the first match of each phrase, by its index. */
export type FindPhrases = (words: Words) => ReadonlyMap<number, Match>;

const DEFAULT_WITHIN = 3;
const LOOK_BACK = 4;

/** What makes of the verb behind it an order. */
const ORDERS = new Set(
  'please kindly first then must should shall always and also now immediately you silently secretly simply instead next just quietly'.split(
    ' ',
  ),
);
/** What makes of `to read` an order to read. */
const ORDERS_TO = new Set(
  'need needs have sure remember required want instructed important necessary try'.split(' '),
);

/** One way in which a word can be a step of a phrase. */
interface Entry {
  readonly phrase: Prepared;
  readonly step: number;
  /** The word that must follow, for a pair. */
  readonly second: string | undefined;
}

interface Prepared {
  readonly index: number;
  readonly definition: Phrase;
  readonly unless: ReadonlySet<string>;
}

/** How far a phrase was followed: where it began, and the last word of the step. */
interface Reached {
  readonly from: number;
  readonly at: number;
  readonly sentence: number;
}

/** Prepares phrases, so that each word of a text is looked up once. */
export function phraseFinder(phrases: readonly Phrase[]): FindPhrases {
  const entries = new Map<string, Entry[]>();
  for (const [index, definition] of phrases.entries()) {
    const phrase = { index, definition, unless: new Set(definition.unlessAfter) };
    for (const [step, { any }] of definition.steps.entries()) {
      for (const [first = '', second] of any.map((word) => word.split(' ')))
        entries.set(first, [...(entries.get(first) ?? []), { phrase, step, second }]);
    }
  }
  // From the last step to the first, so that one word cannot be two steps.
  for (const list of entries.values()) list.sort((one, other) => other.step - one.step);
  return (words) => new Search(words, entries).run();
}

/** One pass over one text. */
class Search {
  readonly #words: Words;
  readonly #entries: ReadonlyMap<string, readonly Entry[]>;
  readonly #reached = new Map<Prepared, (Reached | undefined)[]>();
  readonly #found = new Map<number, Match>();
  #sentence = 0;

  constructor(words: Words, entries: ReadonlyMap<string, readonly Entry[]>) {
    this.#words = words;
    this.#entries = entries;
  }

  run(): ReadonlyMap<number, Match> {
    const { words, starts } = this.#words;
    for (const [at, word] of words.entries()) {
      if (starts[at] === true) this.#sentence += 1;
      this.#follow(this.#entries.get(word), at);
      const kind = kindOf(word);
      if (kind !== undefined) this.#follow(this.#entries.get(kind), at);
    }
    return this.#found;
  }

  #follow(entries: readonly Entry[] = [], at: number): void {
    for (const { phrase, step, second } of entries) {
      if (this.#found.has(phrase.index)) continue;
      if (second !== undefined && this.#words.words[at + 1] !== second) continue;
      const from = this.#origin(phrase, step, at);
      if (from === undefined) continue;
      this.#reach(phrase, step, { from, at: second === undefined ? at : at + 1, sentence: this.#sentence });
    }
  }

  #reach(phrase: Prepared, step: number, reached: Reached): void {
    if (step === phrase.definition.steps.length - 1) {
      this.#found.set(phrase.index, { from: reached.from, to: reached.at });
      return;
    }
    const steps = this.#reached.get(phrase) ?? [];
    steps[step] = reached;
    this.#reached.set(phrase, steps);
  }

  /** Where the phrase began that comes to this step at this word. */
  #origin(phrase: Prepared, step: number, at: number): number | undefined {
    const { definition, unless } = phrase;
    if (step === 0) return mayBegin(this.#words, at, definition, unless) ? at : undefined;
    const before = this.#reached.get(phrase)?.[step - 1];
    if (before === undefined || before.at >= at) return undefined;
    if (before.sentence !== this.#sentence && definition.acrossSentences !== true) return undefined;
    const within = definition.steps[step]?.within ?? DEFAULT_WITHIN;
    return at - before.at - 1 <= within ? before.from : undefined;
  }
}

function kindOf(word: string): string | undefined {
  if (word.startsWith('http://') || word.startsWith('https://')) return '$url';
  const at = word.indexOf('@');
  return at > 0 && word.includes('.', at) ? '$email' : undefined;
}

function mayBegin(words: Words, at: number, { imperative }: Phrase, unless: ReadonlySet<string>): boolean {
  return (imperative !== true || isOrder(words, at)) && !precededBy(words, at, unless);
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
