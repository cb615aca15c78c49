/** MCP-P10: legacy sessions cannot be guessed and end when they are ended; a modern server has none. */
import type { Exchange } from '../../mcp/index.ts';
import type { Applicability, Check, Verdict } from '../engine/check.ts';
import type { CheckContext } from '../engine/context.ts';
import { endSession, openSession, SESSION_HEADER, sessionOf } from './legacy-session.ts';
import { replyOf } from './reply.ts';
import { isGuessable, isVisibleAscii } from './session-id.ts';
import { verdict } from '../engine/verdict.ts';
import { APPLIES, combine, openingExchanges, unanswered } from './verdict.ts';

/** With the one of gathering, three. */
const FURTHER_SESSIONS = 2;
/** What no server issued. */
const FOREIGN_SESSION = 'kilo-mcp-unknown-session';

export const sessions: Check = {
  id: 'MCP-P10',
  family: 'P',
  title: 'session ids cannot be guessed, end with DELETE, and do not exist in the modern era',
  severity: 'high',
  eras: ['legacy', 'modern'],
  scored: true,
  // Legacy: two sessions opened, both ended, one asked again. Modern: discovery, GET and DELETE.
  cost: { requests: 5, modern: 3 },
  rationale:
    'Whoever guesses the id of a session can speak in it. An id that goes on working after its session was ended is one that nobody can take back. ' +
    'Modern servers keep nothing between requests.',
  remediation: {
    kind: 'none',
    text: 'Issue ids from a cryptographic random source, in visible ASCII, and answer 404 to the id of a session that was deleted. In the modern era issue none, and answer GET and DELETE with 405.',
  },
  references: [
    'MCP 2025-11-25, Transports, Session Management',
    'MCP 2026-07-28, Streamable HTTP, Earlier Streamable HTTP Revisions',
    'MCP Security Best Practices, Session Hijacking',
  ],
  upstreamChecks: [
    'server-session-id-visible-ascii',
    'server-session-delete-accepted',
    'server-session-terminated-returns-404',
  ],
  applies,
  run: (context) => (context.era === 'modern' ? runModern(context) : runLegacy(context)),
};

function applies({ era, opened, openings }: CheckContext): Applicability {
  if (era === 'legacy' && opened?.sessionId === undefined) {
    return { applies: false, reason: 'The server issues no session ids.' };
  }
  // An endpoint of both eras has sessions for its legacy clients, and GET and DELETE belong to them.
  if (era === 'modern' && openings.legacy?.kind === 'opened') {
    return { applies: false, reason: 'The endpoint also serves the legacy era, which may have sessions.' };
  }
  return APPLIES;
}

async function runLegacy(context: CheckContext): Promise<Verdict> {
  const version = context.opened?.protocolVersion ?? '';
  const opened: Exchange[] = [];
  for (let count = 0; count < FURTHER_SESSIONS; count++) opened.push(await openSession(context, version));
  const ended: (Exchange | undefined)[] = [];
  for (const opening of opened) ended.push(await endSession(context, opening));
  return combine(
    [judgeIds(context, opened), await judgeEnd(context, opened[0], ended[0])],
    'Session ids are distinct, visible ASCII and neither counters nor times, and end with DELETE where it is accepted.',
  );
}

function judgeIds(context: CheckContext, opened: readonly Exchange[]): Verdict {
  const ids = [context.opened?.sessionId ?? ''];
  for (const exchange of opened) {
    const reply = replyOf(exchange);
    if (reply.kind === 'none' || reply.kind === 'refused') return unanswered(reply, exchange);
    const id = sessionOf(exchange);
    if (id === undefined) return verdict('Fail', 'The server issues session ids at times only.', [exchange]);
    ids.push(id);
  }
  const fault = faultOfIds(ids, Date.parse(opened[0]?.startedAt ?? ''));
  if (fault !== undefined) return verdict('Fail', fault, opened);
  return verdict('Pass', 'Session ids are distinct and follow no pattern.', opened);
}

function faultOfIds(ids: readonly string[], nowMs: number): string | undefined {
  if (!ids.every(isVisibleAscii)) return 'A session id has characters other than visible ASCII.';
  if (new Set(ids).size < ids.length) return 'Two sessions have the same id.';
  return isGuessable(ids, nowMs) ? 'Session ids can be guessed: they are counters or times.' : undefined;
}

/** A server need not let clients end sessions: what is judged is that one it ended is over. */
async function judgeEnd(
  context: CheckContext,
  opening: Exchange | undefined,
  ending: Exchange | undefined,
): Promise<Verdict> {
  const session = opening === undefined ? undefined : sessionOf(opening);
  if (session === undefined || ending === undefined) {
    return verdict('Untestable', 'There was no session to end.');
  }
  const end = replyOf(ending);
  if (end.kind === 'none' || end.kind === 'refused') return unanswered(end, ending);
  if (end.status >= 300) return verdict('Pass', 'Clients cannot end sessions.', [ending]);
  const headers = { [SESSION_HEADER]: session };
  return judgeEnded(ending, await context.ask.send(context.request('ping', {}, { headers })));
}

function judgeEnded(ending: Exchange, again: Exchange): Verdict {
  const reply = replyOf(again);
  if (reply.kind === 'none' || reply.kind === 'refused') return unanswered(reply, again);
  if (reply.status === 404) return verdict('Pass', 'A session that was deleted is gone.', [ending, again]);
  return verdict('Fail', 'The id of a deleted session is not answered with 404.', [ending, again]);
}

async function runModern(context: CheckContext): Promise<Verdict> {
  const headers = { [SESSION_HEADER]: FOREIGN_SESSION };
  const echo = await context.ask.send(context.request('server/discover', {}, { headers }));
  const others = [
    await context.ask.send({ method: 'GET', headers: { accept: 'text/event-stream' } }),
    await context.ask.send({ method: 'DELETE' }),
  ];
  const parts = [
    judgeNoSession([...openingExchanges(context), echo]),
    judgeEcho(echo),
    ...others.map(judgeMethod),
  ];
  return combine(parts, 'The server keeps no sessions and answers GET and DELETE with 405.');
}

function judgeNoSession(exchanges: readonly Exchange[]): Verdict {
  const minting = exchanges.filter((exchange) => sessionOf(exchange) !== undefined);
  if (minting.length === 0) return verdict('Pass', 'No answer carries a session id.');
  return verdict('Warn', 'A server of the modern era issues or returns session ids.', minting);
}

function judgeEcho(exchange: Exchange): Verdict {
  const reply = replyOf(exchange);
  if (reply.kind === 'none' || reply.kind === 'refused') return unanswered(reply, exchange);
  if (reply.kind === 'result') return verdict('Pass', 'A session id is ignored.', [exchange]);
  return verdict('Warn', 'A server of the modern era does not ignore a session id.', [exchange]);
}

function judgeMethod(exchange: Exchange): Verdict {
  const reply = replyOf(exchange);
  const { method } = exchange.request;
  if (reply.kind === 'none' || reply.kind === 'refused') return unanswered(reply, exchange);
  if (reply.status === 405) return verdict('Pass', `${method} is not allowed.`, [exchange]);
  return verdict('Warn', `A server of the modern era does not answer ${method} with 405.`, [exchange]);
}
