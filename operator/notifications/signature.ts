/** Signing as Standard Webhooks 1.0 has it: HMAC-SHA256 over id, time and body, so that a receiver knows who sent it, when, and that nobody changed it. */
import { createHmac } from 'node:crypto';
import { ConfigError } from '../../core/errors.ts';
import { Secret } from '../../core/secret.ts';

/** A key that signs. */
export type SigningKey = Secret<Buffer>;

const PREFIX = 'whsec_';
const FEWEST_BYTES = 24;
const MOST_BYTES = 64;
const MOST_KEYS = 8;

/**
 * @param text of the setting `notifications.secretFile`.
 * @returns the keys, one for each line. @throws ConfigError naming the line, never what it holds.
 */
export function parseSigningKeys(text: string): readonly SigningKey[] {
  const keys = text
    .split('\n')
    .map((line) => line.trim())
    .flatMap((line, index) => (line === '' ? [] : [parseKey(line, index + 1)]));
  if (keys.length === 0 || keys.length > MOST_KEYS)
    throw new ConfigError(`notifications.secretFile: must hold 1 to ${MOST_KEYS} secrets, one a line`);
  return keys;
}

function parseKey(line: string, number: number): SigningKey {
  const [, base64 = ''] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(line) ?? [];
  const key = Buffer.from(base64, 'base64');
  if (key.length >= FEWEST_BYTES && key.length <= MOST_BYTES) return new Secret(key);
  throw new ConfigError(
    `notifications.secretFile: line ${number} is no secret: write ${PREFIX} and ${FEWEST_BYTES} to ${MOST_BYTES} bytes in base64, such as from \`echo ${PREFIX}$(openssl rand -base64 32)\``,
  );
}

/** What is signed. */
export interface Signed {
  /** The same each time that the message is delivered. */
  readonly id: string;
  /** Of this attempt, which lets receivers refuse what somebody recorded and sends again. */
  readonly at: Date;
  readonly body: string;
}

/** @returns the headers `webhook-id`, `webhook-timestamp` and `webhook-signature`, with one signature for each key. */
export function signatureHeaders(
  { id, at, body }: Signed,
  keys: readonly SigningKey[],
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(at.getTime() / 1_000));
  const signatures = keys.map((key) => {
    const hmac = createHmac('sha256', key.reveal()).update(`${id}.${timestamp}.${body}`);
    return `v1,${hmac.digest('base64')}`;
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  };
}
