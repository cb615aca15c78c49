/**
 * Leader election over a Lease (client-go's algorithm and constants). Another's lease has expired when its record has not
 * changed for its duration by our own monotonic clock, so that clocks need not agree. Leadership that could not be renewed in
 * time is lost for good: the process ends, because nothing tells how far its work has got.
 */
import { systemClock, type Clock } from '../../../core/clock.ts';
import { ConfigError, errorMessage } from '../../../core/errors.ts';
import type { Logger } from '../../../core/logger.ts';
import { systemRandom, type Random } from '../../../core/random.ts';
import { AlreadyExistsError } from '../client/api-error.ts';
import type { KubernetesClient } from '../client/client.ts';
import { withDeadline } from '../client/deadline.ts';
import { apiVersionOf } from '../object/resource.ts';
import type { ObjectKey } from '../object/object.ts';
import { LeadershipLostError, type Leadership, type LeadershipObserver } from './leadership.ts';
import {
  claimedSpec,
  isHeldByAnother,
  LEASE_TYPE,
  releasedSpec,
  type Lease,
  type LeaseSpec,
} from './lease.ts';

/** How an elector competes. */
export interface LeaderElectorOptions {
  /** One whose calls end within half the renew deadline: `ApiServer.leaseClient`. */
  readonly client: KubernetesClient;
  readonly lease: ObjectKey;
  /** Unique for each process, for example the pod's name and a random suffix. */
  readonly identity: string;
  readonly logger: Logger;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Default 15 s. */
  readonly leaseDurationMs?: number;
  /** Default 10 s; less than the lease's duration. */
  readonly renewDeadlineMs?: number;
  /** Default 2 s. While competing, half of it, jittered up to 2.2 times that: a lease that was released in order is taken up within it. */
  readonly retryPeriodMs?: number;
  readonly observer?: LeadershipObserver;
}

/** One competitor. */
export interface LeaderElector {
  /**
   * Competes until `signal` aborts; once elected, runs `lead` and renews until it has ended, then releases the lease.
   * @throws LeadershipLostError as soon as the lease could not be renewed in time or is seen to be another's; `lead` is not
   * waited for.
   */
  run(signal: AbortSignal, lead: (leadership: Leadership) => Promise<void>): Promise<void>;
  isLeading(): boolean;
  /** False when we lead and have not renewed for a whole lease duration: this process should have ended. */
  isHealthy(): boolean;
}

const JITTER = 1.2;
const FIELD_MANAGER = 'leader-election';

/**
 * A competitor that does nothing until it runs.
 * @throws ConfigError unless duration > deadline > 1.2 * retry.
 */
export function createLeaderElector(options: LeaderElectorOptions): LeaderElector {
  return new LeaseElector(options);
}

class LeaseElector implements LeaderElector {
  readonly #options: LeaderElectorOptions;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #durationMs: number;
  readonly #deadlineMs: number;
  readonly #retryMs: number;
  #observed: Lease | undefined;
  #observedAtMs = 0;
  #renewedAtMs: number | undefined;

  constructor(options: LeaderElectorOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? systemRandom;
    this.#durationMs = options.leaseDurationMs ?? 15_000;
    this.#deadlineMs = options.renewDeadlineMs ?? 10_000;
    this.#retryMs = options.retryPeriodMs ?? 2_000;
    if (this.#durationMs <= this.#deadlineMs || this.#deadlineMs <= JITTER * this.#retryMs) {
      throw new ConfigError('leader election needs lease duration > renew deadline > 1.2 * retry period');
    }
  }

  isLeading(): boolean {
    return this.#renewedAtMs !== undefined;
  }

  isHealthy(): boolean {
    if (this.#renewedAtMs === undefined) return true;
    return this.#clock.monotonicMs() - this.#renewedAtMs < this.#durationMs;
  }

  async run(signal: AbortSignal, lead: (leadership: Leadership) => Promise<void>): Promise<void> {
    const { logger, identity, observer } = this.#options;
    logger.info('waiting for leadership', { lease: this.#options.lease.name, identity });
    if (!(await this.#compete(signal))) return;
    const epoch = this.#observed?.spec?.leaseTransitions ?? 0;
    const lease = this.#observed?.metadata.uid;
    logger.info('leading', { identity, epoch });
    observer?.leading(true);
    const lost = new AbortController();
    const finished = new AbortController();
    try {
      const work = lead({ epoch, ...(lease !== undefined && { lease }), signal: lost.signal }).finally(() =>
        finished.abort(),
      );
      // After a loss nobody waits for it any more.
      work.catch(ignoreAbort);
      await Promise.race([work, this.#renewUntil(finished.signal)]);
      await work;
    } catch (error) {
      lost.abort(error);
      throw error;
    } finally {
      observer?.leading(false);
      const wasLost = lost.signal.reason instanceof LeadershipLostError;
      if (!wasLost) await this.#release();
      this.#renewedAtMs = undefined;
    }
  }

  /** @returns false when `signal` aborted before we were elected. */
  async #compete(signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      if (await this.#attempt(signal)) return true;
      const waitMs = (this.#retryMs / 2) * (1 + JITTER * this.#random());
      await this.#clock.sleep(waitMs, signal).catch(ignoreAbort);
    }
    return false;
  }

  /** Resolves when `finished` aborts. */
  async #renewUntil(finished: AbortSignal): Promise<void> {
    while (!finished.aborted) {
      await this.#clock.sleep(this.#retryMs, finished).catch(ignoreAbort);
      if (finished.aborted) return;
      await this.#attempt(finished);
      if (!finished.aborted) this.#assertInTime();
    }
  }

  #assertInTime(): void {
    const ageMs = this.#clock.monotonicMs() - (this.#renewedAtMs ?? 0);
    if (ageMs > this.#deadlineMs) {
      throw new LeadershipLostError(
        `the lease was not renewed for ${Math.round(ageMs)} ms: leadership is lost`,
      );
    }
  }

  /** One try to take or renew the lease. Failures of any other kind than a loss mean "not now". */
  async #attempt(signal: AbortSignal): Promise<boolean> {
    const startedAtMs = this.#clock.monotonicMs();
    try {
      const won = await withDeadline(this.#clock, this.#attemptTimeoutMs(), signal, (inner) =>
        this.isLeading() ? this.#renew(inner) : this.#take(inner),
      );
      // Who was stopped before the answer came may have won what has expired since.
      if (!won || this.#clock.monotonicMs() - startedAtMs > this.#deadlineMs) return false;
      // From before the request: the server may have stored it any time since.
      this.#renewedAtMs = startedAtMs;
      return true;
    } catch (error) {
      if (error instanceof LeadershipLostError) throw error;
      if (!signal.aborted)
        this.#options.logger.warn('the lease could not be reached', { error: errorMessage(error) });
      return false;
    }
  }

  /** A leader's attempt must not outlast its leadership. */
  #attemptTimeoutMs(): number {
    const halfMs = Math.max(this.#deadlineMs / 2, 1_000);
    if (this.#renewedAtMs === undefined) return halfMs;
    const leftMs = this.#deadlineMs - (this.#clock.monotonicMs() - this.#renewedAtMs);
    return Math.max(1, Math.min(halfMs, leftMs));
  }

  async #take(signal: AbortSignal): Promise<boolean> {
    const { client, lease, identity } = this.#options;
    const current = await client.get(LEASE_TYPE, lease, signal);
    if (current === undefined) return this.#create(signal);
    this.#observe(current);
    if (isHeldByAnother(current.spec, identity, this.#clock.monotonicMs() - this.#observedAtMs)) return false;
    return this.#claim(current, signal);
  }

  /** A leader knows the record, because it wrote it; only when that no longer works does it look. */
  async #renew(signal: AbortSignal): Promise<boolean> {
    const { client, lease, logger, observer } = this.#options;
    try {
      if (this.#observed !== undefined) return await this.#claim(this.#observed, signal);
    } catch (error) {
      signal.throwIfAborted();
      logger.debug('the lease was not renewed from memory', { error: errorMessage(error) });
    }
    const current = await client.get(LEASE_TYPE, lease, signal);
    observer?.slowPath();
    if (current === undefined) return this.#create(signal);
    this.#assertHolder(current);
    return this.#claim(current, signal);
  }

  /** Also of a lease that nobody holds any more: another may have led in between, so our epoch proves nothing. */
  #assertHolder({ spec }: Lease): void {
    const holder = spec?.holderIdentity ?? '';
    if (holder === this.#options.identity) return;
    throw new LeadershipLostError(
      `the lease is held by ${holder === '' ? 'nobody' : holder}: leadership is lost`,
    );
  }

  async #claim(current: Lease, signal: AbortSignal): Promise<boolean> {
    const { identity } = this.#options;
    const spec = claimedSpec(current.spec, identity, this.#durationMs / 1000, this.#clock.now());
    this.#observe(await this.#replace(current, spec, signal));
    return true;
  }

  /** There is none, or none any more: then the epoch goes on from the one we knew. */
  async #create(signal: AbortSignal): Promise<boolean> {
    const { client, lease, identity } = this.#options;
    const spec = claimedSpec(this.#observed?.spec, identity, this.#durationMs / 1000, this.#clock.now());
    const object: Lease = {
      apiVersion: apiVersionOf(LEASE_TYPE),
      kind: LEASE_TYPE.kind,
      metadata: lease,
      spec,
    };
    try {
      this.#observe(await client.create(LEASE_TYPE, object, { fieldManager: FIELD_MANAGER }, signal));
      return true;
    } catch (error) {
      // Another replica was quicker.
      if (error instanceof AlreadyExistsError) return false;
      throw error;
    }
  }

  #replace(current: Lease, spec: LeaseSpec, signal: AbortSignal): Promise<Lease> {
    const lease: Lease = { ...current, spec };
    return this.#options.client.replace(LEASE_TYPE, lease, { fieldManager: FIELD_MANAGER }, signal);
  }

  #observe(lease: Lease): void {
    if (lease.metadata.resourceVersion !== this.#observed?.metadata.resourceVersion) {
      this.#observedAtMs = this.#clock.monotonicMs();
    }
    this.#observed = lease;
  }

  async #release(): Promise<void> {
    const current = this.#observed;
    if (!this.isLeading() || current?.spec?.holderIdentity !== this.#options.identity) return;
    try {
      await this.#replace(
        current,
        releasedSpec(current.spec, this.#clock.now()),
        new AbortController().signal,
      );
      this.#options.logger.info('released the lease');
    } catch (error) {
      // It expires by itself; the next leader waits a little longer.
      this.#options.logger.warn('the lease could not be released', { error: errorMessage(error) });
    }
  }
}

/** The loops look at the signal themselves. */
function ignoreAbort(): void {}
