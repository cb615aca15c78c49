/**
 * The faults a proxy can inject, as data: what happens to a request, or to the frames of a watch. Build them with the functions
 * below; `FaultProxy.inject` says to whom and how often.
 */

/** Something that happens to a request instead of being passed on. */
export type RequestFault =
  /** Answered by the proxy; the API server never sees it. */
  | {
      readonly kind: 'fail';
      readonly code: number;
      readonly reason: string;
      readonly retryAfterSeconds: number | undefined;
    }
  /** The connection is cut; the API server never sees the request. */
  | { readonly kind: 'reset' }
  /** Never answered; the API server never sees the request. */
  | { readonly kind: 'hang' }
  /** Passed on, and what it did stands; then the connection is cut instead of the answer. */
  | { readonly kind: 'loseResponse' }
  /** Passed on after a while. */
  | { readonly kind: 'delay'; readonly delayMs: number }
  /** A watch that opens and at once reports an error as its only event, as an expired resource version does. */
  | { readonly kind: 'watchError'; readonly code: number; readonly reason: string };

/** A frame is one line of a watch: the JSON of one event, without its line break. */
export interface Frame {
  readonly type: string;
  readonly line: string;
}

/** What is done at a frame: lines are sent, then the stream goes on or ends in one of these ways. */
export interface FrameStep {
  readonly send: readonly string[];
  readonly delayMs?: number;
  /** `end`: the server closes in order; `cut`: in the middle of the next line, with a reset. */
  readonly finish?: 'end' | 'cut';
  /** The line of which `cut` sends the first half. */
  readonly half?: string;
}

/** Something that happens to the frames of matching watches, also of those that are open already. */
export interface FrameFault {
  readonly kind: string;
  /** Makes the fault's memory for one stream, and decides about frame after frame. */
  readonly start: () => (frame: Frame) => FrameStep;
  /** Only frames of these types (`ADDED`, `BOOKMARK` ...) meet the fault; all when absent. */
  readonly types?: readonly string[];
}

const REASONS: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Expired',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

/** Answers with a `metav1.Status` of this code. */
export function fail(
  code: number,
  options: { readonly retryAfterSeconds?: number; readonly reason?: string } = {},
): RequestFault {
  const reason = options.reason ?? REASONS[code] ?? '';
  return { kind: 'fail', code, reason, retryAfterSeconds: options.retryAfterSeconds };
}

/** Cuts the connection before the request is passed on. */
export const reset: RequestFault = { kind: 'reset' };
/** Swallows the request: the client waits until its own deadline. */
export const hang: RequestFault = { kind: 'hang' };
/** Lets the request take effect and loses the answer. */
export const loseResponse: RequestFault = { kind: 'loseResponse' };
/** The watch's resource version is too old, told as an event of the stream. */
export const expiredEvent: RequestFault = { kind: 'watchError', code: 410, reason: 'Expired' };

/** Passes the request on after `delayMs`. */
export function delay(delayMs: number): RequestFault {
  return { kind: 'delay', delayMs };
}

/** From now on no frame, bookmarks included, reaches the client; the connection stays open. Nothing is made up for. */
export const stall: FrameFault = { kind: 'stall', start: () => () => ({ send: [] }) };

/** Keeps bookmarks back. */
export const withholdBookmarks: FrameFault = { ...stall, kind: 'withholdBookmarks', types: ['BOOKMARK'] };

/** Keeps events of these types back for ever: what no real API server should do, and some have done. */
export function dropEvents(...types: readonly string[]): FrameFault {
  return { ...stall, kind: 'dropEvents', types };
}

/** Sends each event twice. */
export const duplicateEvents: FrameFault = {
  kind: 'duplicateEvents',
  start: () => (frame) => ({ send: [frame.line, frame.line] }),
};

/** Sends events in pairs, the later one first. */
export const reorderEvents: FrameFault = {
  kind: 'reorderEvents',
  types: ['ADDED', 'MODIFIED', 'DELETED'],
  start: () => {
    let held: string | undefined;
    return ({ line }) => {
      const send = held === undefined ? [] : [line, held];
      held = held === undefined ? line : undefined;
      return { send };
    };
  },
};

/** Sends each event, bookmarks too, `delayMs` after the one before it at the earliest. */
export function delayEvents(delayMs: number): FrameFault {
  return { kind: 'delayEvents', start: () => (frame) => ({ send: [frame.line], delayMs }) };
}

/** Cuts the connection in the middle of a frame. */
export const cutMidFrame: FrameFault = {
  kind: 'cutMidFrame',
  start: () => (frame) => ({ send: [], finish: 'cut', half: frame.line }),
};

/** Closes the watch in order instead of sending a frame. */
export const endWatch: FrameFault = { kind: 'endWatch', start: () => () => ({ send: [], finish: 'end' }) };

/** The API server's body for an error. */
export function statusBody(code: number, reason: string, retryAfterSeconds?: number): string {
  return JSON.stringify({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `injected by the fault proxy: ${reason === '' ? code : reason}`,
    reason,
    details: retryAfterSeconds === undefined ? {} : { retryAfterSeconds },
    code,
  });
}
