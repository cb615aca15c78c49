/** MCP-P08: tools are defined so that every client can read and keep them. */
import type { Definition, Exchange } from '../../mcp/index.ts';
import type { Applicability, Check, Verdict } from '../engine/check.ts';
import type { CheckContext } from '../engine/context.ts';
import { faultOfSchema, type SchemaFault } from './json-schema.ts';
import { isData, methodOf, replyOf } from './reply.ts';
import { verdict } from '../engine/verdict.ts';
import { APPLIES, combine, openingExchanges, unanswered } from './verdict.ts';

/** From this revision on, a schema that names no dialect is one of 2020-12. Before, no dialect was said. */
const FIRST_WITH_DIALECT = '2025-11-25';
const NAME_FORMAT = /^[A-Za-z0-9_.-]{1,128}$/;
const METHOD = 'tools/list';
/** With the one of gathering, three. */
const FURTHER_CALLS = 2;
const MAX_NAMES_SHOWN = 20;

export const toolDefinitions: Check = {
  id: 'MCP-P08',
  family: 'P',
  title: 'tools have valid schemas, clear names and a stable order',
  severity: 'medium',
  eras: ['legacy', 'modern'],
  scored: true,
  cost: { requests: FURTHER_CALLS },
  rationale:
    'Clients validate arguments by a tool’s schema and drop tools that they cannot read; a schema that must be fetched from the network lets its host ' +
    'change a tool, or see who uses it.',
  remediation: {
    kind: 'none',
    text: 'Give each tool an inputSchema that is valid in the dialect it names (2020-12 when it names none) and complete in itself, a unique name of A-Z, a-z, 0-9, _, - and ., and a description; list tools in the same order each time.',
  },
  references: [
    'MCP 2026-07-28, Tools, Data Types',
    'MCP 2026-07-28, Overview, JSON Schema Usage',
    'SEP-986',
    'SEP-2106',
  ],
  upstreamChecks: ['tools-list', 'tools-name-format', 'sep-2106-no-network-ref-deref'],
  applies,
  run,
};

function applies({ opened }: CheckContext): Applicability {
  if (opened?.capabilities['tools'] !== undefined) return APPLIES;
  return { applies: false, reason: 'The server declares no tools.' };
}

async function run(context: CheckContext): Promise<Verdict> {
  const gathered = openingExchanges(context).filter((exchange) => methodOf(exchange) === METHOD);
  const tools = context.opened?.tools ?? [];
  if (context.opened?.failures[METHOD] !== undefined && tools.length === 0) {
    return verdict('Untestable', 'The list of tools could not be read.', gathered);
  }
  const parts = [
    await judgeSchemas(context, tools, gathered),
    judgeNames(tools, gathered),
    await judgeOrder(context, gathered[0]),
  ];
  return combine(parts, 'Tools have valid schemas, clear names and a stable order.');
}

/** What is said of tools whose schema has a fault. */
const FAULTS: Readonly<Record<SchemaFault | 'missing', readonly ['Fail' | 'Warn', string]>> = {
  missing: ['Fail', 'A tool has no inputSchema, or one that is no object.'],
  invalid: ['Fail', 'A schema of a tool is not valid in its dialect.'],
  networkReference: ['Fail', 'A schema of a tool refers to a network address.'],
  tooDeep: ['Warn', 'A schema of a tool is nested more than 100 levels deep, which clients may refuse.'],
  unknownDialect: ['Warn', 'A schema of a tool names a dialect that few clients know.'],
};

async function judgeSchemas(
  context: CheckContext,
  tools: readonly Definition[],
  exchanges: readonly Exchange[],
): Promise<Verdict> {
  const names = new Map<SchemaFault | 'missing', string[]>();
  for (const tool of tools) {
    for (const fault of await faultsOfTool(tool, context)) {
      names.set(fault, [...(names.get(fault) ?? []), tool.name]);
    }
  }
  const parts = [...names].map(([fault, tools]) => {
    const [outcome, message] = FAULTS[fault];
    return verdict(outcome, message, exchanges, { fault, tools: shownNames(tools) });
  });
  return combine(parts, 'The schemas are valid.');
}

async function faultsOfTool(
  { inputSchema, outputSchema }: Definition,
  context: CheckContext,
): Promise<readonly (SchemaFault | 'missing')[]> {
  if (!isData(inputSchema)) return ['missing'];
  const isOld = (context.opened?.protocolVersion ?? '') < FIRST_WITH_DIALECT;
  const dialects = isOld ? (['2020-12', 'draft-07'] as const) : (['2020-12'] as const);
  const schemas = [inputSchema, ...(outputSchema === undefined ? [] : [outputSchema])];
  const faults = await Promise.all(
    schemas.map(async (schema) => (isData(schema) ? faultOfSchema(schema, dialects) : ('invalid' as const))),
  );
  return [...new Set(faults.filter((fault) => fault !== undefined))];
}

/** What the specification asks for with SHOULD. */
function judgeNames(tools: readonly Definition[], exchanges: readonly Exchange[]): Verdict {
  const names = tools.map((tool) => tool.name);
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['Names of tools are not unique.', names.filter((name, index) => names.indexOf(name) !== index)],
    [
      'The name of a tool has another form than 1 to 128 of A-Z, a-z, 0-9, _, - and .',
      names.filter((name) => !NAME_FORMAT.test(name)),
    ],
    ['A tool has no description.', tools.filter(lacksDescription).map((tool) => tool.name)],
  ];
  const parts = cases
    .filter(([, concerned]) => concerned.length > 0)
    .map(([message, concerned]) => verdict('Warn', message, exchanges, { tools: shownNames(concerned) }));
  return combine(parts, 'Names and descriptions are clear.');
}

function lacksDescription({ description }: Definition): boolean {
  return typeof description !== 'string' || description.trim() === '';
}

/** Compares the first page of three calls. Another set of tools is no matter of order: MCP-S15 looks at that. */
async function judgeOrder(context: CheckContext, first: Exchange | undefined): Promise<Verdict> {
  if (first === undefined) return verdict('Untestable', 'The list of tools was not gathered.');
  const exchanges = [first];
  for (let call = 0; call < FURTHER_CALLS; call++) {
    exchanges.push(await context.ask.send(context.request(METHOD)));
  }
  const orders: string[][] = [];
  for (const exchange of exchanges) {
    const reply = replyOf(exchange);
    if (reply.kind === 'none' || reply.kind === 'refused') return unanswered(reply, exchange);
    const tools = reply.kind === 'result' ? reply.result['tools'] : undefined;
    if (!Array.isArray(tools))
      return verdict('Error', 'The list of tools could be read once and not again.', [exchange]);
    orders.push(tools.map((tool: unknown) => (isData(tool) ? String(tool['name']) : '')));
  }
  return changesOrder(orders)
    ? verdict('Warn', 'The order of the tools changes between calls.', exchanges)
    : verdict('Pass', 'The order of the tools is stable.', exchanges);
}

function changesOrder(orders: readonly (readonly string[])[]): boolean {
  const text = (names: readonly string[]): string => JSON.stringify(names);
  const isSameSet = new Set(orders.map((names) => text(names.toSorted()))).size === 1;
  return isSameSet && new Set(orders.map(text)).size > 1;
}

function shownNames(names: readonly string[]): readonly string[] {
  return names.slice(0, MAX_NAMES_SHOWN).map((name) => name.slice(0, 128));
}
