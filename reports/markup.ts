/**
 * Markup with everything that is filled in escaped: the one way in which reports make XML and HTML. What is already markup says so by its
 * type, so that nothing is escaped twice and nothing by accident not at all.
 */
/** Text that is markup. Only {@link markup} makes it. */
export class Markup {
  readonly text: string;

  private constructor(text: string) {
    this.text = text;
  }

  /** @see markup */
  static of(strings: TemplateStringsArray, values: readonly MarkupValue[]): Markup {
    const parts = strings.map((part, index) => part + render(index < values.length ? values[index] : ''));
    return new Markup(parts.join(''));
  }

  /** @see lines */
  static lines(texts: readonly string[]): Markup {
    return new Markup(texts.map(escaped).join('\n'));
  }
}

/** What may be filled in: markup as it is, lists one after the other, nothing for undefined and false, everything else as text. */
export type MarkupValue = Markup | string | number | undefined | false | readonly MarkupValue[];

/** A template literal of markup, fit for elements' content and for attributes in quotes. */
export function markup(strings: TemplateStringsArray, ...values: readonly MarkupValue[]): Markup {
  return Markup.of(strings, values);
}

const MAX_TEXT_LENGTH = 65_536;
/** Control characters, which XML 1.0 forbids, and those that hide or turn the direction of what follows. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;
const REPLACEMENTS: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text whose line breaks count, such as a piece of evidence in a `pre`. */
export function lines(text: string): Markup {
  return Markup.lines(text.slice(0, MAX_TEXT_LENGTH).split('\n'));
}

function render(value: MarkupValue): string {
  if (value instanceof Markup) return value.text;
  if (value === undefined || value === false) return '';
  if (typeof value === 'object') return value.map(render).join('');
  return escaped(String(value).slice(0, MAX_TEXT_LENGTH));
}

function escaped(text: string): string {
  return text
    .replace(UNPRINTABLE, '\uFFFD')
    .replace(/[&<>"']/g, (character) => REPLACEMENTS[character] ?? '');
}
