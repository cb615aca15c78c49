/**
 * Delivers events in the background, one at a time and in order. A full queue, a refusal or an outage costs events, never a
 * reconcile: they tell people what happened, and status tells what is.
 */
import { randomBytes } from 'node:crypto';
import { systemClock, type Clock } from '../../../core/clock.ts';
import { errorMessage } from '../../../core/errors.ts';
import type { Logger } from '../../../core/logger.ts';
import { NotFoundError } from '../client/api-error.ts';
import type { KubernetesClient } from '../client/client.ts';
import { withDeadline } from '../client/deadline.ts';
import { keyOf, type KubernetesObject } from '../object/object.ts';
import { EventCorrelator, type Verdict } from './correlator.ts';
import { EVENT_TYPE, newEvent, type Reporter } from './event-object.ts';
import type { EventDetails, EventRecorder } from './recorder.ts';

/** What a broadcaster is made of. */
export interface EventBroadcasterOptions {
  readonly client: KubernetesClient;
  readonly reporter: Reporter;
  readonly logger: Logger;
  readonly clock?: Clock;
}

/** A recorder with a life cycle. */
export interface EventBroadcaster extends EventRecorder {
  /** Delivers until `signal` aborts; what is queued then is given a moment to go out. */
  run(signal: AbortSignal): Promise<void>;
}

interface Occurrence {
  readonly object: KubernetesObject;
  readonly details: EventDetails;
}

const MAX_QUEUED = 1_000;
const DELIVERY_TIMEOUT_MS = 10_000;
const DRAIN_TIMEOUT_MS = 3_000;

/** A broadcaster that queues until it runs. */
export function createEventBroadcaster(options: EventBroadcasterOptions): EventBroadcaster {
  return new QueueingBroadcaster(options);
}

class QueueingBroadcaster implements EventBroadcaster {
  readonly #options: EventBroadcasterOptions;
  readonly #clock: Clock;
  readonly #correlator: EventCorrelator;
  readonly #queue: Occurrence[] = [];
  #wake: () => void = () => undefined;

  constructor(options: EventBroadcasterOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#correlator = new EventCorrelator(this.#clock);
  }

  event(object: KubernetesObject, details: EventDetails): void {
    if (this.#queue.length >= MAX_QUEUED) {
      this.#options.logger.debug('an event was dropped: too many wait', { reason: details.reason });
      return;
    }
    this.#queue.push({ object, details });
    this.#wake();
  }

  async run(signal: AbortSignal): Promise<void> {
    const onAbort = (): void => this.#wake();
    signal.addEventListener('abort', onAbort, { once: true });
    // Deliveries outlive the abort for a moment, so that the last words of a process are heard.
    const delivery = new AbortController();
    while (!signal.aborted) {
      await this.#drain(delivery.signal);
      if (!signal.aborted) await this.#untilWoken();
    }
    const cutOff = this.#clock.setTimeout(() => delivery.abort(), DRAIN_TIMEOUT_MS);
    await this.#drain(delivery.signal);
    cutOff.cancel();
    signal.removeEventListener('abort', onAbort);
  }

  #untilWoken(): Promise<void> {
    if (this.#queue.length > 0) return Promise.resolve();
    return new Promise((resolve) => (this.#wake = resolve));
  }

  async #drain(signal: AbortSignal): Promise<void> {
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      if (signal.aborted) return;
      const verdict = this.#correlator.observe(next.object, next.details);
      if (verdict.kind !== 'drop') await this.#deliver(next, verdict, signal);
    }
  }

  async #deliver(
    occurrence: Occurrence,
    verdict: Exclude<Verdict, { kind: 'drop' }>,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      await withDeadline(this.#clock, DELIVERY_TIMEOUT_MS, signal, (inner) =>
        verdict.kind === 'create'
          ? this.#create(occurrence, verdict.key, inner)
          : this.#extend(verdict, inner),
      );
    } catch (error) {
      this.#correlator.forget(verdict.key);
      // An expired event is replaced by a new one; anything else is not worth more than a line.
      if (error instanceof NotFoundError && verdict.kind === 'extend') {
        this.event(occurrence.object, occurrence.details);
        return;
      }
      this.#options.logger.warn('an event could not be recorded', { error: errorMessage(error) });
    }
  }

  async #create({ object, details }: Occurrence, key: string, signal: AbortSignal): Promise<void> {
    const { client, reporter } = this.#options;
    const event = newEvent(object, details, reporter, this.#clock.now(), randomBytes(8).toString('hex'));
    const stored = await client.create(EVENT_TYPE, event, { fieldManager: reporter.controller }, signal);
    this.#correlator.stored(key, stored);
  }

  async #extend(verdict: Extract<Verdict, { kind: 'extend' }>, signal: AbortSignal): Promise<void> {
    const { client, reporter } = this.#options;
    const operation = { op: 'add', path: '/series', value: verdict.series } as const;
    const options = { fieldManager: reporter.controller };
    await client.patchJson(EVENT_TYPE, keyOf(verdict.event), [operation], options, signal);
  }
}
