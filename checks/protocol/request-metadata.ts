/** MCP-P03: what headers and `_meta` say of a request is checked, and errors say which request they answer. */
import { META_KEYS, type Exchange, type ExchangeRequest } from '../../mcp/index.ts';
import type { Check, Verdict } from '../engine/check.ts';
import type { CheckContext } from '../engine/context.ts';
import { idIn, replyOf } from './reply.ts';
import { verdict } from '../engine/verdict.ts';
import { APPLIES, combine, unanswered } from './verdict.ts';

const HEADER_MISMATCH = -32020;
const INVALID_PARAMS = -32602;

export const requestMetadata: Check = {
  id: 'MCP-P03',
  family: 'P',
  title: 'headers that disagree with the body, and missing metadata, are refused',
  severity: 'medium',
  eras: ['modern'],
  scored: true,
  cost: { requests: 3 },
  rationale:
    'Gateways decide by the headers, servers act by the body. Where nobody compares them, one request passes for another: a rule for a harmless ' +
    'method lets a dangerous one through.',
  remediation: {
    kind: 'none',
    text: 'Compare MCP-Protocol-Version, Mcp-Method and Mcp-Name with the body and answer HTTP 400 with -32020; answer missing _meta fields with HTTP 400 and -32602; repeat the id of the request.',
  },
  references: [
    'MCP 2026-07-28, Streamable HTTP, Server Validation',
    'MCP 2026-07-28, Overview, _meta',
    'SEP-2575',
    'SEP-2243',
  ],
  upstreamChecks: [
    'sep-2575-http-server-header-mismatch-400',
    'sep-2575-http-server-meta-invalid-400',
    'sep-2575-http-server-error-jsonrpc-id',
    'sep-2243-server-reject-invalid-headers',
  ],
  applies: () => APPLIES,
  run: async (context) => {
    const parts: Verdict[] = [];
    for (const attempt of attempts(context)) {
      const exchange = await context.ask.send(attempt.request);
      parts.push(judge(exchange, attempt));
    }
    return combine(parts, 'Headers that disagree with the body and missing metadata are refused.');
  },
};

/** A request that must be refused, and with which codes. */
interface Attempt {
  readonly what: string;
  readonly request: ExchangeRequest;
  readonly codes: readonly number[];
}

function attempts(context: CheckContext): readonly Attempt[] {
  const discover = (meta: object, headers: Readonly<Record<string, string>>): ExchangeRequest =>
    context.request('server/discover', { _meta: meta }, { headers });
  return [
    {
      what: 'A header MCP-Protocol-Version that disagrees with _meta',
      request: discover({ [META_KEYS.protocolVersion]: '1900-01-01' }, {}),
      codes: [HEADER_MISMATCH],
    },
    {
      what: 'A header Mcp-Method that disagrees with the body',
      request: discover({}, { 'mcp-method': 'tools/list' }),
      codes: [HEADER_MISMATCH],
    },
    {
      what: 'A request without the required clientCapabilities in _meta',
      // What is undefined is left out of JSON.
      request: discover({ [META_KEYS.clientCapabilities]: undefined }, {}),
      codes: [INVALID_PARAMS, HEADER_MISMATCH],
    },
  ];
}

function judge(exchange: Exchange, { what, codes }: Attempt): Verdict {
  const reply = replyOf(exchange);
  if (reply.kind === 'none' || reply.kind === 'refused') return unanswered(reply, exchange);
  if (reply.kind === 'result') return verdict('Fail', `${what} is accepted.`, [exchange]);
  if (reply.status !== 400) return verdict('Fail', `${what} is not answered with HTTP 400.`, [exchange]);
  if (reply.kind === 'http' || !codes.some((code) => code === reply.code)) {
    return verdict('Fail', `${what} is not answered with error ${codes.join(' or ')}.`, [exchange]);
  }
  if (reply.id !== idIn(exchange.request.body)) {
    return verdict('Fail', 'An error does not repeat the id of its request.', [exchange]);
  }
  return verdict('Pass', `${what} is refused.`, [exchange]);
}
