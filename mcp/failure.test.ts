import { describe, expect, it } from 'vitest';
import { REASONS } from '../api/index.ts';
import { failure, networkFailure } from './failure.ts';
import { PROBE_FAILURE_REASONS } from './types.ts';

const withCode = (code: string, cause?: unknown): Error =>
  Object.assign(new Error(code, { cause }), { code });

describe('errors of the network', () => {
  it.each([
    ['nothing listens', withCode('ECONNREFUSED'), 'ConnectionRefused'],
    [
      'both families refuse',
      new AggregateError([withCode('ECONNREFUSED'), withCode('ENETUNREACH')]),
      'ConnectionRefused',
    ],
    ['no such host', withCode('ENOTFOUND'), 'NameNotResolved'],
    ['reset', withCode('ECONNRESET'), 'ConnectionClosed'],
    ['no route', withCode('EHOSTUNREACH'), 'Unreachable'],
    ['slow to connect', withCode('UND_ERR_CONNECT_TIMEOUT'), 'ConnectionTimeout'],
    [
      'wrapped',
      new Error('outside', { cause: new Error('middle', { cause: withCode('EPIPE') }) }),
      'ConnectionClosed',
    ],
    ['expired certificate', withCode('CERT_HAS_EXPIRED'), 'TLSFailed'],
    ['any other trouble with TLS', withCode('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION'), 'TLSFailed'],
    ['no HTTP', withCode('HPE_INVALID_CONSTANT'), 'ProtocolError'],
  ])('%s', (_reason, error, reason) => {
    expect(networkFailure(error)?.outcome).toMatchObject({ kind: 'failed', reason });
  });

  it.each([
    ['a bug', new TypeError('x is not a function')],
    ['no error', 'text'],
    ['another code', withCode('EOTHER')],
  ])('has no name for %s', (_reason, error) => {
    expect(networkFailure(error)).toBeUndefined();
  });
});

describe('reasons', () => {
  it('are all reasons of the condition Verified, so that a status can carry them', () => {
    expect(Object.keys(REASONS.Verified)).toEqual(expect.arrayContaining(Object.keys(PROBE_FAILURE_REASONS)));
  });

  it('come with a bounded message', () => {
    const { outcome } = failure('Internal', 'x'.repeat(10_000));
    expect(outcome).toMatchObject({ message: `${'x'.repeat(255)}…` });
  });
});
