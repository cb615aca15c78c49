import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../core/errors.ts';
import { parseSigningKeys, signatureHeaders } from './signature.ts';

/** Of the reference vector that implementations of Standard Webhooks share. */
const REFERENCE = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const OTHER = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const SIGNED = {
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  at: new Date(1_614_265_330_999),
  body: '{"test": 2432232314}',
};

describe('signatureHeaders', () => {
  it('signs as the reference does, with the time in whole seconds', () => {
    expect(signatureHeaders(SIGNED, parseSigningKeys(REFERENCE))).toEqual({
      'webhook-id': SIGNED.id,
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('signs with each of several keys', () => {
    const both = signatureHeaders(SIGNED, parseSigningKeys(`${OTHER}\n\n${REFERENCE}\n`));
    const one = signatureHeaders(SIGNED, parseSigningKeys(OTHER));
    expect(both['webhook-signature']?.split(' ')).toEqual([
      one['webhook-signature'],
      'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    ]);
  });

  it.each([
    ['another id', { id: 'msg_2' }],
    ['another time', { at: new Date(0) }],
    ['another body', { body: '{}' }],
  ])('%s has another signature', (_reason, change) => {
    const keys = parseSigningKeys(REFERENCE);
    const [changed, original] = [{ ...SIGNED, ...change }, SIGNED].map((signed) =>
      signatureHeaders(signed, keys),
    );
    expect(changed?.['webhook-signature']).not.toBe(original?.['webhook-signature']);
  });
});

describe('parseSigningKeys', () => {
  it('shows no key to whoever prints it', () => {
    expect(JSON.stringify(parseSigningKeys(REFERENCE))).toBe('["[secret]"]');
  });

  it.each([
    ['nothing', '\n', 'must hold 1 to 8 secrets'],
    ['too many', `${REFERENCE}\n`.repeat(9), 'must hold 1 to 8 secrets'],
    ['no prefix', REFERENCE.slice(6), 'line 1'],
    ['too short a key', `${REFERENCE}\nwhsec_${Buffer.alloc(23).toString('base64')}`, 'line 2'],
    ['too long a key', `whsec_${Buffer.alloc(65).toString('base64')}`, 'line 1'],
    ['no base64', 'whsec_not%base64not%base64not%base64not%', 'line 1'],
  ])('refuses %s without repeating it', (_reason, text, expected) => {
    const parse = (): unknown => parseSigningKeys(text);
    expect(parse).toThrow(ConfigError);
    expect(parse).toThrow(expected);
    expect(parse).not.toThrow('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
  });
});
