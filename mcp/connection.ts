/**
 * The way to one server: its name resolved once, every address judged, the result pinned. All requests of a probe go through
 * this one origin, so that neither a changed DNS answer nor a redirect can lead them to another machine.
 */
import { lookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { checkServerIdentity } from 'node:tls';
import { buildConnector, Pool, type Dispatcher } from 'undici';
import { abortable } from './abortable.ts';
import type { AddressPolicy } from './address-policy.ts';
import { failure, networkFailure } from './failure.ts';
import type { ProbeOptions, ProbeTarget, ResolveHost } from './types.ts';

/** Every header of an answer together, in bytes. */
const MAX_HEADER_BYTES = 16 * 1024;
/** Requests that may be under way at once: one, beside streams that the server has not ended yet. */
const MAX_CONNECTIONS = 4;

/** A dispatcher that reaches `origin` and nothing else. */
export interface Connection {
  readonly origin: string;
  readonly dispatcher: Dispatcher;
  close(): Promise<void>;
}

/** Resolves through the system, as every other program on the machine does. */
const systemResolve: ResolveHost = async (hostname) =>
  (await lookup(hostname, { all: true })).map((entry) => entry.address);

/**
 * Finds and judges the addresses of `url`. No connection is made before the first request.
 * @throws ProbeStop NameNotResolved or ForbiddenAddress.
 */
export async function openConnection(
  url: URL,
  target: ProbeTarget,
  options: ProbeOptions,
  signal: AbortSignal,
): Promise<Connection> {
  if (options.dispatcher !== undefined) {
    return { origin: url.origin, dispatcher: options.dispatcher, close: async () => undefined };
  }
  const addresses = await judgedAddresses(url, target, options, signal);
  const pool = new Pool(url.origin, {
    connect: pinnedConnector(url, addresses, target, options),
    connections: MAX_CONNECTIONS,
    maxHeaderSize: MAX_HEADER_BYTES,
    // The probe's own deadline covers these; two clocks for one wait would give one failure two names.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  return { origin: url.origin, dispatcher: pool, close: () => pool.destroy() };
}

/** What {@link judgedAddresses} goes by. */
type AddressOptions = Pick<ProbeOptions, 'addressPolicy' | 'resolve'>;

/**
 * @returns the addresses that may be dialled for `url`, at least one.
 * @throws ProbeStop NameNotResolved, ForbiddenAddress, or InvalidTarget when `connectAddress` is none.
 */
export async function judgedAddresses(
  url: URL,
  target: Pick<ProbeTarget, 'connectAddress'>,
  options: AddressOptions,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const addresses = await findAddresses(url, target, options, signal);
  for (const address of addresses) judge(address, options.addressPolicy);
  return addresses;
}

async function findAddresses(
  url: URL,
  target: Pick<ProbeTarget, 'connectAddress'>,
  options: AddressOptions,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const literal = target.connectAddress ?? bareHost(url);
  if (isIP(literal) !== 0) return [literal];
  if (target.connectAddress !== undefined) {
    throw failure('InvalidTarget', 'connectAddress is not an IP address');
  }
  const addresses = await abortable(resolveName(literal, options.resolve ?? systemResolve), signal);
  if (addresses.length === 0) throw failure('NameNotResolved', 'the host name has no address');
  return addresses;
}

async function resolveName(hostname: string, resolve: ResolveHost): Promise<readonly string[]> {
  try {
    return await resolve(hostname);
  } catch (error) {
    throw networkFailure(error) ?? failure('NameNotResolved', 'the host name could not be resolved', error);
  }
}

/** One forbidden address among several refuses the name: a name that mixes them is how a resolver is tricked. */
function judge(address: string, policy: AddressPolicy | undefined): void {
  const decision = policy?.(address) ?? { kind: 'allowed' };
  if (decision.kind === 'allowed') return;
  throw failure('ForbiddenAddress', `probes may not reach the address of this server: ${decision.reason}`);
}

function pinnedConnector(
  url: URL,
  addresses: readonly string[],
  target: ProbeTarget,
  options: ProbeOptions,
): buildConnector.connector {
  const connect = buildConnector({
    allowH2: false,
    timeout: Math.min(options.connectTimeoutMs ?? 5_000, options.timeoutMs),
    lookup: pinnedLookup(addresses),
    // Happy eyeballs over the pinned addresses; a single one is dialled directly.
    autoSelectFamily: addresses.length > 1,
    ...(target.ca === undefined ? {} : { ca: target.ca }),
    // The certificate must be the URL's, also when another address is dialled.
    checkServerIdentity: (_dialled, certificate) => checkServerIdentity(bareHost(url), certificate),
  });
  const [first] = addresses;
  const dialled = addresses.length === 1 && first !== undefined ? first : bareHost(url);
  // A host that is an address is never looked up, so a pinned one must take its place here.
  // For TLS alone: without it, undici takes a server name for a host to look up.
  const sni = url.protocol === 'https:' ? { servername: serverName(url) } : {};
  return (request, callback) => connect({ ...request, hostname: dialled, ...sni }, callback);
}

/** For SNI: of the URL also when a request names another `Host`; an address has none. */
function serverName(url: URL): string {
  const host = bareHost(url);
  return isIP(host) === 0 ? host : '';
}

function pinnedLookup(addresses: readonly string[]): LookupFunction {
  const entries = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_hostname, options, callback) => {
    const [first] = entries;
    if (options.all === true || first === undefined) callback(null, entries);
    else callback(null, first.address, first.family);
  };
}

/** The host without the brackets of an IPv6 address. */
export function bareHost(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}
