/**
 * The operator as a user runs it: a process of its own, started from the command line, ready when `/readyz` says so, ended by
 * signals, and looked at from outside only.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { freePorts } from '../../../hack/cluster/ports.ts';
import { waitFor } from '../../harness/wait.ts';
import { countConnections, readCpuSeconds, readMemory, type Memory } from './proc.ts';

/** How to start an operator. */
export interface OperatorOptions {
  readonly kubeconfigPath: string;
  /** More flags of `kilo-mcp operator`, such as `--leader-elect=true`. */
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The program instead of `operator/main.ts operator`: another revision's, or the bundle. */
  readonly program?: readonly string[];
  /** Flags of Node itself. */
  readonly nodeFlags?: readonly string[];
}

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A started operator. */
export interface OperatorProcess {
  readonly pid: number;
  /** Its log so far, a JSON object a line. */
  readonly lines: readonly string[];
  readonly exited: Promise<Exit>;
  /** Resolves when `/readyz` answers 200; rejects with the end of the log when the process ends or `deadlineMs` passes. */
  ready(deadlineMs?: number): Promise<void>;
  /** Status code of `/healthz` or `/readyz`; undefined when there is no answer within a second. */
  health(path: '/healthz' | '/readyz'): Promise<number | undefined>;
  /** The text of `/metrics`. */
  metrics(): Promise<string>;
  /** Sends a signal: `SIGSTOP` and `SIGCONT` pause and resume it. */
  signal(name: NodeJS.Signals): void;
  /** SIGKILL, and waits for the end. */
  kill(): Promise<Exit>;
  /** SIGTERM, and waits for the end at most `deadlineMs`. */
  terminate(deadlineMs?: number): Promise<Exit>;
  memory(): Promise<Memory>;
  cpuSeconds(): Promise<number>;
  /** Established connections to a port of the loopback. */
  connectionsTo(port: number): Promise<number>;
}

const PROGRAM = [fileURLToPath(new URL('../../../operator/main.ts', import.meta.url)), 'operator'];
const HOST = '127.0.0.1';
const SHOWN_LINES = 20;

/** Starts an operator; it is killed when this process exits before it. */
export async function startOperator(options: OperatorOptions): Promise<OperatorProcess> {
  const [healthPort = 0, metricsPort = 0] = await freePorts(HOST, 2);
  const child = spawn(
    process.execPath,
    [
      ...(options.nodeFlags ?? []),
      ...(options.program ?? PROGRAM),
      ...flags(options, healthPort, metricsPort),
    ],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
    },
  );
  const killWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', killWithUs);
  const lines = collectLines(child);
  await once(child, 'spawn');
  const exited = exitOf(child).finally(() => process.off('exit', killWithUs));
  return control(child, {
    lines,
    exited,
    health: `http://${HOST}:${healthPort}`,
    metrics: `http://${HOST}:${metricsPort}`,
  });
}

function flags(options: OperatorOptions, healthPort: number, metricsPort: number): readonly string[] {
  return [
    `--kubeconfig=${options.kubeconfigPath}`,
    `--health-probe-bind-address=${HOST}:${healthPort}`,
    `--metrics-bind-address=${HOST}:${metricsPort}`,
    ...(options.flags ?? []),
  ];
}

function collectLines(child: ChildProcess): string[] {
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (stream !== null) createInterface(stream).on('line', (line) => lines.push(line));
  }
  return lines;
}

async function exitOf(child: ChildProcess): Promise<Exit> {
  await once(child, 'exit');
  return { code: child.exitCode, signal: child.signalCode };
}

interface Outside {
  readonly lines: readonly string[];
  readonly exited: Promise<Exit>;
  readonly health: string;
  readonly metrics: string;
}

function control(child: ChildProcess, { lines, exited, health, metrics }: Outside): OperatorProcess {
  const pid = child.pid ?? 0;
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  const end = (): string => lines.slice(-SHOWN_LINES).join('\n');
  const stop = async (name: NodeJS.Signals, deadlineMs: number): Promise<Exit> => {
    child.kill(name);
    await waitFor(() => !isRunning(), {
      deadlineMs,
      intervalMs: 5,
      description: `the operator's end after ${name}`,
    });
    return exited;
  };
  const readiness = (): Promise<number | undefined> => statusOf(`${health}/readyz`);
  return {
    pid,
    lines,
    exited,
    ready: async (deadlineMs = 30_000) => {
      const look = async (): Promise<boolean> => !isRunning() || (await readiness()) === 200;
      try {
        await waitFor(look, { deadlineMs, intervalMs: 10, description: 'the operator to be ready' });
      } catch (cause) {
        throw new Error(`the operator is not ready; the end of its log:\n${end()}`, { cause });
      }
      if (!isRunning()) throw new Error(`the operator ended while it started; the end of its log:\n${end()}`);
    },
    health: (path) => statusOf(health + path),
    metrics: async () => (await fetch(`${metrics}/metrics`)).text(),
    signal: (name) => void child.kill(name),
    kill: () => stop('SIGKILL', 10_000),
    terminate: (deadlineMs = 40_000) => stop('SIGTERM', deadlineMs),
    memory: () => readMemory(pid),
    cpuSeconds: () => readCpuSeconds(pid),
    connectionsTo: (port) => countConnections(pid, port),
  };
}

async function statusOf(url: string): Promise<number | undefined> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(1_000) });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    // Not listening yet, or not answering: for the question asked the two are one answer.
    return undefined;
  }
}
