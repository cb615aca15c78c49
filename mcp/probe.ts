/**
 * The probe: open a server in the era that it speaks, read what it offers, find out whether it speaks the other era too, and
 * leave nothing behind. Passive by rule: it discovers and lists, and calls no tool.
 */
import { systemClock, type Clock } from '../core/clock.ts';
import { ByteBudget } from './body.ts';
import { openConnection, type Connection } from './connection.ts';
import { definitionsHash, readDefinitions } from './definitions.ts';
import { failure, ProbeStop } from './failure.ts';
import { showable } from './server-info.ts';
import { Session, type Negotiation, type SessionSettings } from './session.ts';
import { parseTarget } from './target.ts';
import type {
  ProbeFailureReason,
  ProbeOptions,
  ProbeOutcome,
  ProbeTarget,
  ServerDescription,
} from './types.ts';

const DEFAULT_MAX_BYTES = 1024 * 1024;
const DEFAULT_MAX_PAGES = 50;
const DEFAULT_MAX_ITEMS = 5_000;
const DEFAULT_CLIENT_INFO = { name: 'kilo-mcp', version: 'unknown' };

/** Shares of the deadline for questions that a server may leave unanswered because it belongs to the other era. */
const DISCOVER_SHARE = 0.4;
const SECOND_ERA_SHARE = 0.2;

/**
 * How a server of the legacy era may fail at a method that it cannot know. Only these let the probe start over with
 * `initialize`; everything else would fail again.
 */
const MAY_BE_LEGACY: ReadonlySet<ProbeFailureReason> = new Set([
  'HTTPError',
  'WrongContentType',
  'InvalidJSON',
  'ProtocolError',
  'Timeout',
  'UnsupportedProtocolVersion',
]);

/** What the steps of one probe share. */
interface Probe {
  readonly url: URL;
  readonly target: ProbeTarget;
  readonly options: ProbeOptions;
  readonly connection: Connection;
  readonly budget: ByteBudget;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Asks a server what it is. Ends within `options.timeoutMs`, plus at most a second to close a legacy session.
 *
 * @returns the outcome; a server, a network or a URL at fault is an outcome and not an error.
 * @throws the reason of `signal` when the caller aborts.
 */
export async function probe(
  target: ProbeTarget,
  options: ProbeOptions,
  signal?: AbortSignal,
): Promise<ProbeOutcome> {
  signal?.throwIfAborted();
  const clock = options.clock ?? systemClock;
  const deadline = new AbortController();
  const timer = clock.setTimeout(() => deadline.abort(timedOut()), options.timeoutMs);
  const ends = AbortSignal.any([deadline.signal, ...(signal === undefined ? [] : [signal])]);
  try {
    return { kind: 'verified', description: await converse(target, options, clock, ends) };
  } catch (error) {
    signal?.throwIfAborted();
    return outcomeOf(error);
  } finally {
    timer.cancel();
  }
}

function timedOut(): ProbeStop {
  return failure('Timeout', 'the server did not finish its answers in time');
}

function outcomeOf(error: unknown): ProbeOutcome {
  if (error instanceof ProbeStop) return error.outcome;
  return failure('Internal', 'the probe itself failed', error).outcome;
}

async function converse(
  target: ProbeTarget,
  options: ProbeOptions,
  clock: Clock,
  signal: AbortSignal,
): Promise<ServerDescription> {
  const url = parseTarget(target);
  const budget = new ByteBudget(options.maxBytes ?? DEFAULT_MAX_BYTES);
  const connection = await openConnection(url, target, options, signal);
  try {
    return await describe({ url, target, options, connection, budget, clock, signal });
  } finally {
    await connection.close();
  }
}

async function describe(probe: Probe): Promise<ServerDescription> {
  const description = await readInItsEra(probe);
  if (description.era !== 'modern') return description;
  return (await speaksLegacy(probe)) ? { ...description, era: 'dual' } : description;
}

async function readInItsEra(probe: Probe): Promise<ServerDescription> {
  const session = await openInItsEra(probe);
  try {
    return await read(probe, session);
  } finally {
    await session.close();
  }
}

/** The deprecated transport exists in the legacy era only, so nothing else is asked there. */
async function openInItsEra(probe: Probe): Promise<Session> {
  if (probe.target.transport === 'SSE') return openSession(probe, 'legacy');
  const session = createSession(probe, 'auto');
  try {
    await session.open();
    return session;
  } catch (error) {
    await session.close();
    if (probe.signal.aborted || session.handshakeTried || !mayBeLegacy(error)) throw error;
    return openSession(probe, 'legacy', error);
  }
}

function mayBeLegacy(error: unknown): boolean {
  if (!(error instanceof ProbeStop) || error.outcome.kind !== 'failed') return false;
  return MAY_BE_LEGACY.has(error.outcome.reason);
}

/** @param earlier why the modern era failed: a server that states its versions is believed over a failed handshake. */
async function openSession(probe: Probe, negotiation: Negotiation, earlier?: unknown): Promise<Session> {
  const session = createSession(probe, negotiation);
  try {
    await session.open();
    return session;
  } catch (error) {
    await session.close();
    throw isVersionRefusal(earlier) ? earlier : error;
  }
}

function isVersionRefusal(error: unknown): boolean {
  return (
    error instanceof ProbeStop &&
    error.outcome.kind === 'failed' &&
    error.outcome.reason === 'UnsupportedProtocolVersion'
  );
}

/**
 * Whatever a modern server does with `initialize` but accept it means that it does not speak the legacy era. That includes
 * letting the deadline pass: what it offers has been read by then.
 */
async function speaksLegacy(probe: Probe): Promise<boolean> {
  const session = createSession(probe, 'legacy', probe.options.timeoutMs * SECOND_ERA_SHARE);
  try {
    await session.open();
    return true;
  } catch (error) {
    if (error instanceof ProbeStop) return false;
    throw error;
  } finally {
    await session.close();
  }
}

async function read(probe: Probe, session: Session): Promise<ServerDescription> {
  const { client } = session;
  const capabilities = { ...client.getServerCapabilities() };
  const { maxPages = DEFAULT_MAX_PAGES, maxItems = DEFAULT_MAX_ITEMS } = probe.options;
  const definitions = await readDefinitions(session, capabilities, { maxPages, maxItems });
  const instructions = client.getInstructions();
  const serverInfo = client.getServerVersion();
  return {
    era: client.getProtocolEra() ?? 'legacy',
    protocolVersion: client.getNegotiatedProtocolVersion() ?? '',
    serverInfo: { name: showable(serverInfo?.name), version: showable(serverInfo?.version) },
    capabilities,
    ...definitions,
    ...(instructions === undefined ? {} : { instructions }),
    hash: definitionsHash(definitions, instructions),
  };
}

function createSession(
  probe: Probe,
  negotiation: Negotiation,
  requestTimeoutMs = probe.options.timeoutMs,
): Session {
  const settings: SessionSettings = {
    url: probe.url,
    transport: probe.target.transport,
    headers: probe.target.headers ?? {},
    connection: probe.connection,
    budget: probe.budget,
    clock: probe.clock,
    clientInfo: probe.options.clientInfo ?? DEFAULT_CLIENT_INFO,
    negotiation,
    discoverTimeoutMs: probe.options.timeoutMs * DISCOVER_SHARE,
    requestTimeoutMs,
  };
  return new Session(settings, probe.signal);
}
