/**
 * How a probe stops: one error that carries the outcome, and the translation of what the network stack throws into it. A
 * message never quotes the server, neither a body nor a header nor a certificate's names: it would end in a status that other
 * people and other programs read.
 */
import type { ProbeAuthRequired, ProbeFailed, ProbeFailureReason } from './types.ts';

/** The longest message of a failure, in characters. */
const MAX_MESSAGE_LENGTH = 256;

/** Ends a probe. Thrown anywhere below {@link probe}, which turns it into its outcome. */
export class ProbeStop extends Error {
  override readonly name = 'ProbeStop';
  readonly outcome: ProbeFailed | ProbeAuthRequired;

  constructor(outcome: ProbeFailed | ProbeAuthRequired, options?: ErrorOptions) {
    super(outcome.kind === 'failed' ? outcome.message : `HTTP ${outcome.status}`, options);
    this.outcome = outcome;
  }
}

/** @returns the error that ends a probe with `reason`; `message` is ours, whole sentences without a word from the server. */
export function failure(reason: ProbeFailureReason, message: string, cause?: unknown): ProbeStop {
  const bounded =
    message.length > MAX_MESSAGE_LENGTH ? `${message.slice(0, MAX_MESSAGE_LENGTH - 1)}…` : message;
  return new ProbeStop({ kind: 'failed', reason, message: bounded }, { cause });
}

const NETWORK_FAILURES: Readonly<Record<string, readonly [ProbeFailureReason, string]>> = {
  ECONNREFUSED: ['ConnectionRefused', 'nothing listens at the address and port'],
  ENOTFOUND: ['NameNotResolved', 'the host name does not exist'],
  ENODATA: ['NameNotResolved', 'the host name has no address'],
  EAI_AGAIN: ['NameNotResolved', 'the name server did not answer'],
  EAI_NODATA: ['NameNotResolved', 'the host name has no address'],
  ETIMEDOUT: ['ConnectionTimeout', 'the connection did not come about in time'],
  UND_ERR_CONNECT_TIMEOUT: ['ConnectionTimeout', 'the connection did not come about in time'],
  ECONNRESET: ['ConnectionClosed', 'the server closed the connection before it answered'],
  EPIPE: ['ConnectionClosed', 'the server closed the connection before it answered'],
  UND_ERR_SOCKET: ['ConnectionClosed', 'the server closed the connection before it answered'],
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: ['ConnectionClosed', 'the server sent less than it announced'],
  EHOSTUNREACH: ['Unreachable', 'there is no route to the host'],
  ENETUNREACH: ['Unreachable', 'there is no route to the network'],
  EADDRNOTAVAIL: ['Unreachable', 'this machine has no address of that family'],
  EACCES: ['Unreachable', 'this machine may not connect there'],
  EPERM: ['Unreachable', 'this machine may not connect there'],
  UND_ERR_HEADERS_TIMEOUT: ['Timeout', 'the server did not answer in time'],
  UND_ERR_BODY_TIMEOUT: ['Timeout', 'the server did not finish its answer in time'],
  UND_ERR_HEADERS_OVERFLOW: ['TooLarge', 'the headers of the answer are too large'],
  HPE_HEADER_OVERFLOW: ['TooLarge', 'the headers of the answer are too large'],
  UND_ERR_INVALID_ARG: ['InvalidTarget', 'the URL or a header cannot be sent'],
};

const TLS_FAILURES: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'the certificate has expired',
  CERT_NOT_YET_VALID: 'the certificate is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another host name',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is self-signed: give its CA',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate comes from an authority that is not trusted: give its CA',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificate comes from an authority that is not trusted: give its CA',
  UNABLE_TO_GET_ISSUER_CERT: 'the certificate comes from an authority that is not trusted: give its CA',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'the certificate comes from an authority that is not trusted: give its CA',
  ERR_SSL_WRONG_VERSION_NUMBER: 'the server does not speak TLS at this port',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'the server does not speak TLS at this port',
};

/** @returns the failed outcome that `error` is: a probe's own, one of the network stack, or a bug of ours. */
export function failedOutcome(error: unknown): ProbeFailed {
  const stop = error instanceof ProbeStop ? error : networkFailure(error);
  const internal = { kind: 'failed', reason: 'Internal', message: 'the probe itself failed' } as const;
  return stop?.outcome.kind === 'failed' ? stop.outcome : internal;
}

/** @returns what an error of OpenSSL or of Node's identity check says, in our words. */
export function certificateProblem(code: string): string {
  return TLS_FAILURES[code] ?? `the certificate is not trusted (${code})`;
}

/** @returns what `error`, thrown by the network stack, means for a probe; undefined when it is none of its errors. */
export function networkFailure(error: unknown): ProbeStop | undefined {
  const code = errorCode(error);
  if (code === undefined) return undefined;
  const known = NETWORK_FAILURES[code];
  if (known !== undefined) return failure(known[0], known[1], error);
  const tls = TLS_FAILURES[code];
  if (tls !== undefined) return failure('TLSFailed', tls, error);
  if (isTlsCode(code)) return failure('TLSFailed', `the TLS handshake failed (${code})`, error);
  if (code.startsWith('HPE_')) return failure('ProtocolError', 'the answer is not HTTP', error);
  return undefined;
}

function isTlsCode(code: string): boolean {
  return /^(ERR_TLS_|ERR_SSL_|ERR_OSSL_|CERT_|UNABLE_TO_|CRL_|EPROTO$|HOSTNAME_MISMATCH$|INVALID_CA$)/.test(
    code,
  );
}

/** The code of the innermost error that has one. Several addresses that fail together come as an AggregateError. */
function errorCode(error: unknown, depth = 0): string | undefined {
  if (!(error instanceof Error) || depth > 5) return undefined;
  const inner = error instanceof AggregateError ? error.errors[0] : error.cause;
  return errorCode(inner, depth + 1) ?? ownCode(error);
}

function ownCode(error: Error): string | undefined {
  if (error.name === 'HTTPParserError') return 'HPE_INVALID';
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
