/** What a check may ask: everything goes through the conversation, counted against the cost that the check publishes. */
import { fetchMetadata, readTLSFacts, type Era, type Exchange, type TLSFacts } from '../../mcp/index.ts';
import { requestsIn, type Check } from './check.ts';
import type { Asking } from './context.ts';
import type { Conversation, SendRequest } from './conversation.ts';

const METADATA_TIMEOUT_MS = 5_000;
const TLS_TIMEOUT_MS = 5_000;

/** A check asked more than it publishes: a bug of the check, and nothing was sent. */
export class CostExceeded extends Error {
  override readonly name = 'CostExceeded';
}

/** Counts what one check sends in one era. */
export class CostMeter {
  /** Whether the check tried to go on after the end; it may have swallowed the error. */
  exceeded = false;
  private readonly planned: number;
  private left: number;
  private sent = 0;

  /** @param toConfirm requests beyond `planned` that only a server sees which seems to fail. */
  constructor(planned: number, toConfirm = 0) {
    this.planned = planned;
    this.left = planned + toConfirm;
  }

  /** @returns whether the request is one to look twice, which no budget counts. @throws CostExceeded */
  take(): 'planned' | 'confirming' {
    if (this.left < 1) {
      this.exceeded = true;
      throw new CostExceeded('the check asks more than it publishes');
    }
    this.left -= 1;
    this.sent += 1;
    return this.sent > this.planned ? 'confirming' : 'planned';
  }

  /** Allows one more, which the server made necessary. */
  grant(): void {
    this.left += 1;
  }
}

/** @returns a meter for one run of `check` in `era`. */
export function meterOf(check: Check, era: Era | undefined, replicas: number): CostMeter {
  const { perReplica = 0, toConfirm } = check.cost;
  const requests = era === undefined ? check.cost.requests : requestsIn(check, era);
  return new CostMeter(requests + perReplica * replicas, toConfirm);
}

/** There is nothing to ask: no conversation, or a check without an era. */
class NothingToAsk extends Error {
  override readonly name = 'NothingToAsk';
}

/** Of evaluations that have manifests and nobody to ask. */
export const NOBODY: Asking = {
  send: () => Promise.reject(new NothingToAsk('nobody can be asked')),
  sendTo: () => Promise.reject(new NothingToAsk('nobody can be asked')),
  open: () => Promise.reject(new NothingToAsk('nobody can be asked')),
  fetchMetadata: () => Promise.reject(new NothingToAsk('nobody can be asked')),
  tlsFacts: () => Promise.reject(new NothingToAsk('nobody can be asked')),
  once: () => Promise.reject(new NothingToAsk('nobody can be asked')),
};

/** @param signal ends every exchange of the check. */
export function createAsking(
  conversation: Conversation,
  era: Era | undefined,
  meter: CostMeter,
  signal: AbortSignal,
): Asking {
  const send: SendRequest = async (request, replica) => {
    if (meter.take() === 'confirming') conversation.budget.grantRequest();
    return conversation.send(request, signal, replica);
  };
  return {
    send: (request) => send(request),
    sendTo: (replica, request) => send(request, replica),
    open: async ({ clientName, replica }) => {
      if (era === undefined) throw new NothingToAsk('a check without an era opens nothing');
      const options = { lists: 'hashed', onFurtherPage: () => meter.grant() } as const;
      const named = { ...options, ...(clientName !== undefined && { clientName }) };
      const opening = await conversation.open(era, { ...named, ...(replica && { replica }) }, send);
      await conversation.end(opening, send, replica);
      return opening;
    },
    fetchMetadata: async (url) => {
      meter.take();
      return conversation.record(await askIssuer(conversation, url, signal));
    },
    tlsFacts: () => askTLSFacts(conversation, signal),
    once: (key, ask) =>
      askOnce(conversation, key, () =>
        ask(createAsking(conversation, era, new CostMeter(Number.POSITIVE_INFINITY), signal)),
      ),
  };
}

async function askIssuer(conversation: Conversation, url: URL, signal: AbortSignal): Promise<Exchange> {
  const { declared, target, options = {} } = conversation.settings;
  const id = conversation.budget.takeRequest();
  const isDeclared = declared.issuers.some(
    (issuer) => URL.canParse(issuer) && new URL(issuer).host === url.host,
  );
  if (!isDeclared) {
    const request = { method: 'GET', url: url.href, headers: {} };
    const message = 'the host is none of the declared issuers';
    const startedAt = new Date(0).toISOString();
    return { id, request, failure: { reason: 'RedirectRefused', message }, startedAt, durationMs: 0 };
  }
  const { addressPolicy, resolve, clock } = options;
  const exchange = await fetchMetadata(
    url,
    {
      timeoutMs: options.callTimeoutMs ?? METADATA_TIMEOUT_MS,
      ...(target.ca !== undefined && { ca: target.ca }),
      ...(addressPolicy !== undefined && { addressPolicy }),
      ...(resolve !== undefined && { resolve }),
      ...(clock !== undefined && { clock }),
    },
    signal,
  );
  return { ...exchange, id };
}

function askTLSFacts({ settings }: Conversation, signal: AbortSignal): Promise<TLSFacts> {
  const { addressPolicy, resolve, clock } = settings.options ?? {};
  const options = {
    timeoutMs: TLS_TIMEOUT_MS,
    ...(addressPolicy !== undefined && { addressPolicy }),
    ...(resolve !== undefined && { resolve }),
    ...(clock !== undefined && { clock }),
  };
  return readTLSFacts(settings.target, options, signal);
}

/** Keyed by the caller, so the type of what is stored is the caller's promise. */
function askOnce<T>({ shared }: Conversation, key: string, ask: () => Promise<T>): Promise<T> {
  const known = shared.get(key);
  if (known !== undefined) return known as Promise<T>;
  const asked = ask();
  shared.set(key, asked);
  return asked;
}
