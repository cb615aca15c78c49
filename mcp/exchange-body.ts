/**
 * Reading the answer of a raw exchange: as much as the limits allow, whatever it is. Unlike a probe's reader, nothing here is refused:
 * wrong bytes are replaced, a body that breaks off is kept as far as it came.
 */
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { isRecord } from './message.ts';
import { discard, isCompressed, type RawBody, type RawResponse } from './wire.ts';

type Message = Readonly<Record<string, unknown>>;

/** A body as far as it was read. */
export interface ReadBody {
  readonly body: string;
  readonly truncated: boolean;
  readonly messages: readonly Message[];
}

export interface ReadLimits {
  /** Bytes of this body. */
  readonly maxBytes: number;
  /** The id of the request, which ends an event stream when it is answered; without one the first event does. */
  readonly requestId: string | number | undefined;
  /** Called with the size of each chunk. */
  readonly onBytes: (bytes: number) => void;
}

/** Reads and closes the body of `response`. Never rejects: what ends it early makes it `truncated`. */
export async function readBody(response: RawResponse, limits: ReadLimits): Promise<ReadBody> {
  if (isCompressed(response)) {
    discard(response.body);
    return { body: '', truncated: true, messages: [] };
  }
  return isEventStream(response)
    ? readStream(response.body, limits)
    : withMessages(await readChunks(response.body, limits, () => 'more'));
}

/** Whether the answer calls itself a stream of server-sent events. */
export function isEventStream(response: RawResponse): boolean {
  const type = response.headers['content-type'];
  return typeof type === 'string' && type.trim().toLowerCase().startsWith('text/event-stream');
}

async function readStream(body: RawBody, limits: ReadLimits): Promise<ReadBody> {
  const messages: Message[] = [];
  let isDone = false;
  const parser = createParser({
    onEvent: ({ data }: EventSourceMessage) => {
      const found = messagesIn(data);
      messages.push(...found);
      isDone ||=
        limits.requestId === undefined || found.some((message) => answers(limits.requestId, message));
    },
  });
  const read = await readChunks(body, limits, (text) => {
    parser.feed(text);
    return isDone ? 'enough' : 'more';
  });
  return { ...read, messages };
}

function answers(id: string | number | undefined, message: Message): boolean {
  const isAnswer = message['result'] !== undefined || message['error'] !== undefined;
  return isAnswer && (message['id'] === id || (message['id'] ?? null) === null);
}

/** Breaking out of the loop destroys the body, and with it the connection of a stream that goes on. */
async function readChunks(
  body: RawBody,
  { maxBytes, onBytes }: ReadLimits,
  visit: (text: string) => 'more' | 'enough',
): Promise<Omit<ReadBody, 'messages'>> {
  const decoder = new TextDecoder('utf-8');
  let left = maxBytes;
  let text = '';
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      onBytes(Math.min(chunk.byteLength, left));
      const piece = decoder.decode(chunk.subarray(0, left), { stream: true });
      text += piece;
      if (chunk.byteLength > left) return { body: text, truncated: true };
      left -= chunk.byteLength;
      if (visit(piece) === 'enough') return { body: text, truncated: false };
    }
    return { body: text + decoder.decode(), truncated: false };
  } catch {
    // Reset, deadline or less than announced: what came is the answer, and that it is not all is said.
    return { body: text, truncated: true };
  }
}

function withMessages(read: Omit<ReadBody, 'messages'>): ReadBody {
  return { ...read, messages: read.truncated ? [] : messagesIn(read.body) };
}

function messagesIn(text: string): readonly Message[] {
  try {
    const value: unknown = JSON.parse(text);
    return (Array.isArray(value) ? value : [value]).filter(isRecord);
  } catch {
    // Not JSON, which is for the checks to judge.
    return [];
  }
}
