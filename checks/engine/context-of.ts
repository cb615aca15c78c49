/** Makes the context in which a check looks at one server in one era. */
import { formRequest, type Era, type RequestForm } from '../../mcp/index.ts';
import type { Check } from './check.ts';
import type { Asking, CheckContext, Opened } from './context.ts';
import type { Conversation } from './conversation.ts';
import type { ServerFacts } from './facts.ts';

/** @param parameters over the defaults of the check. */
export function contextOf(
  check: Check,
  facts: ServerFacts,
  era: Era | undefined,
  ask: Asking,
  parameters: Readonly<Record<string, unknown>> = {},
): CheckContext {
  const { conversation, declared, openings, subject, live, replicas } = facts;
  const opened = openedIn(era, openings);
  return {
    ...(era !== undefined && { era }),
    declared,
    openings,
    ...(opened !== undefined && { opened }),
    exchanges: conversation?.exchanges ?? new Map(),
    ...(subject !== undefined && { subject }),
    ...(live !== undefined && { live }),
    replicas,
    parameters: { ...defaultsOf(check), ...parameters },
    ask,
    request: requestsIn(era, opened, conversation),
  };
}

function openedIn(era: Era | undefined, openings: ServerFacts['openings']): Opened | undefined {
  const opening = era === undefined ? undefined : openings[era];
  return opening?.kind === 'opened' ? opening.opened : undefined;
}

/** Nobody is asked without a conversation, so neither name nor ids matter there. */
function requestsIn(
  era: Era | undefined,
  opened: Opened | undefined,
  conversation: Conversation | undefined,
): CheckContext['request'] {
  const form: RequestForm = {
    era: era ?? 'modern',
    clientInfo: conversation?.settings.clientInfo ?? { name: 'kilo-mcp', version: 'unknown' },
    ...(opened !== undefined && { protocolVersion: opened.protocolVersion }),
    ...(opened?.sessionId !== undefined && { sessionId: opened.sessionId }),
  };
  return (method, params, overrides) => {
    const id = method.startsWith('notifications/') ? undefined : (conversation?.nextId() ?? 0);
    return formRequest(form, id, method, params, overrides);
  };
}

function defaultsOf({ parameters = {} }: Check): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(parameters).map(([name, { default: value }]) => [name, value]));
}
