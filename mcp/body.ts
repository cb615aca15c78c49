/**
 * Reading what a stranger sends: counted against one budget for the whole probe, checked to be UTF-8 before anything else
 * sees it. Chunks are judged as they arrive, so that a body without end costs no more memory than its budget.
 */
import type { Dispatcher } from 'undici';
import { failure } from './failure.ts';

type Body = Dispatcher.ResponseData['body'];

/** How many bytes a probe still reads, all answers together. */
export class ByteBudget {
  private remaining: number;

  constructor(maxBytes: number) {
    this.remaining = maxBytes;
  }

  /** @throws ProbeStop TooLarge when `bytes` are more than what is left. */
  take(bytes: number): void {
    this.remaining -= bytes;
    if (this.remaining < 0) throw failure('TooLarge', 'the server sent more than a probe reads');
  }
}

/** A piece of a body: its bytes, and the characters that they complete. */
export interface Chunk {
  readonly bytes: Uint8Array;
  readonly text: string;
}

/**
 * Hands the chunks of `body` to `visit` as they arrive, each counted and checked to continue valid UTF-8. Resolves at the end
 * of the body, or as soon as `visit` has enough: the rest is then read away, still counted, so that the connection stays good.
 * @throws ProbeStop TooLarge or InvalidEncoding, whatever `visit` throws, and the errors of the connection.
 */
export function consume(
  body: Body,
  budget: ByteBudget,
  visit: (chunk: Chunk) => 'more' | 'enough',
): Promise<void> {
  const decode = utf8Decoder();
  let wanted = true;
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      reject(error);
      body.destroy();
    };
    const take = (bytes: Uint8Array): void => {
      budget.take(bytes.byteLength);
      if (!wanted || visit({ bytes, text: decode(bytes) }) === 'more') return;
      wanted = false;
      resolve();
    };
    body.on('data', (bytes: Uint8Array) => attempt(() => take(bytes), fail));
    body.on('end', () => attempt(() => void (wanted && decode()), fail) && resolve());
    body.on('error', reject);
  });
}

/** Reads all of `body` as text. */
export async function readText(body: Body, budget: ByteBudget): Promise<string> {
  let text = '';
  await consume(body, budget, (chunk) => {
    text += chunk.text;
    return 'more';
  });
  return text;
}

/** Called without bytes it checks that the text does not end inside a character. */
function utf8Decoder(): (bytes?: Uint8Array) => string {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  return (bytes) => {
    try {
      return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
    } catch (error) {
      throw failure('InvalidEncoding', 'the answer is not UTF-8', error);
    }
  };
}

/** Errors thrown in a stream's listener would end the process: they go to `fail`. @returns whether `action` succeeded. */
function attempt(action: () => void, fail: (error: unknown) => void): boolean {
  try {
    action();
    return true;
  } catch (error) {
    fail(error);
    return false;
  }
}
