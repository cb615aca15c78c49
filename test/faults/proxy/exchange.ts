/**
 * One request through the proxy: met by a fault, or passed on; a watch goes through a {@link WatchStream}, any other answer as it is.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { Clock } from '../../../core/clock.ts';
import type { FaultPlan } from './fault-plan.ts';
import { statusBody, type RequestFault } from './faults.ts';
import type { FrozenViews } from './frozen-view.ts';
import type { OpenEntry, RequestLog } from './request-log.ts';
import { parseApiRequest, type ApiRequest } from './request.ts';
import type { Upstream } from './upstream.ts';
import { WatchStream } from './watch-stream.ts';

/** What every exchange of a proxy shares. */
export interface ExchangeContext {
  readonly upstream: Upstream;
  readonly faults: FaultPlan;
  readonly frozen: FrozenViews;
  readonly log: RequestLog;
  readonly clock: Clock;
  readonly watches: Set<WatchStream>;
  /** Added to every request. */
  latencyMs: number;
}

/** One request on its way. */
interface Exchange {
  readonly request: ApiRequest;
  readonly method: string;
  readonly incoming: IncomingMessage;
  readonly body: Buffer;
  readonly response: ServerResponse;
  readonly entry: OpenEntry;
  /** Aborts when the client is gone. */
  readonly signal: AbortSignal;
}

/** Answers one request of a client. Never throws: what goes wrong upstream is a reset for the client, as without a proxy. */
export async function exchange(
  context: ExchangeContext,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const method = incoming.method ?? 'GET';
  const request = parseApiRequest(method, incoming.url ?? '/', incoming.headers);
  const entry = context.log.begin(request);
  const abort = new AbortController();
  response.once('close', () => {
    entry.close();
    abort.abort();
  });
  try {
    const body = await buffer(incoming);
    await answer(context, { request, method, incoming, body, response, entry, signal: abort.signal });
  } catch {
    // The client left, or the API server did: both are told by the end of the connection.
    response.destroy();
  }
}

async function answer(context: ExchangeContext, call: Exchange): Promise<void> {
  if (context.latencyMs > 0) await context.clock.sleep(context.latencyMs, call.signal);
  const fault = context.faults.forRequest(call.request);
  if (fault === undefined) {
    await passOn(context, call);
    return;
  }
  call.entry.fault(fault.kind);
  await strike(context, call, fault);
}

async function strike(context: ExchangeContext, call: Exchange, fault: RequestFault): Promise<void> {
  switch (fault.kind) {
    case 'fail':
      refuse(call, fault);
      return;
    case 'reset':
      call.response.destroy();
      return;
    case 'hang':
      return;
    case 'loseResponse':
      await buffer(await send(context, call));
      call.response.destroy();
      return;
    case 'delay':
      await context.clock.sleep(fault.delayMs, call.signal);
      await passOn(context, call);
      return;
    case 'watchError':
      failWatch(call, fault);
      return;
  }
}

function refuse({ response, entry }: Exchange, fault: RequestFault & { kind: 'fail' }): void {
  const { code, reason, retryAfterSeconds } = fault;
  entry.status(code);
  response.writeHead(code, {
    'content-type': 'application/json',
    ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
  });
  response.end(statusBody(code, reason, retryAfterSeconds));
}

function failWatch({ response, entry }: Exchange, fault: RequestFault & { kind: 'watchError' }): void {
  entry.status(200);
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(`{"type":"ERROR","object":${statusBody(fault.code, fault.reason)}}\n`);
}

async function passOn(context: ExchangeContext, call: Exchange): Promise<void> {
  if (call.request.verb === 'watch') await context.frozen.thawed(call.request);
  const answered = await send(context, call);
  const { statusCode = 502, headers } = answered;
  call.entry.status(statusCode);
  call.response.writeHead(statusCode, headers);
  if (call.request.verb === 'watch' && statusCode === 200) await passWatchOn(context, call, answered);
  else await pipeline(answered, call.response);
}

function send(context: ExchangeContext, call: Exchange): Promise<IncomingMessage> {
  const url = context.frozen.rewrite(call.request);
  const { method, body, signal } = call;
  return context.upstream.send({ method, url, headers: call.incoming.headers, body }, signal);
}

async function passWatchOn(
  { faults, clock, watches }: ExchangeContext,
  { request, response, entry }: Exchange,
  answered: IncomingMessage,
): Promise<void> {
  // The client is told at once that its watch is open, however long it takes until there is an event.
  response.flushHeaders();
  const stream = new WatchStream({ request, response, faults, entry, clock });
  watches.add(stream);
  try {
    for await (const text of answered.setEncoding('utf8')) stream.write(String(text));
    stream.end();
  } finally {
    watches.delete(stream);
  }
}
