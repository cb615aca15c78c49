/**
 * Starts a cluster's programs one after the other, each with its log and its place in the state file, and waits until one does its
 * work. A program that ends while it is waited for is reported with the end of its log.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../core/clock.ts';
import { TerminalError } from '../../core/errors.ts';
import type { Instance } from './instance.ts';
import { isRunning, logTail, startProcess, type ProcessRecord } from './processes.ts';
import { writeState, type ClusterState } from './state.ts';

/** A program to start; its log is named after it. */
export interface Launch {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

/** What is known of a cluster before its first program. */
export type ClusterStart = Pick<ClusterState, 'kubernetesVersion' | 'endpoints' | 'hasNode'>;

/** When a started program counts as working. */
export interface Readiness {
  readonly check: () => Promise<boolean>;
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
}

const POLL_MS = 100;

/** Starts programs of one cluster and keeps its state file. */
export class Launcher {
  readonly #cluster: Instance;
  #state: ClusterState;

  constructor(cluster: Instance, state: ClusterStart) {
    this.#cluster = cluster;
    const { number, directory } = cluster;
    this.#state = { ...state, instance: number, directory, complete: false, processes: [] };
  }

  /** What has been started so far. */
  get state(): ClusterState {
    return this.#state;
  }

  /** Begins the logs and the state, before anything is started. */
  async begin(): Promise<void> {
    await rm(join(this.#cluster.directory, 'logs'), { recursive: true, force: true });
    await writeState(this.#cluster, this.#state);
  }

  /** Notes that everything has been started. */
  async finish(): Promise<void> {
    this.#state = { ...this.#state, complete: true };
    await writeState(this.#cluster, this.#state);
  }

  /** Starts a program, and waits for its readiness when one is given. */
  async launch({ name, command, args }: Launch, readiness?: Readiness): Promise<ProcessRecord> {
    const log = join(this.#cluster.directory, 'logs', `${name}.log`);
    const record = await startProcess({ name, command, args, log });
    this.#state = { ...this.#state, processes: [...this.#state.processes, record] };
    await writeState(this.#cluster, this.#state);
    if (readiness !== undefined) await waitUntilReady(record, readiness);
    return record;
  }
}

async function waitUntilReady(
  record: ProcessRecord,
  { check, deadlineMs, signal }: Readiness,
): Promise<void> {
  const deadline = systemClock.monotonicMs() + deadlineMs;
  while (!(await check())) {
    if (!(await isRunning(record))) throw await notReady(record, 'ended while it was starting');
    if (systemClock.monotonicMs() > deadline)
      throw await notReady(record, `is not ready after ${deadlineMs / 1000} s`);
    await systemClock.sleep(POLL_MS, signal);
  }
}

async function notReady(record: ProcessRecord, what: string): Promise<TerminalError> {
  return new TerminalError(`${record.name} ${what}; the end of ${record.log}:\n${await logTail(record.log)}`);
}
