/** The operator under measurement: one process at a time on the rig, looked at from outside while it lives. */
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../../core/clock.ts';
import { startOperator, type OperatorProcess } from '../../faults/process/index.ts';
import { waitFor } from '../../harness/wait.ts';
import { deployedEnvironment, deployedNodeFlags } from './deployed-node.ts';
import { sumMetric } from './metrics.ts';
import { POD_IP, POD_IP_VARIABLE, PROBE_PORT_VARIABLE } from './probe-redirection.ts';

/** As whom the operator calls: the audit log counts by this name. */
export const OPERATOR_USER = 'bench-operator';

const PRELOAD = fileURLToPath(new URL('redirect-probes.js', import.meta.url));
const SAMPLE_MS = 250;
const MEBIBYTE = 1024 ** 2;
const READY_MS = 180_000;
const QUIET_MS = 300_000;
const LOOK_EVERY_MS = 250;
/** Added for each reconcile that is waited for, each with its writes. */
const QUIET_MS_EACH = 50;

/** Where and how the operator runs. */
export interface BenchOperatorOptions {
  readonly kubeconfigPath: string;
  readonly apiPort: number;
  /** Of the MCP server that answers every probe. */
  readonly probePort: number;
  /** Path of the bundle: what the image and the npm package carry, so what users run. */
  readonly bundle: string;
  /** The command of the bundle: `operator` by default. */
  readonly role?: 'operator' | 'executor';
  /** What its pod would tell it. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Starts, watches and stops operators. */
export class BenchOperator {
  readonly #options: BenchOperatorOptions;
  #process: OperatorProcess | undefined;
  #stopSampling: () => void = () => undefined;
  #mostConnections = 0;

  constructor(options: BenchOperatorOptions) {
    this.#options = options;
  }

  /** The same program on the same cluster, with another MCP server behind the pods. */
  onPort(probePort: number): BenchOperator {
    return new BenchOperator({ ...this.#options, probePort });
  }

  /** The same program as somebody else. */
  as(
    identity: Required<Pick<BenchOperatorOptions, 'kubeconfigPath' | 'role' | 'environment'>>,
  ): BenchOperator {
    return new BenchOperator({ ...this.#options, ...identity });
  }

  get bundle(): string {
    return this.#options.bundle;
  }

  /** The most connections to the API server that any process had at once. */
  get mostConnections(): number {
    return this.#mostConnections;
  }

  /** The running process. @throws when there is none. */
  get process(): OperatorProcess {
    if (this.#process === undefined) throw new Error('no operator is running');
    return this.#process;
  }

  /** Starts a process and waits until it is ready. @returns how long that took, in milliseconds. */
  async start(flags: readonly string[] = []): Promise<number> {
    const startedAtMs = systemClock.monotonicMs();
    this.#process = await this.spawn(flags);
    await this.#process.ready(READY_MS);
    this.#sample(this.#process);
    return systemClock.monotonicMs() - startedAtMs;
  }

  /** Starts a process beside the one under measurement, and does not wait. */
  async spawn(flags: readonly string[] = []): Promise<OperatorProcess> {
    const { kubeconfigPath, probePort, bundle, role = 'operator', environment = {} } = this.#options;
    return startOperator({
      kubeconfigPath,
      nodeFlags: [...(await deployedNodeFlags()), '--import', PRELOAD],
      env: {
        ...(await deployedEnvironment()),
        ...environment,
        [PROBE_PORT_VARIABLE]: String(probePort),
        [POD_IP_VARIABLE]: POD_IP,
      },
      flags: ['--log-level=warn', ...flags],
      program: [bundle, role],
    });
  }

  async stop(): Promise<void> {
    this.#stopSampling();
    await this.#process?.terminate();
    this.#process = undefined;
  }

  async memoryMiB(): Promise<{ readonly now: number; readonly peak: number }> {
    const { residentBytes, peakBytes } = await this.process.memory();
    return { now: residentBytes / MEBIBYTE, peak: peakBytes / MEBIBYTE };
  }

  /** A metric's sum; undefined when the process does not have it. */
  async metric(name: string): Promise<number | undefined> {
    return sumMetric(await this.process.metrics(), name);
  }

  /** Resolves when `reconciles` were done in this process and none waits or runs. */
  async quiet(reconciles: number): Promise<void> {
    const look = async (): Promise<boolean> => {
      const text = await this.process.metrics();
      const sum = (name: string): number => sumMetric(text, name) ?? 0;
      return (
        sum('controller_runtime_reconcile_total') >= reconciles &&
        sum('workqueue_depth') === 0 &&
        sum('controller_runtime_active_workers') === 0
      );
    };
    const deadlineMs = QUIET_MS + reconciles * QUIET_MS_EACH;
    await waitFor(look, { deadlineMs, intervalMs: LOOK_EVERY_MS, description: 'the queue to be empty' });
  }

  #sample(process: OperatorProcess): void {
    const timer = setInterval(() => {
      process.connectionsTo(this.#options.apiPort).then(
        (count) => (this.#mostConnections = Math.max(this.#mostConnections, count)),
        // The process has ended: nothing to count.
        () => undefined,
      );
    }, SAMPLE_MS);
    this.#stopSampling = () => clearInterval(timer);
  }
}
