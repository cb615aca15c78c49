/** MCP-P07: what is declared is there, and what is not declared is not. */
import type { Exchange } from '../../mcp/index.ts';
import type { Check, Verdict } from '../engine/check.ts';
import type { CheckContext } from '../engine/context.ts';
import { methodOf, replyOf } from './reply.ts';
import { verdict } from '../engine/verdict.ts';
import { APPLIES, combine, openingExchanges, unanswered } from './verdict.ts';

const METHOD_NOT_FOUND = -32601;
/** The list that each capability promises. Reading it has no effect. */
const LIST_OF = { tools: 'tools/list', prompts: 'prompts/list', resources: 'resources/list' } as const;

export const capabilities: Check = {
  id: 'MCP-P07',
  family: 'P',
  title: 'declared capabilities answer, and others do not exist',
  severity: 'medium',
  eras: ['legacy', 'modern'],
  scored: true,
  // Nothing declared: each list is asked for once.
  cost: { requests: 3 },
  rationale:
    'Clients and reviewers read the declared capabilities to know what a server can do. One that answers more than it declares hides a part of ' +
    'itself from both.',
  remediation: {
    kind: 'none',
    text: 'Declare every capability whose methods you handle, answer its list, and answer the methods of others with -32601 (modern: with HTTP 404).',
  },
  references: ['MCP 2026-07-28, Discovery', 'MCP 2025-11-25, Lifecycle, Capability Negotiation'],
  upstreamChecks: [
    'sep-2575-discover-capabilities-match-handlers',
    'sep-2575-http-server-method-not-found-404',
  ],
  applies: () => APPLIES,
  run,
};

async function run(context: CheckContext): Promise<Verdict> {
  const parts: Verdict[] = [];
  for (const [capability, method] of Object.entries(LIST_OF)) {
    const isDeclared = context.opened?.capabilities[capability] !== undefined;
    const part = isDeclared
      ? judgeDeclared(context, capability, method)
      : await judgeOther(context, capability, method);
    if (part !== undefined) parts.push(part);
  }
  return combine(parts, 'Declared capabilities answer, and the methods of others are not found.');
}

/** From what was gathered: the first page of the list is the answer. */
function judgeDeclared(context: CheckContext, capability: string, method: string): Verdict | undefined {
  const exchange = openingExchanges(context).find((candidate) => methodOf(candidate) === method);
  if (exchange === undefined) {
    return verdict('Untestable', `The declared capability ${capability} was not asked for its list.`);
  }
  const reply = replyOf(exchange);
  if (reply.kind === 'none' || reply.kind === 'refused') return unanswered(reply, exchange);
  if (reply.kind === 'result') return verdict('Pass', `The capability ${capability} answers.`, [exchange]);
  return verdict('Fail', `The declared capability ${capability} does not answer ${method}.`, [exchange]);
}

async function judgeOther(context: CheckContext, capability: string, method: string): Promise<Verdict> {
  const exchange = await context.ask.send(context.request(method));
  const reply = replyOf(exchange);
  if (reply.kind === 'none' || reply.kind === 'refused') return unanswered(reply, exchange);
  if (reply.kind === 'result') {
    return verdict('Fail', `The capability ${capability} is not declared and ${method} answers.`, [exchange]);
  }
  return judgeNotFound(context, method, exchange);
}

function judgeNotFound(context: CheckContext, method: string, exchange: Exchange): Verdict {
  const reply = replyOf(exchange);
  if (reply.kind !== 'error' || reply.code !== METHOD_NOT_FOUND) {
    return verdict('Fail', `The undeclared method ${method} is not answered with error -32601.`, [exchange]);
  }
  if (context.era === 'modern' && reply.status !== 404) {
    return verdict('Fail', `The undeclared method ${method} is not answered with HTTP 404.`, [exchange]);
  }
  return verdict('Pass', `The undeclared method ${method} is not found.`, [exchange]);
}
