/** MCP-P09: what may be kept says for how long, and for whom. */
import type { Exchange } from '../../mcp/index.ts';
import type { Check, Verdict } from '../engine/check.ts';
import type { CheckContext } from '../engine/context.ts';
import { methodOf, replyOf, type Data } from './reply.ts';
import { verdict } from '../engine/verdict.ts';
import { APPLIES, combine, openingExchanges } from './verdict.ts';

const CACHEABLE: ReadonlySet<string> = new Set([
  'server/discover',
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
]);

export const cachingHints: Check = {
  id: 'MCP-P09',
  family: 'P',
  title: 'what may be cached says for how long and for whom',
  severity: 'medium',
  eras: ['modern'],
  scored: true,
  cost: { requests: 0 },
  rationale:
    'Gateways keep answers by these hints. A list that is one user’s and calls itself public is shown to the next user; a list whose pages disagree ' +
    'is kept in pieces.',
  remediation: {
    kind: 'none',
    text: 'Send ttlMs, an integer from 0, and cacheScope, public or private, with discovery and every list; the same cacheScope on each page.',
  },
  references: ['MCP 2026-07-28, Caching', 'SEP-2549'],
  upstreamChecks: [
    'sep-2549-tools-list-caching-hints',
    'sep-2549-prompts-list-caching-hints',
    'sep-2549-resources-list-caching-hints',
    'sep-2549-resources-templates-list-caching-hints',
    'sep-2549-ttl-non-negative',
    'sep-2549-cache-scope-valid',
  ],
  applies: () => APPLIES,
  run: judge,
};

/** A result that may be kept. */
interface Page {
  readonly method: string;
  readonly result: Data;
  readonly exchange: Exchange;
}

function judge(context: CheckContext): Verdict {
  const pages = openingExchanges(context).flatMap(pageOf);
  if (pages.length === 0) return verdict('Untestable', 'The server gave no result that may be cached.');
  const parts = [
    ...pages.map(judgePage),
    ...methodsOf(pages).map((method) => judgeScopes(method, pages)),
    ...openingExchanges(context).flatMap(judgeUnread),
  ];
  return combine(parts, 'Discovery and lists carry valid caching hints.');
}

function pageOf(exchange: Exchange): readonly Page[] {
  const method = methodOf(exchange) ?? '';
  const reply = replyOf(exchange);
  return CACHEABLE.has(method) && reply.kind === 'result' ? [{ method, result: reply.result, exchange }] : [];
}

/** A list without a result may have hints, or none. One that is refused as unknown is MCP-P07's. */
function judgeUnread(exchange: Exchange): readonly Verdict[] {
  const { kind } = replyOf(exchange);
  if (!CACHEABLE.has(methodOf(exchange) ?? '') || kind === 'result' || kind === 'error') return [];
  return [verdict('Untestable', 'Not every list of the server could be read.', [exchange])];
}

function judgePage({ method, result, exchange }: Page): Verdict {
  const { ttlMs, cacheScope } = result;
  if (!Number.isInteger(ttlMs) || Number(ttlMs) < 0) {
    return verdict('Fail', `The result of ${method} has no ttlMs that is an integer from 0.`, [exchange]);
  }
  if (cacheScope !== 'public' && cacheScope !== 'private') {
    return verdict('Fail', `The result of ${method} has no cacheScope that is public or private.`, [
      exchange,
    ]);
  }
  return verdict('Pass', `The result of ${method} has caching hints.`, [exchange]);
}

function judgeScopes(method: string, pages: readonly Page[]): Verdict {
  const own = pages.filter((page) => page.method === method);
  const scopes = new Set(own.map((page) => page.result['cacheScope']));
  const exchanges = own.map((page) => page.exchange);
  if (scopes.size <= 1) return verdict('Pass', `The pages of ${method} agree.`, exchanges);
  return verdict('Fail', `The pages of ${method} differ in their cacheScope.`, exchanges);
}

function methodsOf(pages: readonly Page[]): readonly string[] {
  return [...new Set(pages.map((page) => page.method))];
}
