/**
 * From the text of a file to the objects in it, each knowing where its fields stand. YAML is read as `kubectl` reads it, which is
 * YAML 1.1: `yes` is a boolean and 0644 is 420, so that a value which is no text in the cluster is none here.
 */
import { type Document, LineCounter, type Tags, parseAllDocuments } from 'yaml';
import { errorMessage } from '../../../core/errors.ts';
import { documentProblems } from './document.ts';
import { expand } from './expand.ts';
import { locate } from './locate.ts';

/** As editors count: both from 1, columns in UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One object of a file; the entries of a List are objects of their own. */
export interface Manifest {
  readonly file: string;
  readonly value: unknown;
  /** @returns where a field stands, or the nearest one around it that is there. */
  at(path: string): Position;
}

/** Text that is no YAML, and therefore no object either. */
export interface ParseProblem {
  readonly file: string;
  readonly at: Position;
  readonly message: string;
}

/** What one file holds. */
export interface ParsedFile {
  readonly manifests: readonly Manifest[];
  readonly problems: readonly ParseProblem[];
}

/** Of one anchor, with those in it: a few lines of aliases can stand for gigabytes. */
const MAX_ALIASES_OF_ANCHOR = 100;
/** A cluster holds objects of 1.5 MiB at most; a file may hold many. */
export const MAX_FILE_BYTES = 4 * 1024 * 1024;
/** Values and characters: what the largest file can hold, twice over for its aliases. */
const MAX_EXPANDED = 4 * MAX_FILE_BYTES;

/** Of YAML 1.1, what `kubectl` does without: 12:30 and 2026-01-01 are texts. */
function tagsOfKubectl(tags: Tags): Tags {
  const unknown = new Set(
    ['timestamp', 'binary', 'omap', 'pairs', 'set'].map((name) => `tag:yaml.org,2002:${name}`),
  );
  return tags.filter(
    (tag) =>
      typeof tag === 'string' || (!unknown.has(tag.tag) && !('format' in tag && tag.format === 'TIME')),
  );
}

/** Reads every document of a file. One that cannot be read does not hide the others. */
export function parseFile(file: string, text: string): ParsedFile {
  const lines = new LineCounter();
  try {
    const documents = parseAllDocuments(text, {
      version: '1.1',
      customTags: tagsOfKubectl,
      lineCounter: lines,
      prettyErrors: false,
      // A map as a key is what an unrendered template looks like.
      stringKeys: true,
      // Looked for in documentProblems.
      uniqueKeys: false,
      logLevel: 'silent',
    });
    return join([...documents].map((document) => readDocument({ file, document, lines })));
  } catch (error) {
    return problem(file, { line: 1, column: 1 }, unreadable(error));
  }
}

/** A file that holds no text to parse. */
export function problem(file: string, at: Position, message: string): ParsedFile {
  return { manifests: [], problems: [{ file, at, message }] };
}

/** Several files as one. */
export function join(parts: readonly ParsedFile[]): ParsedFile {
  return {
    manifests: parts.flatMap(({ manifests }) => manifests),
    problems: parts.flatMap(({ problems }) => problems),
  };
}

interface Place {
  readonly file: string;
  readonly document: Document;
  readonly lines: LineCounter;
}

function readDocument(place: Place): ParsedFile {
  const { file, document } = place;
  const problems = documentProblems(document).map(({ offset, message }) => ({
    file,
    at: position(place, offset),
    message,
  }));
  if (problems.length > 0) return { manifests: [], problems };
  try {
    const value = toJson(document);
    return { manifests: value === null ? [] : manifestsOf(place, value, ''), problems };
  } catch (error) {
    return problem(file, position(place, document.range?.[0] ?? 0), unreadable(error));
  }
}

function unreadable(error: unknown): string {
  return `cannot be read as YAML: ${errorMessage(error)}`;
}

/**
 * What `kubectl` would send.
 * @throws when an anchor contains itself, or aliases stand for too much.
 */
function toJson(document: Document): unknown {
  return expand(document.toJS({ maxAliasCount: MAX_ALIASES_OF_ANCHOR }), MAX_EXPANDED);
}

/** A List of any kind is what is in it, as for `kubectl apply`. */
function manifestsOf(place: Place, value: unknown, path: string): readonly Manifest[] {
  const items = listItems(value);
  if (items !== undefined)
    return items.flatMap((item, index) => manifestsOf(place, item, `${path}.items[${index}]`));
  const at = (field: string): Position => position(place, locate(place.document, `${path}.${field}`));
  return [{ file: place.file, value, at }];
}

function listItems(value: unknown): readonly unknown[] | undefined {
  if (typeof value !== 'object' || value === null || !('kind' in value) || !('items' in value))
    return undefined;
  return String(value.kind).endsWith('List') && Array.isArray(value.items) ? value.items : undefined;
}

function position({ lines }: Place, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  // Of an empty text the counter knows no line.
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}
