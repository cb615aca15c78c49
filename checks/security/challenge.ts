/**
 * Reading `WWW-Authenticate` (RFC 9110, section 11.6.1). The header is a stranger's text: it is read in one pass, quoted strings are
 * respected, so that a challenge inside another's `realm` is none, and what makes no sense is skipped.
 */

/** One challenge; names of schemes and parameters in lower case. */
export interface Challenge {
  readonly scheme: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** Longer headers are cut: nobody needs them, and reading costs time. */
const MAX_LENGTH = 8_192;
const TOKEN = String.raw`[!#$%&'*+.^_\x60|~0-9A-Za-z-]+`;
const QUOTED = String.raw`"(?:[^"\\]|\\.)*"`;
/** A scheme; or a parameter with its value. */
const PART = new RegExp(String.raw`[\s,]*(${TOKEN})(?:[ \t]*=[ \t]*(${QUOTED}|${TOKEN}))?`, 'y');
const REST_OF_PART = /(?:"(?:[^"\\]|\\.)*"|[^,"])*(?:,|"|$)/y;

/** @returns every challenge in the header, in its order. */
export function parseChallenges(header: string): readonly Challenge[] {
  const text = header.slice(0, MAX_LENGTH);
  const challenges: { readonly scheme: string; readonly parameters: Map<string, string> }[] = [];
  for (let position = 0; position < text.length;) {
    PART.lastIndex = position;
    const part = PART.exec(text);
    if (part === null) {
      position = skip(text, position);
      continue;
    }
    position = PART.lastIndex;
    const [, name = '', value] = part;
    if (value === undefined) challenges.push({ scheme: name.toLowerCase(), parameters: new Map() });
    else addParameter(challenges.at(-1)?.parameters, name.toLowerCase(), unquote(value));
  }
  return challenges;
}

/** @returns the first Bearer challenge (RFC 6750, section 3). */
export function bearerChallenge(header: string | undefined): Challenge | undefined {
  return parseChallenges(header ?? '').find(({ scheme }) => scheme === 'bearer');
}

/** A parameter may occur once: the first counts, whatever somebody appended. */
function addParameter(parameters: Map<string, string> | undefined, name: string, value: string): void {
  if (parameters?.has(name) === false) parameters.set(name, value);
}

/** @returns where the next part begins, always further on. */
function skip(text: string, position: number): number {
  REST_OF_PART.lastIndex = position;
  REST_OF_PART.exec(text);
  return Math.max(REST_OF_PART.lastIndex, position + 1);
}

function unquote(value: string): string {
  return value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value;
}
