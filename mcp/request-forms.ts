/**
 * Requests as a conforming client sends them, in both eras. What differs is where the version, the capabilities and the session stand.
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http
 */
import type { Era, ExchangeRequest } from './exchange.ts';

/** The newest revision of each era: what is asked for. */
export const PROTOCOL_VERSIONS: Readonly<Record<Era, string>> = {
  legacy: '2025-11-25',
  modern: '2026-07-28',
};

/** Keys of `_meta` in each modern request. */
export const META_KEYS = {
  protocolVersion: 'io.modelcontextprotocol/protocolVersion',
  clientCapabilities: 'io.modelcontextprotocol/clientCapabilities',
  clientInfo: 'io.modelcontextprotocol/clientInfo',
} as const;

export interface ClientInfo {
  readonly name: string;
  readonly version: string;
}

/** What every request of one conversation has in common. */
export interface RequestForm {
  readonly era: Era;
  /** Revision that was negotiated; undefined before. */
  readonly protocolVersion?: string;
  /** Of a legacy session. */
  readonly sessionId?: string;
  readonly clientInfo: ClientInfo;
}

type Params = Readonly<Record<string, unknown>>;
type Overrides = Partial<ExchangeRequest>;

/**
 * @param id of the request; undefined makes a notification of it.
 * @returns the request, with `overrides` over it, header by header.
 */
export function formRequest(
  form: RequestForm,
  id: number | undefined,
  method: string,
  params: Params = {},
  overrides: Overrides = {},
): ExchangeRequest {
  const message = { jsonrpc: '2.0', ...(id !== undefined && { id }), method, ...paramsOf(form, params) };
  const { headers, ...rest } = overrides;
  return {
    method: 'POST',
    body: JSON.stringify(message),
    ...rest,
    headers: { ...headersOf(form, method, params), ...lowerCase(headers ?? {}) },
  };
}

/** The legacy era's first request. */
export function formInitialize(clientInfo: ClientInfo, id: number, overrides?: Overrides): ExchangeRequest {
  const params = { protocolVersion: PROTOCOL_VERSIONS.legacy, capabilities: {}, clientInfo };
  return formRequest({ era: 'legacy', clientInfo }, id, 'initialize', params, overrides);
}

/** Ends a legacy session. */
export function formEnd(form: RequestForm): ExchangeRequest {
  return { method: 'DELETE', headers: legacyHeaders(form) };
}

function paramsOf({ era, protocolVersion, clientInfo }: RequestForm, params: Params): { params?: Params } {
  if (era === 'legacy') return Object.keys(params).length === 0 ? {} : { params };
  const meta = {
    [META_KEYS.protocolVersion]: protocolVersion ?? PROTOCOL_VERSIONS.modern,
    [META_KEYS.clientInfo]: clientInfo,
    [META_KEYS.clientCapabilities]: {},
  };
  const { _meta } = params;
  return { params: { ...params, _meta: { ...meta, ...(_meta as Params | undefined) } } };
}

function headersOf(form: RequestForm, method: string, params: Params): Record<string, string> {
  if (form.era === 'legacy') return legacyHeaders(form);
  const name = nameOf(method, params);
  return {
    'mcp-protocol-version': form.protocolVersion ?? PROTOCOL_VERSIONS.modern,
    'mcp-method': method,
    ...(name !== undefined && { 'mcp-name': headerValue(name) }),
  };
}

function legacyHeaders({ protocolVersion, sessionId }: RequestForm): Record<string, string> {
  return {
    ...(protocolVersion !== undefined && { 'mcp-protocol-version': protocolVersion }),
    ...(sessionId !== undefined && { 'mcp-session-id': sessionId }),
  };
}

/** Which parameter `Mcp-Name` repeats. */
const NAMED_BY: Readonly<Record<string, string>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
};

function nameOf(method: string, params: Params): string | undefined {
  const member = Object.hasOwn(NAMED_BY, method) ? NAMED_BY[method] : undefined;
  const name = member === undefined ? undefined : params[member];
  return typeof name === 'string' ? name : undefined;
}

/** As it is where HTTP carries it unchanged, otherwise in the specification's Base64 envelope. */
function headerValue(text: string): string {
  const isPlain = /^[\t\x20-\x7e]+$/.test(text) && text === text.trim() && !/^=\?base64\?.*\?=$/.test(text);
  return isPlain ? text : `=?base64?${Buffer.from(text, 'utf8').toString('base64')}?=`;
}

function lowerCase(
  headers: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
