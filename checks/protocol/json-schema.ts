/** What is wrong with a JSON schema that somebody else wrote: judged by the meta-schema of its dialect, never compiled and never fetched. */
import type { Ajv as AjvOfDraft07 } from 'ajv';
import { isData, type Data } from './reply.ts';

/** Deeper than any schema that people write; the meta-schema is applied by recursion. */
const MAX_DEPTH = 100;

/** Keywords whose value is one schema, a list of them, or either. */
const SCHEMA_KEYWORDS = [
  'additionalItems',
  'additionalProperties',
  'allOf',
  'anyOf',
  'contains',
  'contentSchema',
  'else',
  'if',
  'items',
  'not',
  'oneOf',
  'prefixItems',
  'propertyNames',
  'then',
  'unevaluatedItems',
  'unevaluatedProperties',
];
/** Keywords whose value has schemas by name. */
const NAMED_SCHEMA_KEYWORDS = [
  '$defs',
  'definitions',
  'dependencies',
  'dependentSchemas',
  'patternProperties',
  'properties',
];
const REFERENCE_KEYWORDS = ['$ref', '$dynamicRef', '$recursiveRef'];

/** Dialects by the URI that names them, without the empty fragment. */
const DIALECTS: Readonly<Record<string, Dialect>> = {
  'https://json-schema.org/draft/2020-12/schema': '2020-12',
  'https://json-schema.org/draft/2019-09/schema': '2019-09',
  'http://json-schema.org/draft-07/schema': 'draft-07',
};
type Dialect = '2020-12' | '2019-09' | 'draft-07';
type Ajv = Pick<AjvOfDraft07, 'validateSchema'>;

/** `unknownDialect`: valid or not, few clients can tell. */
export type SchemaFault = 'invalid' | 'networkReference' | 'tooDeep' | 'unknownDialect';

/**
 * @param fallbacks the dialects of which a schema that names none must fit one.
 * @returns what is wrong with `schema`; undefined when nothing is.
 */
export async function faultOfSchema(
  schema: Data,
  fallbacks: readonly Dialect[] = ['2020-12'],
): Promise<SchemaFault | undefined> {
  const { references, depth } = survey(schema);
  if (references.some(({ uri, local }) => isNetwork(uri) && !local)) return 'networkReference';
  if (depth > MAX_DEPTH) return 'tooDeep';
  const { $schema } = schema;
  const dialect = typeof $schema === 'string' ? DIALECTS[$schema.replace(/#$/, '')] : undefined;
  if ($schema !== undefined && dialect === undefined) {
    return typeof $schema === 'string' ? 'unknownDialect' : 'invalid';
  }
  for (const candidate of dialect === undefined ? fallbacks : [dialect]) {
    if (await fits(schema, candidate)) return undefined;
  }
  return 'invalid';
}

async function fits(schema: Data, dialect: Dialect): Promise<boolean> {
  const ajv = await loadAjv(dialect);
  return (await ajv.validateSchema(schema)) === true;
}

const loaded = new Map<Dialect, Promise<Ajv>>();

/** The validators cost memory: each is made when the first schema of its dialect comes, and kept. */
function loadAjv(dialect: Dialect): Promise<Ajv> {
  const ajv = loaded.get(dialect) ?? createAjv(dialect);
  loaded.set(dialect, ajv);
  return ajv;
}

async function createAjv(dialect: Dialect): Promise<Ajv> {
  const options = { strict: false, logger: false, validateFormats: false } as const;
  if (dialect === '2020-12') return new (await import('ajv/dist/2020.js')).Ajv2020(options);
  if (dialect === '2019-09') return new (await import('ajv/dist/2019.js')).Ajv2019(options);
  return new (await import('ajv')).Ajv(options);
}

/** A reference in a schema, resolved against the nearest `$id`; `local` when it leads to an `$id` of the same document. */
interface Reference {
  readonly uri: string;
  readonly local: boolean;
}

interface Node {
  readonly schema: Data;
  readonly base: string;
  readonly depth: number;
}

/** Walks without recursion: how deep a schema goes is its author's choice. */
function survey(root: Data): { readonly references: readonly Reference[]; readonly depth: number } {
  const ids = new Set<string>();
  const uris: string[] = [];
  let deepest = 0;
  const left: Node[] = [{ schema: root, base: '', depth: 0 }];
  for (let node = left.pop(); node !== undefined; node = left.pop()) {
    const { schema, depth } = node;
    const base = typeof schema['$id'] === 'string' ? resolve(schema['$id'], node.base) : node.base;
    if (base !== '') ids.add(withoutFragment(base));
    deepest = Math.max(deepest, depth);
    uris.push(...referencesOf(schema).map((reference) => resolve(reference, base)));
    left.push(...childrenOf(schema).map((child) => ({ schema: child, base, depth: depth + 1 })));
  }
  const references = uris.map((uri) => ({ uri, local: ids.has(withoutFragment(uri)) }));
  return { references, depth: deepest };
}

function referencesOf(schema: Data): readonly string[] {
  return REFERENCE_KEYWORDS.map((keyword) => schema[keyword]).filter((value) => typeof value === 'string');
}

/** Only where the dialects look for schemas: a property may be named `$ref`, and an example may hold one. */
function childrenOf(schema: Data): readonly Data[] {
  const direct = SCHEMA_KEYWORDS.flatMap((keyword) => schema[keyword]);
  const named = NAMED_SCHEMA_KEYWORDS.flatMap((keyword) => {
    const value = schema[keyword];
    return isData(value) ? Object.values(value) : [];
  });
  return [...direct, ...named].filter(isData);
}

function resolve(reference: string, base: string): string {
  if (URL.canParse(reference)) return reference;
  if (reference.startsWith('//')) return `https:${reference}`;
  return URL.canParse(reference, base) ? new URL(reference, base).href : reference;
}

function withoutFragment(uri: string): string {
  return uri.split('#', 1)[0] ?? '';
}

function isNetwork(uri: string): boolean {
  return /^(https?|ftps?|wss?):/i.test(uri);
}
