/**
 * Every text of a server's definitions that a model may read: values, and names of parameters too, since a name is read like a sentence.
 * Bounded, and without recursion: nesting is of the server's choosing.
 */
import type { Definition } from '../../mcp/index.ts';
import type { Opened } from '../engine/context.ts';

/** Most characters of one server that the checks on text read; an answer of a server is shorter than this by its own bound. */
export const MAX_CHARACTERS = 4 * 1024 * 1024;

/** The lists whose entries define behaviour, and the server's instructions. */
export type TextSource = 'tools' | 'prompts' | 'resources' | 'resourceTemplates' | 'instructions';

/** One text, and where it stands. */
export interface ServerText {
  readonly source: TextSource;
  /** Index of the entry in its list; 0 for instructions. */
  readonly index: number;
  /** Such as `tools[name=fetch].inputSchema.properties.url.description`: names only where they look like names. */
  readonly path: string;
  /** `name` for keys and whatever looks like a name: words are joined in them. */
  readonly role: 'text' | 'name';
  readonly text: string;
}

/** There is more text than the checks read. */
export class TooMuchTextError extends Error {
  override readonly name = 'TooMuchTextError';
}

const LISTS = ['tools', 'prompts', 'resources', 'resourceTemplates'] as const;

/**
 * @param sources which of them to read; everything by default.
 * @throws TooMuchTextError beyond {@link MAX_CHARACTERS}.
 */
export function* textsOf(
  opened: Opened,
  sources: readonly TextSource[] = [...LISTS, 'instructions'],
): Generator<ServerText> {
  let left = MAX_CHARACTERS;
  for (const text of everyText(opened, sources)) {
    left -= text.text.length;
    if (left < 0) throw new TooMuchTextError(`definitions hold more than ${MAX_CHARACTERS} characters`);
    yield text;
  }
}

function* everyText(opened: Opened, sources: readonly TextSource[]): Generator<ServerText> {
  for (const source of LISTS.filter((list) => sources.includes(list))) {
    for (const [index, definition] of opened[source].entries())
      yield* textsOfDefinition(source, index, definition);
  }
  if (!sources.includes('instructions') || opened.instructions === undefined) return;
  yield { source: 'instructions', index: 0, path: 'instructions', role: 'text', text: opened.instructions };
}

interface Node {
  readonly path: string;
  readonly value: unknown;
}

function* textsOfDefinition(
  source: TextSource,
  index: number,
  definition: Definition,
): Generator<ServerText> {
  const root = `${source}[${isPlainName(definition.name) ? `name=${definition.name}` : index}]`;
  const nodes: Node[] = [{ path: root, value: definition }];
  for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
    const { path, value } = node;
    if (typeof value === 'string') {
      const role = isPlainName(value) ? 'name' : 'text';
      yield { source, index, path, role, text: value };
    } else if (Array.isArray(value)) {
      nodes.push(
        ...value.map((entry: unknown, at) => ({ path: below(path, `[${at}]`), value: entry })).toReversed(),
      );
    } else if (typeof value === 'object' && value !== null) {
      const entries = Object.entries(value);
      for (const [key] of entries) yield { source, index, path: keyPath(path, key), role: 'name', text: key };
      nodes.push(...entries.map(([key, entry]) => ({ path: keyPath(path, key), value: entry })).toReversed());
    }
  }
}

/** Whether a name may stand in a path of ours: it cannot be a sentence, hide anything or break a line. */
export function isPlainName(name: string): boolean {
  return /^[\w.-]{1,64}$/.test(name);
}

function keyPath(path: string, key: string): string {
  return below(path, isPlainName(key) ? `.${key}` : '.[key]');
}

/** Nesting without end must not make paths without end. */
const MAX_PATH = 200;

function below(path: string, step: string): string {
  if (path.endsWith('…')) return path;
  return path.length + step.length > MAX_PATH ? `${path}…` : path + step;
}
