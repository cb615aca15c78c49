/**
 * MCP-P05: requests that are no requests are answered as the client's fault, and the server goes on.
 *
 * Three harmless ones, small enough for any server: half a JSON text, a valid message in another content type, and a valid message of
 * 256 KiB. No honest server is failed for its limit: servers may take bodies of megabytes, so accepting the large one is no fault; only
 * a limit that shows as HTTP 5xx is. One that shows as a dropped connection is none either, since HTTP allows that.
 */
import type { Exchange, ExchangeRequest } from '../../mcp/index.ts';
import type { Check, Verdict } from '../engine/check.ts';
import type { CheckContext } from '../engine/context.ts';
import { replyOf } from './reply.ts';
import { verdict } from '../engine/verdict.ts';
import { APPLIES, combine, unanswered } from './verdict.ts';

const METHOD_NOT_FOUND = -32601;
const LARGE_BODY_BYTES = 256 * 1024;
/** Failures in which the request never arrived. */
const UNREACHED: ReadonlySet<string> = new Set([
  'ConnectionRefused',
  'ConnectionTimeout',
  'Unreachable',
  'NameNotResolved',
  'ForbiddenAddress',
  'TLSFailed',
]);

export const malformedRequests: Check = {
  id: 'MCP-P05',
  family: 'P',
  title: 'malformed requests are refused, and the next request works',
  severity: 'medium',
  eras: ['legacy', 'modern'],
  scored: true,
  cost: { requests: 4 },
  rationale:
    'Whoever reaches a server can send it garbage. It must cost the sender an error and nobody else the service; a message in another content ' +
    'type can be sent from any web page without asking the browser. How large a body may be is the server’s choice: a limit is a fault only when it ' +
    'shows as HTTP 5xx.',
  remediation: {
    kind: 'gateway',
    text: 'Answer malformed JSON, content types other than application/json and bodies over your limit with 4xx; let the gateway limit bodies.',
  },
  references: [
    'JSON-RPC 2.0, section 5.1',
    'MCP 2026-07-28, Streamable HTTP, Sending Messages',
    'AISVS 10.4.5',
  ],
  applies: () => APPLIES,
  run,
};

async function run(context: CheckContext): Promise<Verdict> {
  const malformed = await context.ask.send(harmless(context, { body: '{"jsonrpc":"2.0","id":1,"method":' }));
  const otherType = await context.ask.send(harmless(context, { headers: { 'content-type': 'text/plain' } }));
  const large = await context.ask.send(largeRequest(context));
  const next = await context.ask.send(harmless(context));
  const dead = whetherItDied([malformed, otherType, large], next);
  if (dead !== undefined) return dead;
  const parts = [
    judgeRefusal('Malformed JSON', malformed),
    judgeRefusal('A request with the content type text/plain', otherType),
    judgeLarge(large),
  ];
  return combine(parts, 'Malformed requests are refused, and the server goes on.');
}

/** A question that every server answers in its era, without any effect. */
function harmless(context: CheckContext, overrides?: Partial<ExchangeRequest>): ExchangeRequest {
  return context.request(context.era === 'modern' ? 'server/discover' : 'ping', {}, overrides);
}

function largeRequest(context: CheckContext): ExchangeRequest {
  const padding = 'x'.repeat(LARGE_BODY_BYTES);
  return context.request(context.era === 'modern' ? 'server/discover' : 'ping', { _meta: { padding } });
}

/** A server that got a malformed request and does not answer the next one has failed, whatever it answered before. */
function whetherItDied(attempts: readonly Exchange[], next: Exchange): Verdict | undefined {
  const reply = replyOf(next);
  // That a server has no ping is another fault than the one that is looked for here.
  if (reply.kind === 'result' || (reply.kind === 'error' && reply.code === METHOD_NOT_FOUND))
    return undefined;
  if (reply.kind === 'refused') return unanswered(reply, next);
  const arrived = attempts.filter(({ failure }) => failure === undefined || !UNREACHED.has(failure.reason));
  if (arrived.length === 0) {
    return verdict('Error', 'The server could not be reached for this check.', [...attempts, next]);
  }
  return verdict('Fail', 'After malformed requests the server does not answer a correct one.', [
    ...arrived,
    next,
  ]);
}

function judgeRefusal(what: string, exchange: Exchange): Verdict {
  const { response } = exchange;
  const reply = replyOf(exchange);
  if (response !== undefined && response.status >= 500) {
    return verdict('Fail', `${what} is answered as the server's own fault (HTTP 5xx).`, [exchange]);
  }
  if (reply.kind === 'none' || reply.kind === 'refused') return unanswered(reply, exchange);
  if (reply.status >= 400) return verdict('Pass', `${what} is refused.`, [exchange]);
  return verdict('Fail', `${what} is not answered with 4xx.`, [exchange]);
}

function judgeLarge(exchange: Exchange): Verdict {
  if ((exchange.response?.status ?? 0) < 500)
    return verdict('Pass', 'A large request is handled.', [exchange]);
  return verdict('Fail', "A large request is answered as the server's own fault (HTTP 5xx).", [exchange]);
}
