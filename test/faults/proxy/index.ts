/**
 * The fault proxy: see `proxy.ts` for its use and `faults.ts` for what it can do.
 */
export { startFaultProxy, type FaultProxy, type FaultProxyOptions } from './proxy.ts';
export type { Injected } from './fault-plan.ts';
export type { FrozenView } from './frozen-view.ts';
export type { LogEntry, RequestLog } from './request-log.ts';
export type { CutMode } from './watch-stream.ts';
export type { ApiRequest, RequestMatch, Verb } from './request.ts';
export {
  cutMidFrame,
  delay,
  delayEvents,
  dropEvents,
  duplicateEvents,
  endWatch,
  expiredEvent,
  fail,
  hang,
  loseResponse,
  reorderEvents,
  reset,
  stall,
  withholdBookmarks,
  type Frame,
  type FrameFault,
  type RequestFault,
} from './faults.ts';
