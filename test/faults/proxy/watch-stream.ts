/**
 * One open watch: takes the API server's bytes apart into frames (one JSON document a line), lets faults act on each, and sends what
 * is left, in order.
 */
import type { ServerResponse } from 'node:http';
import type { Clock } from '../../../core/clock.ts';
import type { FaultPlan } from './fault-plan.ts';
import type { Frame, FrameFault, FrameStep } from './faults.ts';
import type { OpenEntry } from './request-log.ts';
import type { ApiRequest } from './request.ts';

/** How a watch is ended from outside: in order, by a reset, or by a reset in the middle of a frame. */
export type CutMode = 'end' | 'reset' | 'midFrame';

/** What a stream needs from its proxy. */
export interface WatchStreamContext {
  readonly request: ApiRequest;
  readonly response: ServerResponse;
  readonly faults: FaultPlan;
  readonly entry: OpenEntry;
  readonly clock: Clock;
}

/** Sent in half when a stream is cut before it had any frame. */
const SOME_FRAME = '{"type":"MODIFIED","object":{"kind":"Status","apiVersion":"v1"}}';

/** The faulty half of one watch. Bytes go in by {@link write}; the stream owns the answer to the client. */
export class WatchStream {
  readonly request: ApiRequest;
  readonly #context: WatchStreamContext;
  readonly #memory = new Map<FrameFault, (frame: Frame) => FrameStep>();
  readonly #abort = new AbortController();
  #rest = '';
  #lastLine = SOME_FRAME;
  #queue: Promise<void> = Promise.resolve();

  constructor(context: WatchStreamContext) {
    this.#context = context;
    this.request = context.request;
  }

  /** Text from the API server, cut anywhere. */
  write(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') this.#enqueue(() => this.#deliver(line));
  }

  /** The API server closed the watch. */
  end(): void {
    this.#enqueue(() => this.cut('end'));
  }

  /** Ends the client's side now, frames in the queue are lost. */
  cut(mode: CutMode): void {
    this.#abort.abort();
    const { response } = this.#context;
    if (mode === 'end') response.end();
    else if (mode === 'reset') response.destroy();
    else cutInside(response, this.#lastLine);
  }

  #enqueue(step: () => Promise<void> | void): void {
    this.#queue = this.#queue.then(() => (this.#abort.signal.aborted ? undefined : step()));
    // A delay that is cut short by the end of the stream is no error.
    this.#queue = this.#queue.catch(() => undefined);
  }

  async #deliver(line: string): Promise<void> {
    const { clock, response, entry } = this.#context;
    const { send, delayMs, finish, half } = this.#decide({ type: frameType(line), line });
    if (delayMs !== undefined) await clock.sleep(delayMs, this.#abort.signal);
    for (const text of send) {
      response.write(`${text}\n`);
      entry.frame();
    }
    this.#lastLine = half ?? line;
    if (finish !== undefined) this.cut(finish === 'end' ? 'end' : 'midFrame');
  }

  #decide(frame: Frame): FrameStep {
    const { faults, entry } = this.#context;
    const fault = faults.forFrame(this.request, frame.type);
    if (fault === undefined) return { send: [frame.line] };
    entry.fault(fault.kind);
    const act = this.#memory.get(fault) ?? fault.start();
    this.#memory.set(fault, act);
    return act(frame);
  }
}

/** Sends the first half of `line`, and resets the connection when the bytes have left. */
function cutInside(response: ServerResponse, line: string): void {
  response.write(line.slice(0, Math.ceil(line.length / 2)), () => response.destroy());
}

/** The event's type, without reading the object. */
function frameType(line: string): string {
  return /^\{"type":"([A-Z]+)"/.exec(line)?.[1] ?? '';
}
