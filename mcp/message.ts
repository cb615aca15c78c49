/**
 * JSON-RPC as far as a probe needs it: which request a body carries, and which of the messages that come back answers it.
 * Servers may send notifications, requests and answers to others first; none of them concerns a probe.
 */
import { failure } from './failure.ts';

/** What matters of an outgoing message; `id` is absent in a notification. */
export interface OutgoingMessage {
  readonly id?: string | number;
  readonly method?: string;
}

/** @returns the message in `body`, which our own client wrote. */
export function outgoingMessage(body: unknown): OutgoingMessage {
  const message: unknown = typeof body === 'string' ? JSON.parse(body) : undefined;
  if (!isRecord(message)) return {};
  const { id, method } = message;
  return {
    ...(typeof id === 'string' || typeof id === 'number' ? { id } : {}),
    ...(typeof method === 'string' ? { method } : {}),
  };
}

/**
 * Finds the answer to request `id` in `text`: one message, or the array of them that revision 2025-03-26 allowed. An error
 * without an id is an answer too: a server that could not read the request has none to give (JSON-RPC 2.0, section 5).
 * @returns the answer's text with that id, untouched where possible: writing it anew would lose what JSON cannot say.
 * @throws ProbeStop InvalidJSON.
 */
export function answerTo(id: string | number, text: string): string | undefined {
  const received = parseJson(text);
  const messages: readonly unknown[] = Array.isArray(received) ? received : [received];
  const answer = messages.filter(isRecord).find((message) => answers(id, message));
  if (answer === undefined) return undefined;
  return answer === received && answer['id'] === id ? text : JSON.stringify({ ...answer, id });
}

/** Whether `value` is an answer to some request. */
export function isAnswer(value: unknown): boolean {
  return isRecord(value) && (value['result'] !== undefined || value['error'] !== undefined);
}

/** @throws ProbeStop InvalidJSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // The parser's message quotes the text, so it stays in the cause.
    throw failure('InvalidJSON', 'the answer is not JSON', error);
  }
}

/** Whether `value` is a JSON object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function answers(id: string | number, message: Record<string, unknown>): boolean {
  if (message['id'] === id) return isAnswer(message);
  return message['error'] !== undefined && (message['id'] ?? null) === null;
}
