/**
 * What a client asks of the API server, in Kubernetes' own words: the verb, resource and name that RBAC would judge by. Faults are
 * matched on it and the request log records it. Pure.
 */
import type { IncomingHttpHeaders } from 'node:http';

/** The API server's verbs, as in RBAC rules. */
export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

/** One request. Texts that do not apply are empty; `resource` is empty for paths such as `/readyz`. */
export interface ApiRequest {
  readonly verb: Verb;
  readonly group: string;
  /** The plural, such as `deployments`. */
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly dryRun: boolean;
  readonly userAgent: string;
  /** Path and query. */
  readonly url: string;
}

/** Which requests are meant: each given part must hold, and nothing given means all. */
export interface RequestMatch {
  readonly verb?: Verb | readonly Verb[];
  readonly resource?: string | readonly string[];
  /** The empty text is "no subresource". */
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string | readonly string[];
  readonly userAgent?: RegExp;
}

const WRITES: readonly Verb[] = ['create', 'update', 'patch', 'delete', 'deletecollection'];
/** `/api/v1/namespaces/a/status` is a subresource of the namespace, not the collection "status" inside it. */
const NAMESPACE_SUBRESOURCES = new Set(['status', 'finalize']);

/** Reads a request line and its headers. */
export function parseApiRequest(method: string, url: string, headers: IncomingHttpHeaders): ApiRequest {
  const { pathname, searchParams } = new URL(url, 'https://localhost');
  const path = parsePath(pathname.split('/').filter((part) => part !== ''));
  return {
    ...path,
    verb: verbOf(method, path.name, searchParams),
    dryRun: searchParams.has('dryRun'),
    userAgent: headers['user-agent'] ?? '',
    url,
  };
}

/** Whether the request changes what is stored. */
export function isWrite(request: ApiRequest): boolean {
  return WRITES.includes(request.verb) && !request.dryRun;
}

/** Whether `request` is one of those that `match` means. */
export function matches(match: RequestMatch, request: ApiRequest): boolean {
  return (
    isOneOf(match.verb, request.verb) &&
    isOneOf(match.resource, request.resource) &&
    isOneOf(match.subresource, request.subresource) &&
    isOneOf(match.namespace, request.namespace) &&
    isOneOf(match.name, request.name) &&
    (match.userAgent === undefined || match.userAgent.test(request.userAgent))
  );
}

function isOneOf(wanted: string | readonly string[] | undefined, value: string): boolean {
  return wanted === undefined || (typeof wanted === 'string' ? wanted === value : wanted.includes(value));
}

type ParsedPath = Pick<ApiRequest, 'group' | 'resource' | 'subresource' | 'namespace' | 'name'>;

function parsePath(parts: readonly string[]): ParsedPath {
  const [root, group = ''] = parts;
  if (root === 'api' && parts.length > 2) return { group: '', ...parseResource(parts.slice(2)) };
  if (root === 'apis' && parts.length > 3) return { group, ...parseResource(parts.slice(3)) };
  return { group: '', resource: '', subresource: '', namespace: '', name: '' };
}

function parseResource(parts: readonly string[]): Omit<ParsedPath, 'group'> {
  const [first = '', second = '', third = ''] = parts;
  const isScoped = first === 'namespaces' && parts.length > 2;
  const isSubresourceOfNamespace = parts.length === 3 && NAMESPACE_SUBRESOURCES.has(third);
  if (isScoped && !isSubresourceOfNamespace) return { ...named(parts.slice(2)), namespace: second };
  return { ...named(parts), namespace: '' };
}

function named([resource = '', name = '', subresource = '']: readonly string[]): Omit<
  ParsedPath,
  'group' | 'namespace'
> {
  return { resource, name: decodeURIComponent(name), subresource };
}

function verbOf(method: string, name: string, query: URLSearchParams): Verb {
  switch (method) {
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return name === '' ? 'deletecollection' : 'delete';
    default:
      return readVerb(name, query);
  }
}

function readVerb(name: string, query: URLSearchParams): Verb {
  if (query.get('watch') === 'true' || query.get('watch') === '1') return 'watch';
  return name === '' ? 'list' : 'get';
}
