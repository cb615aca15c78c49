/** MCP-P11: whether the transport of 2024-11-05 is hosted, alone or beside the one that replaced it. */
import type { Exchange, ExchangeRequest } from '../../mcp/index.ts';
import type { Check, Verdict } from '../engine/check.ts';
import type { CheckContext } from '../engine/context.ts';
import { verdict } from '../engine/verdict.ts';
import { APPLIES } from './verdict.ts';

/** Where the transport is hosted by custom, beside the endpoint. */
const CUSTOMARY_NAME = 'sse';

export const deprecatedTransport: Check = {
  id: 'MCP-P11',
  family: 'P',
  title: 'the deprecated transport HTTP+SSE is not the only one',
  severity: 'medium',
  eras: ['legacy', 'modern'],
  withoutOpening: 'NotSpoken',
  scored: false,
  cost: { requests: 2 },
  rationale:
    'The transport of 2024-11-05 was deprecated in 2025 and may be removed: clients that drop it can no longer reach a server that has no other. Hosted ' +
    'beside the endpoint it is one more door to guard.',
  remediation: {
    kind: 'approval',
    text: 'Switch the server to Streamable HTTP, set spec.transport to StreamableHTTP, and stop hosting the old endpoint once no client uses it.',
  },
  references: ['MCP 2026-07-28, Streamable HTTP, HTTP+SSE Transport (2024-11-05)', 'SEP-2596'],
  applies: () => APPLIES,
  run,
};

async function run(context: CheckContext): Promise<Verdict> {
  const atEndpoint = await context.ask.send(streamRequest());
  const isOpen = Object.values(context.openings).some((opening) => opening.kind === 'opened');
  const isModernTransport = isOpen && context.declared.transport !== 'SSE';
  if (hostsOldTransport(atEndpoint)) return judge(isModernTransport, atEndpoint);
  const beside = await context.ask.send(streamRequest(customaryUrl(context.declared.url)));
  if (hostsOldTransport(beside)) return judge(isModernTransport, beside);
  return judgeAbsence(isModernTransport, [atEndpoint, beside]);
}

/** What a client of that transport sends first. It has no session and no revision yet. */
function streamRequest(url?: URL): ExchangeRequest {
  return {
    method: 'GET',
    headers: { accept: 'text/event-stream' },
    ...(url === undefined ? {} : { url }),
  };
}

/** `/mcp` has `/sse` beside it, `/team/mcp` has `/team/sse`. */
function customaryUrl(endpoint: string): URL {
  return new URL(CUSTOMARY_NAME, endpoint);
}

/** Its stream begins with the address to post to. */
function hostsOldTransport({ response }: Exchange): boolean {
  return response?.status === 200 && /^event: ?endpoint\r?$/m.test(response.body);
}

function judge(isModernTransport: boolean, exchange: Exchange): Verdict {
  if (isModernTransport) {
    const message =
      'The deprecated transport HTTP+SSE is hosted beside Streamable HTTP, which is for information only.';
    return verdict('Pass', message, [exchange]);
  }
  return verdict('Warn', 'The deprecated transport HTTP+SSE is the only one.', [exchange]);
}

function judgeAbsence(isModernTransport: boolean, exchanges: readonly Exchange[]): Verdict {
  // Only silence is no answer here: any error to a GET that the server does not offer is one.
  if (exchanges.some(({ failure }) => failure !== undefined)) {
    return verdict('Error', 'A request of this check got no answer.', exchanges);
  }
  if (isModernTransport) {
    return verdict('Pass', 'The deprecated transport HTTP+SSE is not hosted.', exchanges);
  }
  return verdict('Untestable', 'The server opens with neither transport.', exchanges);
}
