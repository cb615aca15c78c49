/** Requests that any conforming server answers and that change nothing: what a check sends with one thing wrong about it. */
import type { Exchange, ExchangeRequest } from '../../mcp/index.ts';
import { isData } from '../engine/answer.ts';
import type { CheckContext, Opened } from '../engine/context.ts';

/** Belongs to nobody (RFC 2606, section 2), and says who asks. */
export const FOREIGN_HOST = 'kilo-mcp-compliance-probe.invalid';
export const FOREIGN_ORIGIN = `https://${FOREIGN_HOST}`;

type Overrides = Partial<ExchangeRequest>;
type RecordLike = Readonly<Record<string, unknown>>;

/** A session belongs to whoever opened it: an opening request names none. */
const NO_SESSION = { 'mcp-session-id': undefined, 'mcp-protocol-version': undefined };

/** The gathered exchange that opened the server in this era, or tried to. */
export function openingExchange({ era, openings, exchanges }: CheckContext): Exchange | undefined {
  const opening = era === undefined ? undefined : openings[era];
  const [id] = (opening?.kind === 'opened' ? opening.opened : opening)?.exchanges ?? [];
  return id === undefined ? undefined : exchanges.get(id);
}

/** The request that opens the server in the context's era: `initialize` or `server/discover`, as the gatherer sent it. */
export function openingRequest(context: CheckContext, overrides: Overrides = {}): ExchangeRequest {
  const { method, params } = sentMessage(openingExchange(context));
  const isLegacy = context.era === 'legacy';
  const headers = { ...(isLegacy ? NO_SESSION : {}), ...overrides.headers };
  // A modern request gets its own `_meta` again.
  const { _meta, ...rest } = params;
  return context.request(method, isLegacy ? params : rest, { ...overrides, headers });
}

/**
 * A request that the gatherer saw answered: a list that the server declares, in its session; of a server that is not open, the opening
 * request. So a refusal is about what `overrides` changed.
 */
export function harmlessRequest(context: CheckContext, overrides: Overrides = {}): ExchangeRequest {
  const { opened } = context;
  if (opened === undefined) return openingRequest(context, overrides);
  const method = listMethod(opened);
  if (method !== undefined) return context.request(method, {}, overrides);
  return context.era === 'legacy'
    ? context.request('ping', {}, overrides)
    : openingRequest(context, overrides);
}

/** Whether the server refuses the harmless request with the same status when nothing is wrong with it. */
export function isRefusedAnyway(context: CheckContext, { response }: Exchange): boolean {
  return context.opened === undefined && openingExchange(context)?.response?.status === response?.status;
}

/** A list that was read in full, tools first; undefined when there is none. */
export function listMethod({ capabilities, failures }: Opened): string | undefined {
  const readable = ['tools', 'prompts', 'resources'].filter(
    (name) => capabilities[name] !== undefined && failures[`${name}/list`] === undefined,
  );
  return readable[0] === undefined ? undefined : `${readable[0]}/list`;
}

/** @returns what a request of ours said. @throws Error when it was no JSON-RPC. */
export function sentMessage(exchange: Exchange | undefined): {
  readonly method: string;
  readonly params: RecordLike;
} {
  const message = jsonObject(exchange?.request.body ?? '');
  if (typeof message?.['method'] !== 'string') {
    throw new Error('the exchange that opened the server is not there');
  }
  return { method: message['method'], params: isData(message['params']) ? message['params'] : {} };
}

/** @returns the JSON object that `text` is; undefined when it is something else. */
export function jsonObject(text: string): RecordLike | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isData(value) ? value : undefined;
  } catch {
    // That it is no JSON is the answer.
    return undefined;
  }
}
