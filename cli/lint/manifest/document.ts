/**
 * What keeps one YAML document from being taken for an object. Everything here takes time in proportion to the document: the parser's
 * own search for equal keys compares each with each, and a map of 20,000 takes it minutes.
 */
import { type Document, type ErrorCode, type YAMLMap, isNode, isScalar, visit } from 'yaml';

/** One mistake, by the offset in the text. */
export interface DocumentProblem {
  readonly offset: number;
  readonly message: string;
}

/** Of one document; the first ones say where to begin. */
const MAX_PROBLEMS = 10;
/** To find what an alias stands for, the parser goes through all of them. */
const MAX_ALIASES = 1000;

const MESSAGES: Readonly<Partial<Record<ErrorCode, string>>> = {
  NON_STRING_KEY: 'a key is no text: is this a template that has yet to be rendered?',
};

/** @returns what is wrong with the document, each place once: of one mistake the parser says all that follows. */
export function documentProblems(document: Document): readonly DocumentProblem[] {
  const syntax = document.errors.map(({ pos: [offset], message, code }) => ({
    offset,
    message: MESSAGES[code] ?? message,
  }));
  const all = [...syntax, ...structureProblems(document)];
  const byOffset = Map.groupBy(all, ({ offset }) => offset);
  return [...byOffset.values()].flatMap((problems) => problems.slice(0, 1)).slice(0, MAX_PROBLEMS);
}

function structureProblems(document: Document): readonly DocumentProblem[] {
  const found: DocumentProblem[] = [];
  let aliases = 0;
  visit(document, {
    Map: (_key, map) => void found.push(...duplicateKeys(map)),
    Alias: () => void (aliases += 1),
  });
  if (aliases > MAX_ALIASES) found.push({ offset: 0, message: `there are more than ${MAX_ALIASES} aliases` });
  return found;
}

function duplicateKeys({ items }: YAMLMap): readonly DocumentProblem[] {
  const seen = new Set<unknown>();
  return items.flatMap(({ key }) => {
    const name = isScalar(key) ? key.value : key;
    const isKnown = seen.has(name);
    seen.add(name);
    if (!isKnown || !isNode(key)) return [];
    return [{ offset: key.range?.[0] ?? 0, message: 'the same key stands twice in one map: keep one' }];
  });
}
