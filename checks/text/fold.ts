/**
 * Text as a model reads it, whatever it was written with: one case, one alphabet, nothing invisible between the letters.
 */

/** Letters of other alphabets that look like a Latin one. Those that people use to disguise words; not all of Unicode's table. */
const LOOKALIKES: Readonly<Record<string, string>> = {
  а: 'a', в: 'b', е: 'e', ё: 'e', к: 'k', м: 'm', н: 'h', о: 'o', р: 'p', с: 'c', т: 't', у: 'y', х: 'x', ѕ: 's', і: 'i', ї: 'i',
  ј: 'j', ԁ: 'd', ԛ: 'q', ԝ: 'w', ɡ: 'g', ı: 'i', ƅ: 'b', α: 'a', β: 'b', ε: 'e', η: 'n', ι: 'i', κ: 'k', ν: 'v', ο: 'o', ρ: 'p',
  τ: 't', υ: 'u', χ: 'x', ω: 'w', γ: 'y', ѵ: 'v', һ: 'h', ӏ: 'l', ǀ: 'l', ℓ: 'l', օ: 'o', ս: 'u', ց: 'g', հ: 'h', ո: 'n',
}; // prettier-ignore

const FIRST_TAG = 0xe0020;
const LAST_TAG = 0xe007e;

/** @returns the ASCII that a character of the tag block stands for, or nothing. */
export function tagToAscii(codePoint: number): string | undefined {
  return codePoint >= FIRST_TAG && codePoint <= LAST_TAG
    ? String.fromCodePoint(codePoint - 0xe0000)
    : undefined;
}

/** What has no width, and marks on letters: neither changes which word a model reads. */
const INVISIBLE = /[\p{Cf}\p{Mn}\u115F\u1160\u3164\uFFA0]/u;
const FOREIGN = /[^\u0000-\u007F]/u; // eslint-disable-line no-control-regex -- all of ASCII is meant

/** Lower case, compatibility forms resolved, look-alikes and tag characters written in Latin letters, invisible characters left out. */
export function fold(text: string): string {
  if (!FOREIGN.test(text)) return text.toLowerCase();
  let folded = '';
  let inTags = false;
  for (const character of text) {
    const isTag = tagToAscii(character.codePointAt(0) ?? 0) !== undefined;
    // What is hidden is a text of its own, not the end of the word before it.
    folded += (isTag === inTags ? '' : ' ') + foldCharacter(character);
    inTags = isTag;
  }
  return folded;
}

/** What was folded before: a text of a million rare characters has few different ones, or is read no further than its bound. */
const known = new Map<string, string>();
const MAX_KNOWN = 4096;

function foldCharacter(character: string): string {
  if (character < '\u0080') return character.toLowerCase();
  const before = known.get(character);
  if (before !== undefined) return before;
  const folded = foldForeign(character);
  if (known.size < MAX_KNOWN) known.set(character, folded);
  return folded;
}

/** A character that stands for more letters than this is no disguise of a letter: it is left, lest a text grow without bound. */
const MAX_LETTERS = 4;

function foldForeign(character: string): string {
  const ascii = tagToAscii(character.codePointAt(0) ?? 0);
  if (ascii !== undefined) return ascii.toLowerCase();
  const letters = Array.from(character.normalize('NFKD').toLowerCase());
  if (letters.length > MAX_LETTERS) return character;
  return letters.map((letter) => (INVISIBLE.test(letter) ? '' : (LOOKALIKES[letter] ?? letter))).join('');
}
