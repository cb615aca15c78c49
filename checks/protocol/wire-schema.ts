/** The published JSON schema of each revision, compiled when the first message of that revision is judged, and kept. */
import type { Ajv as AjvOfDraft07, ValidateFunction } from 'ajv';
import { isData, type Data } from './reply.ts';

type Ajv = Pick<AjvOfDraft07, 'addSchema' | 'getSchema'>;
/** The two names that revisions gave to what holds the definitions. */
type Container = 'definitions' | '$defs';

interface Revision {
  readonly load: () => Promise<{ readonly default: unknown }>;
  readonly container: Container;
  /** What an answer with a result, and one with an error, is called. */
  readonly result: string;
  readonly error: string;
}

const OLDER = { container: 'definitions', result: 'JSONRPCResponse', error: 'JSONRPCError' } as const;
const NEWER = { container: '$defs', result: 'JSONRPCResultResponse', error: 'JSONRPCErrorResponse' } as const;

const REVISIONS: Readonly<Record<string, Revision>> = {
  '2025-03-26': { ...OLDER, load: () => import('./schemas/2025-03-26.json', { with: { type: 'json' } }) },
  '2025-06-18': { ...OLDER, load: () => import('./schemas/2025-06-18.json', { with: { type: 'json' } }) },
  '2025-11-25': { ...NEWER, load: () => import('./schemas/2025-11-25.json', { with: { type: 'json' } }) },
  '2026-07-28': { ...NEWER, load: () => import('./schemas/2026-07-28.json', { with: { type: 'json' } }) },
};

/** What the result of a method is called. Others are judged as answers only. */
const RESULTS: Readonly<Record<string, string>> = {
  initialize: 'InitializeResult',
  'server/discover': 'DiscoverResult',
  'tools/list': 'ListToolsResult',
  'prompts/list': 'ListPromptsResult',
  'resources/list': 'ListResourcesResult',
  'resources/templates/list': 'ListResourceTemplatesResult',
};

/** Where a message departs from the schema: a pointer into it, and the rule of the schema, both without values. */
export interface WireFault {
  readonly definition: string;
  readonly path: string;
  readonly rule: string;
}

export interface WireSchema {
  /**
   * @param method of the request that `message` came in answer to.
   * @returns the first fault; undefined when the message is valid.
   */
  faultOf(method: string | undefined, message: Data): WireFault | undefined;
}

const compiled = new Map<string, Promise<WireSchema>>();

/** @returns the schema of `version`; undefined when there is none for it. */
export function wireSchemaOf(version: string): Promise<WireSchema> | undefined {
  const revision = Object.hasOwn(REVISIONS, version) ? REVISIONS[version] : undefined;
  if (revision === undefined) return undefined;
  const schema = compiled.get(version) ?? compile(version, revision);
  compiled.set(version, schema);
  return schema;
}

async function compile(version: string, revision: Revision): Promise<WireSchema> {
  const { default: document } = await revision.load();
  if (!isData(document)) throw new Error(`the schema of revision ${version} is not an object`);
  const ajv = await createAjv(revision.container);
  ajv.addSchema(document, version);
  const definitions = document[revision.container];
  const names = isData(definitions) ? namesByMethod(definitions) : new Map<string, string>();
  const validate = (name: string, value: unknown, at: string): WireFault | undefined => {
    const check = ajv.getSchema(`${version}#/${revision.container}/${name}`);
    if (check === undefined) throw new Error(`the schema of revision ${version} has no ${name}`);
    return check(value) === true ? undefined : firstFault(name, check, at);
  };
  return { faultOf: (method, message) => faultOf(revision, names, validate, method, message) };
}

async function createAjv(container: Container): Promise<Ajv> {
  // Formats are notes for readers in both dialects: what is no URI fails where it is used.
  const options = { strict: false, logger: false, validateFormats: false } as const;
  if (container === 'definitions') return new (await import('ajv')).Ajv(options);
  return new (await import('ajv/dist/2020.js')).Ajv2020(options);
}

type Validate = (name: string, value: unknown, at: string) => WireFault | undefined;

function faultOf(
  revision: Revision,
  names: ReadonlyMap<string, string>,
  validate: Validate,
  method: string | undefined,
  message: Data,
): WireFault | undefined {
  if (message['error'] !== undefined) return validate(revision.error, message, '');
  if (message['result'] !== undefined) {
    const name = method !== undefined && Object.hasOwn(RESULTS, method) ? RESULTS[method] : undefined;
    const envelope = validate(revision.result, message, '');
    if (envelope !== undefined || name === undefined) return envelope;
    return validate(name, message['result'], '/result');
  }
  const kind = message['id'] === undefined ? 'JSONRPCNotification' : 'JSONRPCRequest';
  const known = typeof message['method'] === 'string' ? names.get(message['method']) : undefined;
  return validate(kind, message, '') ?? (known === undefined ? undefined : validate(known, message, ''));
}

/** Requests and notifications say by a constant which method they are of. */
function namesByMethod(definitions: Data): ReadonlyMap<string, string> {
  const entries = Object.entries(definitions).flatMap(([name, definition]) => {
    const properties = isData(definition) ? definition['properties'] : undefined;
    const method = isData(properties) ? properties['method'] : undefined;
    const constant = isData(method) ? method['const'] : undefined;
    return typeof constant === 'string' ? [[constant, name] as const] : [];
  });
  return new Map(entries);
}

function firstFault(definition: string, check: ValidateFunction, at: string): WireFault {
  const [error] = check.errors ?? [];
  return { definition, path: `${at}${error?.instancePath ?? ''}`, rule: error?.keyword ?? '' };
}
