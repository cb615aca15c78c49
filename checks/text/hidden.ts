/**
 * Text that a model reads and a person does not see: one pass over the characters, with no backtracking and no memory of more than a run.
 */
import { tagToAscii } from './fold.ts';

/** The classes of hidden text. */
export const HIDDEN_KINDS = {
  'tag-characters': 'holds characters of the tag block, which no display shows',
  'bidi-control': 'holds controls that change the direction of what is shown',
  'zero-width': 'holds a run of characters without width',
  'variation-selectors': 'holds a run of variation selectors, which can carry bytes',
  'ansi-escape': 'holds an escape sequence of terminals',
  'control-character': 'holds a control character',
  'html-comment': 'holds an HTML comment, which a rendered page does not show',
  'hidden-markup': 'holds an element that a rendered page does not show',
  base64: 'holds a long text in base64',
  hexadecimal: 'holds a text in hexadecimal digits',
} as const;
export type HiddenKind = keyof typeof HIDDEN_KINDS;

/** What was found; `seen` is decoded where there is something to decode. */
export interface Hidden {
  readonly kind: HiddenKind;
  readonly seen: string;
}

/** Characters by what they are; everything else is visible. */
type Class = 'tag' | 'override' | 'isolate' | 'zero' | 'selector' | 'escape' | 'control' | 'visible';

const RANGES: readonly (readonly [number, number, Class])[] = [
  [0x00, 0x08, 'control'], [0x0b, 0x0c, 'control'], [0x0e, 0x1a, 'control'], [0x1b, 0x1b, 'escape'], [0x1c, 0x1f, 'control'],
  [0x7f, 0x9a, 'control'], [0x9b, 0x9b, 'escape'], [0x9c, 0x9f, 'control'], [0x034f, 0x034f, 'zero'], [0x115f, 0x1160, 'zero'],
  [0x180b, 0x180d, 'selector'], [0x180e, 0x180e, 'zero'], [0x200b, 0x200d, 'zero'], [0x202a, 0x202c, 'isolate'],
  [0x202d, 0x202e, 'override'], [0x2060, 0x2064, 'zero'], [0x2066, 0x2069, 'isolate'], [0x206a, 0x206f, 'zero'],
  [0x3164, 0x3164, 'zero'], [0xfe00, 0xfe0f, 'selector'], [0xfeff, 0xfeff, 'zero'], [0xffa0, 0xffa0, 'zero'],
  [0xfff9, 0xfffb, 'zero'], [0xe0000, 0xe007f, 'tag'], [0xe0100, 0xe01ef, 'selector'],
]; // prettier-ignore

function classOf(codePoint: number): Class {
  if (codePoint > 0x1f && codePoint < 0x7f) return 'visible';
  return RANGES.find(([from, to]) => codePoint >= from && codePoint <= to)?.[2] ?? 'visible';
}

/** @returns each kind of hidden text at most once, in the order of the text; base64 and comments after the characters. */
export function hiddenIn(text: string): readonly Hidden[] {
  return [
    ...hiddenCharacters(text),
    ...htmlComment(text),
    ...hiddenMarkup(text),
    ...longBase64(text),
    ...hexText(text),
  ];
}

interface Run {
  readonly kind: Class;
  readonly characters: string;
  /** What stands before and behind it; empty at an end of the text. */
  readonly before: string;
  readonly behind: string;
}

function* hiddenCharacters(text: string): Generator<Hidden> {
  const found = new Set<HiddenKind>();
  const isRightToLeft = RIGHT_TO_LEFT.test(text);
  let slips = 0;
  for (const run of runsOf(text)) {
    if (isSlip(run)) slips += 1;
    const kind =
      slips > MAX_SLIPS && run.kind === 'zero' ? 'zero-width' : JUDGES[run.kind](run, isRightToLeft);
    if (kind === undefined || found.has(kind)) continue;
    found.add(kind);
    yield { kind, seen: seenOf(kind, run) };
  }
}

/** Runs of characters of one class that is not visible. */
function* runsOf(text: string): Generator<Run> {
  let open: { kind: Class; characters: string; before: string } | undefined;
  let before = '';
  for (const character of text) {
    const kind = classOf(character.codePointAt(0) ?? 0);
    if (open?.kind === kind) open.characters += character;
    else {
      if (open !== undefined) yield { ...open, behind: character };
      open = kind === 'visible' ? undefined : { kind, characters: character, before };
    }
    before = character;
  }
  if (open !== undefined) yield { ...open, behind: '' };
}

/** What a run of each class is, unless it is needed where it stands. */
const JUDGES: Readonly<Record<Class, (run: Run, isRightToLeft: boolean) => HiddenKind | undefined>> = {
  tag: (run) => (isFlag(run) ? undefined : 'tag-characters'),
  override: () => 'bidi-control',
  isolate: (_run, isRightToLeft) => (isRightToLeft ? undefined : 'bidi-control'),
  zero: (run) => (isHonestZeroWidth(run) ? undefined : 'zero-width'),
  // One is a style; the longest has two code units.
  selector: ({ characters }) => (characters.length > 2 ? 'variation-selectors' : undefined),
  escape: () => 'ansi-escape',
  control: () => 'control-character',
  visible: () => undefined,
};

const RIGHT_TO_LEFT = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;
/** Scripts whose letters are joined, kept apart or broken with characters that have no width. */
const JOINING =
  /[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Mongolian}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}\p{Script=Hangul}]/u;
const PICTURE = /[\p{Extended_Pictographic}\p{Emoji_Modifier}\uFE0F]/u;

/** One alone is a slip of an editor or of a web page; a run carries something, and so do many slips. */
function isHonestZeroWidth(run: Run): boolean {
  return run.characters.length === 1 || (run.characters.length <= 2 && isNeeded(run));
}

function isNeeded({ before, behind }: Run): boolean {
  return JOINING.test(before + behind) || PICTURE.test(before);
}

const MAX_SLIPS = 3;

function isSlip(run: Run): boolean {
  return run.kind === 'zero' && !isNeeded(run);
}

const BLACK_FLAG = '\u{1F3F4}';
const CANCEL_TAG = '\u{E007F}';

/** The flags of England, Scotland and Wales are written with tags. */
function isFlag({ characters, before }: Run): boolean {
  return (
    before === BLACK_FLAG &&
    characters.endsWith(CANCEL_TAG) &&
    ['gbeng', 'gbsct', 'gbwls'].includes(decodeTags(characters))
  );
}

function seenOf(kind: HiddenKind, { characters, before, behind }: Run): string {
  if (kind === 'tag-characters') return decodeTags(characters.slice(0, MAX_DECODED));
  const named = Array.from(
    characters.slice(0, 24),
    (character) => `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`,
  );
  return `${before}[${named.join(' ')}]${behind}`;
}

const MAX_DECODED = 4096;

/** @returns the ASCII that tag characters spell. */
export function decodeTags(text: string): string {
  return Array.from(text, (character) => tagToAscii(character.codePointAt(0) ?? 0) ?? '').join('');
}

function htmlComment(text: string): readonly Hidden[] {
  const from = text.indexOf('<!--');
  if (from < 0) return [];
  const end = text.indexOf('-->', from);
  return [
    { kind: 'html-comment', seen: text.slice(from, Math.min(end < 0 ? text.length : end + 3, from + 400)) },
  ];
}

/** An element whose style hides it. The repetition is bounded and stops at the next bracket. */
const HIDDEN_MARKUP =
  /<[a-z]{1,16}\s[^<>]{0,200}?(?:display:\s?none|visibility:\s?hidden|font-size:\s?0|opacity:\s?0[;"'])/i;

function hiddenMarkup(text: string): readonly Hidden[] {
  const found = HIDDEN_MARKUP.exec(text);
  return found === null ? [] : [{ kind: 'hidden-markup', seen: text.slice(found.index, found.index + 300) }];
}

const HEXADECIMAL = /(?:[0-9a-f]{2}){20,2048}/gi;

function hexText(text: string): readonly Hidden[] {
  for (const [run] of text.matchAll(HEXADECIMAL)) {
    const decoded = Buffer.from(run, 'hex').toString('latin1');
    if (isSentence(decoded)) return [{ kind: 'hexadecimal', seen: decoded }];
  }
  return [];
}

/** What may stand in base64, of both alphabets. Long enough to be no word and no path. */
const BASE64 = /[A-Za-z0-9+/_-]{40,}/g;
const LONG = 160;

function longBase64(text: string): readonly Hidden[] {
  for (const [run] of text.matchAll(BASE64)) {
    const seen = base64Seen(run);
    if (seen !== undefined) return [{ kind: 'base64', seen }];
  }
  return [];
}

function base64Seen(run: string): string | undefined {
  if (!/[A-Z]/.test(run) || !/[a-z]/.test(run)) return undefined;
  const decoded = Buffer.from(run.slice(0, MAX_DECODED), 'base64').toString('latin1');
  if (isSentence(decoded)) return decoded;
  return run.length >= LONG && /[0-9]/.test(run) ? run.slice(0, 200) : undefined;
}

/** Printable ASCII with spaces between words: no key, digest or picture decodes to that. */
function isSentence(text: string): boolean {
  return /^[\t\n\r -~]*$/.test(text) && text.split(' ').length > 2;
}
