/**
 * How much the server takes in at a time. Anybody in the cluster can open a connection to it, and what is being read is memory that the
 * controllers need too.
 */

/** The API server's own limit for a request. */
export const MAX_BODY_BYTES = 3 * 1024 * 1024;

/** Limits of all requests together. */
export interface IntakeLimits {
  readonly maxRequests: number;
  /** Of all bodies that are being read or judged. */
  readonly maxTotalBytes: number;
}

/** The server has enough to do: HTTP 503, and the API server asks again in a second. */
export class BusyError extends Error {
  override readonly name = 'BusyError';
}

/** The body is larger than any that the API server sends: HTTP 413. */
export class BodyTooLargeError extends Error {
  override readonly name = 'BodyTooLargeError';

  constructor() {
    super(`the body is larger than ${MAX_BODY_BYTES} bytes`);
  }
}

/** The sender went away before the end of the body: nobody is there to be answered. */
export class SenderGoneError extends Error {
  override readonly name = 'SenderGoneError';
}

/** As much of a readable stream as is used. */
export interface Body {
  on(event: 'data', listener: (chunk: Buffer) => void): unknown;
  on(event: 'end' | 'close', listener: () => void): unknown;
}

/** Counts what is taken in. */
export class Intake {
  readonly #limits: IntakeLimits;
  #requests = 0;
  #bytes = 0;

  constructor(limits: IntakeLimits) {
    this.#limits = limits;
  }

  /**
   * Reads `body` and hands its text to `use`; both count until `use` has ended.
   * @throws BusyError, BodyTooLargeError or SenderGoneError, or what `use` throws.
   */
  async take<T>(body: Body, use: (text: string) => Promise<T>): Promise<T> {
    if (this.#requests >= this.#limits.maxRequests) throw new BusyError('too many requests at a time');
    let bytes = 0;
    this.#requests += 1;
    try {
      const text = await readBody(body, (length) => {
        bytes += length;
        this.#bytes += length;
        if (bytes > MAX_BODY_BYTES) throw new BodyTooLargeError();
        if (this.#bytes > this.#limits.maxTotalBytes) throw new BusyError('too many bodies at a time');
      });
      return await use(text);
    } finally {
      this.#requests -= 1;
      this.#bytes -= bytes;
    }
  }
}

/** What is left of a refused body is read and dropped, within the time that a request may take. */
function readBody(body: Body, admit: (length: number) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] | undefined = [];
    const refuse = (error: unknown): void => {
      chunks = undefined;
      reject(error);
    };
    body.on('data', (chunk) => {
      if (chunks === undefined) return;
      try {
        admit(chunk.length);
        chunks.push(chunk);
      } catch (error) {
        refuse(error);
      }
    });
    let ended = false;
    body.on('end', () => {
      ended = true;
      resolve(Buffer.concat(chunks ?? []).toString('utf8'));
    });
    // Every body closes, and an error that nobody needs is not free to make.
    body.on('close', () => {
      if (!ended) refuse(new SenderGoneError('the sender is gone'));
    });
  });
}
