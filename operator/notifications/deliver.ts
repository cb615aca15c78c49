/** Posts messages of the outbox to the webhook: signed, over TLS that is verified, to nowhere else, and bounded in size. */
import { readFile } from 'node:fs/promises';
import { Pool } from 'undici';
import type { Clock } from '../../core/clock.ts';
import { TerminalError, TransientError } from '../../core/errors.ts';
import { sha256Hex } from '../../core/sha256.ts';
import type { Deliver, LeasedMessage } from '../../stores/index.ts';
import { CONTENT_TYPE, cloudEvent, MAX_EVENT_BYTES } from './cloud-event.ts';
import type { NotificationSettings } from './settings.ts';
import { parseSigningKeys, signatureHeaders } from './signature.ts';

/** Nobody reads the answer; a little of it lets the connection end in order. */
const MAX_ANSWER_BYTES = 16_384;
/** The receiver will not want the same message later: malformed, gone, too long, of a wrong type, or not processable. */
const FINAL_STATUSES: ReadonlySet<number> = new Set([400, 410, 413, 415, 422]);

export interface DeliveryOptions {
  readonly settings: NotificationSettings;
  readonly clock: Clock;
  /** `<program>/<version>`. */
  readonly userAgent: string;
}

/**
 * @returns what delivers a message once. It rejects with a TerminalError when the receiver refuses the message for good, with a TransientError
 * for any other answer than 2xx (redirects are not followed: a signed message is for one place), and with what the network or a file said.
 */
export function createDelivery({ settings, clock, userAgent }: DeliveryOptions): Deliver {
  return async (message, signal) => {
    const body = bodyOf(message, settings.source);
    const signed = { id: messageId(message), at: clock.now(), body };
    const keys = parseSigningKeys(await readFile(settings.secretFile, 'utf8'));
    const headers = {
      ...signatureHeaders(signed, keys),
      'content-type': CONTENT_TYPE,
      'user-agent': userAgent,
    };
    await post(settings, { body, headers }, signal);
  };
}

/** @returns an id without characters that a signature or a header cannot have, such as the dot that separates what is signed. */
function messageId({ topic, key }: Pick<LeasedMessage, 'topic' | 'key'>): string {
  return `msg_${sha256Hex(`${topic}\n${key}`).slice(0, 32)}`;
}

function bodyOf(message: LeasedMessage, source: string): string {
  const body = JSON.stringify(cloudEvent(message, source));
  if (Buffer.byteLength(body) > MAX_EVENT_BYTES)
    throw new TerminalError(`the event ${message.key} is longer than ${MAX_EVENT_BYTES} bytes`);
  return body;
}

interface Posted {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A connection for each delivery: there are few, and a CA may have been replaced in between. */
async function post(
  { url, caFile }: NotificationSettings,
  posted: Posted,
  signal: AbortSignal,
): Promise<void> {
  const { origin, pathname, search } = new URL(url);
  const ca = caFile === '' ? {} : { ca: await readFile(caFile, 'utf8') };
  const connections = new Pool(origin, { connections: 1, connect: { ...ca, rejectUnauthorized: true } });
  try {
    const { statusCode, body } = await connections.request({
      method: 'POST',
      path: `${pathname}${search}`,
      ...posted,
      signal,
    });
    await body.dump({ limit: MAX_ANSWER_BYTES, signal });
    refuse(statusCode);
  } finally {
    await connections.destroy();
  }
}

/** The status alone is told: an answer may repeat anything. */
function refuse(statusCode: number): void {
  if (statusCode >= 200 && statusCode < 300) return;
  const text = `the receiver of notifications answers ${statusCode}`;
  throw FINAL_STATUSES.has(statusCode) ? new TerminalError(text) : new TransientError(text);
}
