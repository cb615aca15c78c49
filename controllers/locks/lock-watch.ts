/**
 * Watches the locks of admission: the webhook configuration, and the ValidatingAdmissionPolicies that hold without it. Whoever removes
 * one of them can write what policies forbid, so it is told at once: by a metric, an Event, and the conditions of the policies.
 */
import { Gauge, type Registry } from 'prom-client';
import type { Logger } from '../../core/logger.ts';
import type { EventRecorder, Informers, Runnable } from '../../operator/runtime/index.ts';
import type { WebhookExpectation } from './inspect.ts';
import { secondLock, webhookLock, type Lock } from './lock.ts';
import { reportLocks } from './report.ts';

/** Which locks this installation has. */
export interface LockSettings {
  /** Undefined where this process serves no webhooks: then nothing asks it, whatever is configured. */
  readonly webhook: (WebhookExpectation & { readonly configuration: string }) | undefined;
  /** What the names of its policies begin with; undefined where the installation goes without it. */
  readonly secondLock: string | undefined;
}

export interface LockWatchDependencies {
  readonly informers: Informers;
  readonly recorder: EventRecorder;
  readonly metrics: Registry;
  readonly logger: Logger;
  readonly settings: LockSettings;
}

/** Whether each lock is there, and whole. */
export interface LockStates {
  readonly webhook: boolean;
  /** Also where the installation goes without it: then nothing is missing. */
  readonly secondLock: boolean;
}

/** @see module header. As a runnable it records the Events, so that one replica does. */
export interface LockWatch extends Runnable {
  locks(): LockStates;
  /** Whether {@link locks} knows the cluster yet. */
  hasSynced(): boolean;
  /** Calls `tell` whenever the answer may be another one. Returns the function that stops it. */
  onChange(tell: () => void): () => void;
}

/** Asks for its informers, so call it before they are started. */
export function createLockWatch(dependencies: LockWatchDependencies): LockWatch {
  const { informers, settings, metrics, recorder, logger } = dependencies;
  const { webhook: served, secondLock: prefix } = settings;
  const webhook = served && webhookLock(informers, served.configuration, served);
  const second = prefix === undefined ? undefined : secondLock(informers, prefix);
  const locks = [webhook, second].filter((lock) => lock !== undefined);
  registerLockMetric(metrics, locks);
  return {
    locks: () => ({
      webhook: webhook !== undefined && isWhole(webhook),
      secondLock: second === undefined || isWhole(second),
    }),
    hasSynced: () => locks.every((lock) => lock.hasSynced()),
    onChange: (tell) => onChangeOf(locks, tell),
    run: (stop) => reportLocks(locks, { recorder, logger }, stop),
  };
}

function isWhole(lock: Lock): boolean {
  return lock.problem() === undefined;
}

function onChangeOf(locks: readonly Lock[], tell: () => void): () => void {
  const removals = locks.map((lock) => lock.onChange(tell));
  return () => {
    for (const remove of removals) remove();
  };
}

/** Read when metrics are read. A lock that is not known yet, or that the installation goes without, has no series. */
function registerLockMetric(registry: Registry, locks: readonly Lock[]): void {
  const present = new Gauge({
    name: 'mcp_admission_lock_present',
    help: 'Whether the lock of admission (webhook: the webhook configuration, second: the ValidatingAdmissionPolicies) is there and whole (1) or not (0).',
    labelNames: ['lock'] as const,
    registers: [registry],
    collect: () => {
      for (const lock of locks) if (lock.hasSynced()) present.set({ lock: lock.name }, isWhole(lock) ? 1 : 0);
    },
  });
}
