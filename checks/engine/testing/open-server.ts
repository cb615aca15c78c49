/** Opens a real server as the engine does, for tests: what was gathered, and what closes it. */
import type { ProbeTarget } from '../../../mcp/index.ts';
import type { Declared, Replica } from '../context.ts';
import { Conversation, type ConversationSettings } from '../conversation.ts';
import type { ServerFacts } from '../facts.ts';
import { gather } from '../gather.ts';
import { aDeclaration } from './checks.ts';

export interface OpenServerOptions {
  readonly headers?: ProbeTarget['headers'];
  readonly declared?: Partial<Declared>;
  readonly replicas?: readonly Replica[];
  readonly options?: ConversationSettings['options'];
}

export interface OpenServer extends AsyncDisposable {
  readonly facts: ServerFacts & { readonly conversation: Conversation };
}

/** Gathers everything about the server at `url`. */
export async function openServer(url: string, settings: OpenServerOptions = {}): Promise<OpenServer> {
  const { headers, replicas = [], options } = settings;
  const declared = aDeclaration(url, { hasCredential: headers !== undefined, ...settings.declared });
  const conversation = new Conversation({
    target: { url, transport: declared.transport, ...(headers !== undefined && { headers }) },
    declared,
    replicas,
    clientInfo: { name: 'kilo-mcp', version: '1.2.3' },
    ...(options !== undefined && { options }),
  });
  const openings = await gather(conversation, new AbortController().signal);
  const server = { namespace: 'team-a', name: 'github', uid: 'uid-1' };
  return {
    facts: { server, declared, openings, conversation, replicas },
    [Symbol.asyncDispose]: () => conversation.close(Object.values(openings)),
  };
}
