/**
 * Who an endpoint says it is over TLS, and which versions of TLS it speaks: two handshakes, no request. The certificate is looked at even
 * when it is not to be believed; nothing is ever sent over such a connection.
 */
import { isIP } from 'node:net';
import { checkServerIdentity, connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { systemClock } from '../core/clock.ts';
import { bareHost, judgedAddresses } from './connection.ts';
import { certificateProblem, failedOutcome, failure } from './failure.ts';
import { parseTarget } from './target.ts';
import type { ProbeFailureReason, ProbeOptions, ProbeTarget } from './types.ts';

const DAY_MS = 86_400_000;

/** What a handshake with TLS 1.2 or 1.3 showed. */
export interface TLSHandshake {
  readonly kind: 'handshake';
  /** As Node spells it: `TLSv1.3`. */
  readonly version: string;
  /** Why the certificate is not to be believed, in our own words; undefined when it is. */
  readonly problem?: string;
  /** When the certificate ends, ISO 8601. */
  readonly validTo: string;
  /** Whole days until then; negative when it is over. */
  readonly daysLeft: number;
  /** Whether it shakes hands with TLS 1.0 or 1.1 too. */
  readonly acceptsOldVersions: boolean;
}

export type TLSFacts =
  TLSHandshake | { readonly kind: 'failed'; readonly reason: ProbeFailureReason; readonly message: string };

type Options = Pick<ProbeOptions, 'timeoutMs' | 'addressPolicy' | 'resolve' | 'clock'>;

/** Where to connect and whom to expect there. */
interface Endpoint {
  readonly url: URL;
  readonly address: string;
  readonly ca?: string;
}

/**
 * Looks at an `https:` endpoint, both handshakes within `options.timeoutMs`.
 * @returns facts; a server or network at fault is a fact too.
 * @throws the reason of `signal` when the caller aborts.
 */
export async function readTLSFacts(
  target: Pick<ProbeTarget, 'url' | 'connectAddress' | 'ca'>,
  options: Options,
  signal: AbortSignal,
): Promise<TLSFacts> {
  signal.throwIfAborted();
  const clock = options.clock ?? systemClock;
  const deadline = new AbortController();
  const late = failure('Timeout', 'the TLS handshake did not end in time');
  const timer = clock.setTimeout(() => deadline.abort(late), options.timeoutMs);
  const ends = AbortSignal.any([deadline.signal, signal]);
  try {
    const endpoint = await findEndpoint(target, options, ends);
    return await look(endpoint, clock.now(), ends);
  } catch (error) {
    signal.throwIfAborted();
    return failedOutcome(ends.aborted ? ends.reason : error);
  } finally {
    timer.cancel();
  }
}

async function findEndpoint(
  target: Pick<ProbeTarget, 'url' | 'connectAddress' | 'ca'>,
  options: Options,
  signal: AbortSignal,
): Promise<Endpoint> {
  const url = parseTarget({ ...target, transport: 'StreamableHTTP' });
  if (url.protocol !== 'https:') throw failure('InvalidTarget', 'the URL does not begin with https://');
  const [address] = await judgedAddresses(url, target, options, signal);
  if (address === undefined) throw failure('NameNotResolved', 'the host name has no address');
  return { url, address, ...(target.ca === undefined ? {} : { ca: target.ca }) };
}

async function look(endpoint: Endpoint, now: Date, signal: AbortSignal): Promise<TLSFacts> {
  const facts = await handshake(endpoint, { minVersion: 'TLSv1.2' }, signal, (socket) => {
    const validTo = new Date(socket.getPeerCertificate().valid_to);
    return {
      version: socket.getProtocol() ?? '',
      validTo: validTo.toISOString(),
      daysLeft: Math.floor((validTo.getTime() - now.getTime()) / DAY_MS),
      ...problemOf(socket),
    };
  });
  return { kind: 'handshake', ...facts, acceptsOldVersions: await acceptsOldVersions(endpoint, signal) };
}

function problemOf(socket: TLSSocket): { readonly problem?: string } {
  if (socket.authorized) return {};
  // Node's types promise an Error; with rejectUnauthorized off it is the code alone.
  const reason: unknown = socket.authorizationError;
  return { problem: certificateProblem(reason instanceof Error ? reason.message : String(reason)) };
}

/** Security level 0, since OpenSSL offers the old versions at no other. Whatever goes wrong means that the server refuses them. */
async function acceptsOldVersions(endpoint: Endpoint, signal: AbortSignal): Promise<boolean> {
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
  try {
    return await handshake(endpoint, old, signal, () => true);
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

function handshake<T>(
  { url, address, ca }: Endpoint,
  versions: Pick<ConnectionOptions, 'minVersion' | 'maxVersion' | 'ciphers'>,
  signal: AbortSignal,
  look: (socket: TLSSocket) => T,
): Promise<T> {
  const host = bareHost(url);
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const socket = connect({
      ...versions,
      host: address,
      port: url.port === '' ? 443 : Number(url.port),
      // An address is no server name (RFC 6066, section 3).
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ...(ca === undefined ? {} : { ca }),
      // The certificate is judged and reported; nothing is sent over this connection.
      rejectUnauthorized: false,
      checkServerIdentity: (_dialled, certificate) => checkServerIdentity(host, certificate),
    });
    const end = (finish: () => void): void => {
      signal.removeEventListener('abort', onAbort);
      finish();
      socket.destroy();
    };
    const onAbort = (): void => end(() => reject(signal.reason));
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('secureConnect', () => {
      // An error thrown in a listener would end the process.
      end(() => settle(() => look(socket), resolve, reject));
    });
    socket.on('error', (error) => end(() => reject(error)));
    socket.once('close', () =>
      end(() => reject(failure('ConnectionClosed', 'the server closed the connection before it answered'))),
    );
  });
}

function settle<T>(work: () => T, resolve: (value: T) => void, reject: (error: unknown) => void): void {
  try {
    resolve(work());
  } catch (error) {
    reject(failure('TLSFailed', 'the server shows no certificate that can be read', error));
  }
}
