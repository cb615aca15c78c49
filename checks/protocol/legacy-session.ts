/** Conversations of the legacy era that a check opens beside the gathered one, and ends again. */
import { formEnd, type Exchange, type ExchangeRequest } from '../../mcp/index.ts';
import type { CheckContext } from '../engine/context.ts';

/** In HTTP/1.1 in any case; exchanges name headers in lower case. */
export const SESSION_HEADER = 'mcp-session-id';
/** As everywhere: checks do not hide who asks. */
const CLIENT_INFO = { name: 'kilo-mcp', version: '1' } as const;

/** Opens a conversation in `protocolVersion`: no session and no negotiated revision yet. */
export function openSession(context: CheckContext, protocolVersion: string): Promise<Exchange> {
  const params = { protocolVersion, capabilities: {}, clientInfo: CLIENT_INFO };
  const headers = { [SESSION_HEADER]: undefined, 'mcp-protocol-version': undefined };
  return context.ask.send(context.request('initialize', params, { headers }));
}

/** @returns the id that the answer to `opening` issued. */
export function sessionOf({ response }: Exchange): string | undefined {
  return response?.headers[SESSION_HEADER];
}

/** Ends the session that `opening` issued; undefined when it issued none. */
export async function endSession(context: CheckContext, opening: Exchange): Promise<Exchange | undefined> {
  const sessionId = sessionOf(opening);
  if (sessionId === undefined) return undefined;
  return context.ask.send(endRequest(context, sessionId));
}

function endRequest({ opened }: CheckContext, sessionId: string): ExchangeRequest {
  return formEnd({
    era: 'legacy',
    sessionId,
    clientInfo: CLIENT_INFO,
    ...(opened !== undefined && { protocolVersion: opened.protocolVersion }),
  });
}
