/** What is asked of every server once, before any check runs: it is opened in each era, and everything that it declares is read. */
import {
  exchangeLimits,
  probe,
  type Era,
  type ProbeFailureReason,
  type ProbeOutcome,
} from '../../mcp/index.ts';
import type { Opening } from './context.ts';
import type { Conversation, SendRequest } from './conversation.ts';

export type Openings = Readonly<Partial<Record<Era, Opening>>>;

/** The deprecated transport is opened by a probe, which has one deadline for everything. */
const DEPRECATED_TIMEOUT_MS = 10_000;

/** Without a way to the server there is no second era to try. */
const NO_WAY: ReadonlySet<ProbeFailureReason> = new Set([
  'InvalidTarget',
  'NameNotResolved',
  'ForbiddenAddress',
  'ConnectionRefused',
  'ConnectionTimeout',
  'Unreachable',
  'TLSFailed',
]);

/**
 * Opens the server in both eras, modern first. Rejects with the reason of `signal`; everything that a server does is in the openings.
 */
export async function gather(conversation: Conversation, signal: AbortSignal): Promise<Openings> {
  if (conversation.settings.declared.transport === 'SSE') {
    return { legacy: await openDeprecated(conversation, signal) };
  }
  const send: SendRequest = (request, replica) => conversation.send(request, signal, replica);
  const modern = await conversation.open('modern', { lists: 'all' }, send);
  const legacy = isUnreachable(modern, conversation)
    ? { ...modern, era: 'legacy' as const }
    : await conversation.open('legacy', { lists: 'all' }, send);
  const openings = { modern, legacy };
  const { replicas } = conversation.settings;
  const eras = Math.max(1, spokenEras(openings).length);
  const { budget } = conversation;
  budget.limitRequests(budget.spent + exchangeLimits(eras, replicas.length).requests);
  return openings;
}

/** @returns the eras in which the server opened, or would for somebody with other credentials. */
export function spokenEras(openings: Openings): readonly Era[] {
  return (['legacy', 'modern'] as const).filter((era) => {
    const opening = openings[era];
    return opening?.kind === 'opened' || opening?.reason === 'AuthRequired';
  });
}

function isUnreachable(
  opening: Opening,
  { exchanges }: Conversation,
): opening is Extract<Opening, { kind: 'notOpened' }> {
  if (opening.kind === 'opened') return false;
  const reason = exchanges.get(opening.exchanges[0] ?? '')?.failure?.reason;
  return reason !== undefined && NO_WAY.has(reason);
}

async function openDeprecated({ settings }: Conversation, signal: AbortSignal): Promise<Opening> {
  const { target, clientInfo, options = {} } = settings;
  const { addressPolicy, resolve, dispatcher, clock } = options;
  const outcome = await probe(
    { ...target, transport: 'SSE' },
    {
      timeoutMs: DEPRECATED_TIMEOUT_MS,
      clientInfo,
      ...(addressPolicy !== undefined && { addressPolicy }),
      ...(resolve !== undefined && { resolve }),
      ...(dispatcher !== undefined && { dispatcher }),
      ...(clock !== undefined && { clock }),
    },
    signal,
  );
  return openingOf(outcome);
}

/** A probe keeps no exchanges, so nothing refers to any. */
function openingOf(outcome: ProbeOutcome): Opening {
  const era = 'legacy';
  if (outcome.kind === 'verified') {
    const { serverInfo: _, ...description } = outcome.description;
    return { kind: 'opened', opened: { ...description, era, failures: {}, exchanges: [] } };
  }
  if (outcome.kind === 'failed') {
    return { kind: 'notOpened', era, reason: 'Failed', message: outcome.message, exchanges: [] };
  }
  const message = `the server answers HTTP ${outcome.status}`;
  return { kind: 'notOpened', era, reason: 'AuthRequired', message, exchanges: [] };
}
