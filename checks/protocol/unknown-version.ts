/** MCP-P02: a revision that never existed is not accepted. */
import { META_KEYS } from '../../mcp/index.ts';
import type { Check, Verdict } from '../engine/check.ts';
import type { CheckContext } from '../engine/context.ts';
import { endSession, openSession } from './legacy-session.ts';
import { isData, replyOf, type Reply } from './reply.ts';
import { verdict } from '../engine/verdict.ts';
import { APPLIES, unanswered } from './verdict.ts';

/** Before there were computers to ask for it. */
const UNKNOWN = '1900-01-01';
const UNSUPPORTED_PROTOCOL_VERSION = -32022;

export const unknownVersion: Check = {
  id: 'MCP-P02',
  family: 'P',
  title: 'a protocol revision that nobody knows is refused',
  severity: 'medium',
  eras: ['legacy', 'modern'],
  scored: true,
  // Legacy: the opening, and the end of a session that came of it.
  cost: { requests: 2, modern: 1 },
  rationale:
    'A server that agrees to a revision it does not know speaks another protocol than it says, and both sides then guess.',
  remediation: {
    kind: 'none',
    text: 'Answer an unknown revision with HTTP 400 and error -32022 that lists the supported ones; in the legacy era, with a revision of your own.',
  },
  references: [
    'MCP 2026-07-28, Versioning and Compatibility, Protocol Version Negotiation',
    'MCP 2025-11-25, Lifecycle, Version Negotiation',
  ],
  upstreamChecks: [
    'sep-2575-http-server-unsupported-version-400',
    'sep-2575-server-unsupported-version-error',
  ],
  applies: () => APPLIES,
  run: (context) => (context.era === 'modern' ? runModern(context) : runLegacy(context)),
};

async function runModern(context: CheckContext): Promise<Verdict> {
  const params = { _meta: { [META_KEYS.protocolVersion]: UNKNOWN } };
  const headers = { 'mcp-protocol-version': UNKNOWN };
  const exchange = await context.ask.send(context.request('server/discover', params, { headers }));
  const reply = replyOf(exchange);
  if (reply.kind === 'none' || reply.kind === 'refused') return unanswered(reply, exchange);
  const fault = modernFault(reply);
  if (fault === undefined) {
    return verdict('Pass', 'The server refuses an unknown revision and lists its own.', [exchange]);
  }
  return verdict('Fail', fault, [exchange]);
}

function modernFault(reply: Exclude<Reply, { kind: 'none' | 'refused' }>): string | undefined {
  if (reply.kind === 'result') return 'The server accepts a revision that does not exist.';
  if (reply.kind === 'http' || reply.code !== UNSUPPORTED_PROTOCOL_VERSION) {
    return 'The server does not answer an unknown revision with error -32022.';
  }
  if (reply.status !== 400)
    return 'The server answers an unknown revision with another HTTP status than 400.';
  const supported = isData(reply.data) ? reply.data['supported'] : undefined;
  const isList = Array.isArray(supported) && supported.length > 0 && !supported.includes(UNKNOWN);
  return isList
    ? undefined
    : 'The error for an unknown revision does not list the supported ones in data.supported.';
}

async function runLegacy(context: CheckContext): Promise<Verdict> {
  const exchange = await openSession(context, UNKNOWN);
  // Leaves nothing behind. Whether that worked is for MCP-P10 to judge.
  await endSession(context, exchange);
  const reply = replyOf(exchange);
  if (reply.kind === 'none' || reply.kind === 'refused') return unanswered(reply, exchange);
  const fault = legacyFault(reply);
  if (fault === undefined)
    return verdict('Pass', 'The server does not agree to an unknown revision.', [exchange]);
  return verdict('Fail', fault, [exchange]);
}

function legacyFault(reply: Exclude<Reply, { kind: 'none' | 'refused' }>): string | undefined {
  if (reply.kind === 'error') return undefined;
  if (reply.kind === 'http') {
    return reply.status === 400
      ? undefined
      : 'The server answers an unknown revision with neither a revision of its own, an error nor HTTP 400.';
  }
  const { protocolVersion } = reply.result;
  if (protocolVersion === UNKNOWN) return 'The server agrees to a revision that does not exist.';
  return typeof protocolVersion === 'string' ? undefined : 'The answer to initialize names no revision.';
}
