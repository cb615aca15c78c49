/** Reading what a server declares, page by page, over raw exchanges: bounded, and what could not be read is said and not guessed. */
import { definitionsHash, LISTS, readPage, type Definition, type Exchange } from '../../mcp/index.ts';
import { answerOf, describeAnswer, type Answer } from './answer.ts';
import type { Opened } from './context.ts';

/** Of each list; a probe reads more, but a scan reads the same list several times. */
const MAX_PAGES = 20;
const MAX_ITEMS = 5_000;
const METHOD_NOT_FOUND = -32601;

/** How one request of a list is sent. */
export interface ListPorts {
  /** @returns the exchange and the id that its request had. */
  ask(method: string, params: Readonly<Record<string, unknown>>): Promise<readonly [Exchange, number]>;
  /** Called before a page beyond the first is asked for: the server chose to need it. */
  onFurtherPage(): void;
}

type Kind = (typeof LISTS)[number]['kind'];
type Member = Kind['member'];
type Lists = Pick<Opened, 'failures' | 'exchanges' | 'hash'> &
  Readonly<Record<Member, readonly Definition[]>>;

interface ReadList {
  readonly items: readonly Definition[];
  readonly exchanges: readonly string[];
  /** Why it is not complete. */
  readonly failure?: string;
}

/** @param which `hashed` leaves out resources, which are data and no part of the hash. */
export async function readLists(
  ports: ListPorts,
  capabilities: Readonly<Record<string, unknown>>,
  instructions: string | undefined,
  which: 'all' | 'hashed',
): Promise<Lists> {
  const lists: Record<Member, readonly Definition[]> = {
    tools: [],
    prompts: [],
    resources: [],
    resourceTemplates: [],
  };
  const failures: Record<string, string> = {};
  const exchanges: string[] = [];
  for (const { capability, kind } of LISTS) {
    const isWanted = which === 'all' || kind.member !== 'resources';
    if (!isWanted || capabilities[capability] === undefined) continue;
    const list = await readList(ports, kind);
    lists[kind.member] = list.items;
    exchanges.push(...list.exchanges);
    if (list.failure !== undefined) failures[kind.method] = list.failure;
  }
  return { ...lists, failures, exchanges, hash: hashOf(lists, failures, instructions) };
}

function hashOf(
  lists: Readonly<Record<Member, readonly Definition[]>>,
  failures: Readonly<Record<string, string>>,
  instructions: string | undefined,
): string {
  const isIncomplete = Object.keys(failures).some((method) => method !== 'resources/list');
  if (isIncomplete) return '';
  try {
    return definitionsHash(lists, instructions);
  } catch {
    // A definition without a canonical form: nothing to compare with, which an empty hash says.
    return '';
  }
}

async function readList(ports: ListPorts, kind: Kind): Promise<ReadList> {
  const items: Definition[] = [];
  const exchanges: string[] = [];
  const cursors = new Set<string>();
  let cursor: string | undefined;
  for (let page = 1; page <= MAX_PAGES; page++) {
    if (page > 1) ports.onFurtherPage();
    const [exchange, id] = await ports.ask(kind.method, cursor === undefined ? {} : { cursor });
    exchanges.push(exchange.id);
    const read = pageOf(kind, answerOf(exchange, id));
    if (typeof read === 'string') return { items, exchanges, failure: read };
    items.push(...read.items);
    cursor = read.nextCursor;
    if (cursor === undefined) return { items, exchanges };
    if (cursors.has(cursor)) return { items, exchanges, failure: 'the list repeats a cursor' };
    if (items.length > MAX_ITEMS) break;
    cursors.add(cursor);
  }
  return { items, exchanges, failure: 'the list has more pages or entries than a check reads' };
}

/** @returns the page, or why there is none. */
function pageOf(kind: Kind, answer: Answer): NonNullable<ReturnType<typeof readPage<Definition>>> | string {
  const isMissing = answer.kind === 'error' && answer.code === METHOD_NOT_FOUND;
  if (isMissing && kind.optional) return { items: [], nextCursor: undefined };
  if (answer.kind !== 'result') return describeAnswer(answer);
  return readPage<Definition>(kind, answer.result) ?? describeAnswer(answer);
}
