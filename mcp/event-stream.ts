/**
 * Finding one answer in a stream of server-sent events. A stream may carry notifications, requests and keep-alives first, may
 * stay open afterwards, and may break off to be continued by event id: bounded in bytes by the budget, in time by the signal,
 * and in continuations here, because a server chooses how long to wait before each.
 */
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import type { Dispatcher } from 'undici';
import type { Clock } from '../core/clock.ts';
import { consume, type ByteBudget } from './body.ts';
import { failure } from './failure.ts';
import { answerTo } from './message.ts';

/** How often a stream may break off before its answer. */
const MAX_RESUMPTIONS = 3;
/** Milliseconds before a stream is continued, unless the server says otherwise. */
const DEFAULT_RETRY_MS = 1_000;

type Body = Dispatcher.ResponseData['body'];

/** A stream that can be continued. */
export interface EventStream {
  readonly first: Body;
  /** Opens the stream again behind the event `lastEventId`. */
  open(lastEventId: string): Promise<Body>;
  /** Takes over a stream whose answer has been read. */
  done(body: Body): void;
}

/** Where a stream stands: what to continue from, and the answer once it came. */
interface Progress {
  answer?: string;
  lastEventId?: string;
  retryMs: number;
}

/**
 * @returns the text of the answer to request `id`.
 * @throws ProbeStop when the stream ends without it, or is no event stream of JSON messages.
 */
export async function readStreamedAnswer(
  id: string | number,
  stream: EventStream,
  budget: ByteBudget,
  clock: Clock,
  signal: AbortSignal,
): Promise<string> {
  const progress: Progress = { retryMs: DEFAULT_RETRY_MS };
  let body = stream.first;
  for (let resumptions = 0; ; resumptions++) {
    await readUntilAnswer(id, body, budget, progress);
    if (progress.answer !== undefined) {
      stream.done(body);
      return progress.answer;
    }
    if (progress.lastEventId === undefined || resumptions === MAX_RESUMPTIONS) {
      throw failure('ProtocolError', 'the event stream ended without the answer');
    }
    await clock.sleep(progress.retryMs, signal);
    body = await stream.open(progress.lastEventId);
  }
}

async function readUntilAnswer(
  id: string | number,
  body: Body,
  budget: ByteBudget,
  progress: Progress,
): Promise<void> {
  const parser = createParser({
    onEvent: (event) => note(id, event, progress),
    onRetry: (retryMs) => void (progress.retryMs = retryMs),
  });
  await consume(body, budget, (chunk) => {
    parser.feed(chunk.text);
    return progress.answer === undefined ? 'more' : 'enough';
  });
}

function note(id: string | number, event: EventSourceMessage, progress: Progress): void {
  if (event.id !== undefined && event.id !== '') progress.lastEventId = event.id;
  const isMessage = event.event === undefined || event.event === 'message';
  if (!isMessage || event.data === '' || progress.answer !== undefined) return;
  const answer = answerTo(id, event.data);
  if (answer !== undefined) progress.answer = answer;
}
