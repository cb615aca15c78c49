/**
 * Reading a server's lists, page by page and no further than the limits, and the digest over what defines its behaviour.
 * Entries are kept exactly as the server sent them: a field that no schema knows can still mislead a model, so it must count.
 */
import type { StandardSchemaV1 } from '@modelcontextprotocol/client';
import { canonicalJson, digest, type Digest } from '../core/canonical-json.ts';
import { failure } from './failure.ts';
import { isRecord } from './message.ts';
import { isMethodNotFound } from './sdk-failure.ts';
import type { ListMethod, Session } from './session.ts';
import type { Definition, ResourceDefinition, ServerDescription } from './types.ts';

export interface ListLimits {
  readonly maxPages: number;
  readonly maxItems: number;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | undefined;
}

/** How one kind of list is asked for and recognised. */
export interface ListKind<T> {
  readonly method: ListMethod;
  readonly member: 'tools' | 'prompts' | 'resources' | 'resourceTemplates';
  /** Servers that have resources often have no templates, and say so with "method not found". */
  readonly optional: boolean;
  readonly isItem: (value: unknown) => value is T;
}

const isDefinition = (value: unknown): value is Definition =>
  isRecord(value) && typeof value['name'] === 'string';
const isResource = (value: unknown): value is ResourceDefinition =>
  isDefinition(value) && typeof value['uri'] === 'string';

const TOOLS = { method: 'tools/list', member: 'tools', optional: false, isItem: isDefinition } as const;
const PROMPTS = { method: 'prompts/list', member: 'prompts', optional: false, isItem: isDefinition } as const;
const RESOURCES = {
  method: 'resources/list',
  member: 'resources',
  optional: false,
  isItem: isResource,
} as const;
const TEMPLATES = {
  method: 'resources/templates/list',
  member: 'resourceTemplates',
  optional: true,
  isItem: isDefinition,
} as const;

/** Every list, with the capability that announces it. */
export const LISTS = [
  { capability: 'tools', kind: TOOLS },
  { capability: 'prompts', kind: PROMPTS },
  { capability: 'resources', kind: RESOURCES },
  { capability: 'resources', kind: TEMPLATES },
] as const satisfies readonly { readonly capability: string; readonly kind: ListKind<Definition> }[];

export type Definitions = Pick<ServerDescription, 'tools' | 'prompts' | 'resources' | 'resourceTemplates'>;

/**
 * Reads every list whose capability the server declares.
 * @throws ProbeStop
 */
export async function readDefinitions(
  session: Session,
  capabilities: Readonly<Record<string, unknown>>,
  limits: ListLimits,
): Promise<Definitions> {
  const read = async <T>(capability: string, kind: ListKind<T>): Promise<readonly T[]> =>
    capabilities[capability] === undefined ? [] : readList(session, kind, limits);
  return {
    tools: await read('tools', TOOLS),
    prompts: await read('prompts', PROMPTS),
    resources: await read('resources', RESOURCES),
    resourceTemplates: await read('resources', TEMPLATES),
  };
}

/**
 * @returns the digest of tools, prompts, resource templates and instructions; the order of a list does not matter.
 * @throws ProbeStop when a definition has no canonical form: a number beyond what JSON can say, nesting without end.
 */
export function definitionsHash(
  definitions: Omit<Definitions, 'resources'>,
  instructions: string | undefined,
): Digest {
  const { tools, prompts, resourceTemplates } = definitions;
  try {
    return digest({
      tools: inOrder(tools),
      prompts: inOrder(prompts),
      resourceTemplates: inOrder(resourceTemplates),
      instructions: instructions ?? null,
    });
  } catch (error) {
    throw failure('ProtocolError', 'a definition cannot be written as canonical JSON', error);
  }
}

/** By name, and entries of one name by their text: servers promise no order, not even among duplicates. */
function inOrder(definitions: readonly Definition[]): readonly Definition[] {
  return definitions.toSorted((one, other) =>
    one.name === other.name
      ? compare(canonicalJson(one), canonicalJson(other))
      : compare(one.name, other.name),
  );
}

/** By code units: the same on every machine, unlike a locale's order. */
function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

async function readList<T>(session: Session, kind: ListKind<T>, limits: ListLimits): Promise<readonly T[]> {
  const items: T[] = [];
  const cursors = new Set<string>();
  let cursor: string | undefined;
  for (let pages = 1; pages <= limits.maxPages; pages++) {
    const page = await session.list(kind.method, cursor, pageSchema(kind), recoverFrom(kind));
    items.push(...page.items);
    cursor = page.nextCursor;
    if (cursor === undefined) return items;
    if (items.length > limits.maxItems) break;
    if (cursors.has(cursor)) throw failure('PaginationLoop', `${kind.method} repeats a cursor`);
    cursors.add(cursor);
  }
  throw failure('TooManyPages', `${kind.method} has more than a probe reads`);
}

function recoverFrom<T>(kind: ListKind<T>): (error: unknown) => Page<T> {
  return (error) => {
    if (kind.optional && isMethodNotFound(error)) return { items: [], nextCursor: undefined };
    throw error;
  };
}

/** The client's own schemas drop fields that they do not know; this one keeps every entry as it came. */
function pageSchema<T>(kind: ListKind<T>): StandardSchemaV1<unknown, Page<T>> {
  return {
    '~standard': {
      version: 1,
      vendor: 'kilo-mcp',
      validate: (result) => {
        const page = readPage(kind, result);
        return page === undefined
          ? { issues: [{ message: `not the result of ${kind.method}` }] }
          : { value: page };
      },
    },
  };
}

/** @returns the entries of a page and the cursor of the next; undefined when `result` is not the result of such a request. */
export function readPage<T>(kind: ListKind<T>, result: unknown): Page<T> | undefined {
  if (!isRecord(result)) return undefined;
  const items = result[kind.member];
  const nextCursor = result['nextCursor'] ?? undefined;
  if (!Array.isArray(items) || !items.every(kind.isItem)) return undefined;
  if (nextCursor !== undefined && typeof nextCursor !== 'string') return undefined;
  return { items, nextCursor };
}
