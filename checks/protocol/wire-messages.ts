/** MCP-P06: everything that the server said while it was opened follows the published schema of the revision that was agreed. */
import type { Exchange } from '../../mcp/index.ts';
import type { Check, Verdict } from '../engine/check.ts';
import type { CheckContext } from '../engine/context.ts';
import { idIn, methodOf } from './reply.ts';
import { verdict } from '../engine/verdict.ts';
import { APPLIES, combine, openingExchanges } from './verdict.ts';
import { wireSchemaOf, type WireSchema } from './wire-schema.ts';

export const wireMessages: Check = {
  id: 'MCP-P06',
  family: 'P',
  title: 'every message follows the schema of the revision',
  severity: 'medium',
  eras: ['legacy', 'modern'],
  scored: true,
  cost: { requests: 0 },
  rationale:
    'A client that reads messages strictly drops what breaks the schema; one that does not guesses. Either way the tool that was reviewed is not the ' +
    'one that is used.',
  remediation: {
    kind: 'none',
    text: 'Build messages with an official SDK, or validate them against schema.json of the revision you answer with.',
  },
  references: ['MCP schema.json of the negotiated revision', 'JSON-RPC 2.0'],
  upstreamChecks: ['wire-schema-valid'],
  applies: () => APPLIES,
  run,
};

async function run(context: CheckContext): Promise<Verdict> {
  const schema = await wireSchemaOf(context.opened?.protocolVersion ?? '');
  if (schema === undefined) {
    return verdict('Untestable', 'There is no schema here for the revision that the server answers with.');
  }
  const parts = openingExchanges(context).flatMap((exchange) => judge(schema, exchange));
  if (parts.length === 0) return verdict('Untestable', 'No message of the server could be read.');
  return combine(parts, 'Every message follows the schema of the revision.');
}

/** The rest may be valid, and what was not read may not. */
const UNREAD = verdict('Untestable', 'Not every answer of the server could be read.');

function judge(schema: WireSchema, exchange: Exchange): readonly Verdict[] {
  const method = methodOf(exchange);
  const messages = exchange.response?.messages ?? [];
  // Only notifications have no id, and no answer.
  if (messages.length === 0 && idIn(exchange.request.body) !== undefined) return [UNREAD];
  return messages.map((message) => {
    const fault = schema.faultOf(method, message);
    if (fault === undefined) return verdict('Pass', 'A message follows the schema.', [exchange]);
    const text = `A message in answer to ${method ?? 'a request'} breaks the schema of the revision (${fault.definition}).`;
    return verdict('Fail', text, [exchange], fault);
  });
}
