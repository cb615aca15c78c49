/**
 * Programs that outlive the command that starts them. Each is remembered by its process id together with the moment it
 * started, because ids are used again: what is stopped is exactly what was started, or nothing.
 */
import { spawn } from 'node:child_process';
import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemClock } from '../../core/clock.ts';
import { TerminalError } from '../../core/errors.ts';
import { run } from './exec.ts';

/** What to start. */
export interface ProcessSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** File that receives everything the program says. */
  readonly log: string;
}

/** A started program, as the state file keeps it. */
export interface ProcessRecord {
  readonly name: string;
  readonly pid: number;
  /** What {@link processIdentity} said right after the start. */
  readonly identity: string;
  readonly log: string;
}

const POLL_MS = 50;
const KILL_DEADLINE_MS = 10_000;

/** Starts a program in a session of its own and returns once the system has it. */
export async function startProcess(spec: ProcessSpec): Promise<ProcessRecord> {
  await mkdir(dirname(spec.log), { recursive: true });
  const log = await open(spec.log, 'a');
  try {
    const child = spawn(spec.command, spec.args, {
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      env: { ...process.env, ...spec.env },
    });
    const pid = await spawned(child);
    child.unref();
    return { name: spec.name, pid, identity: (await processIdentity(pid)) ?? 'gone', log: spec.log };
  } finally {
    await log.close();
  }
}

function spawned(child: ReturnType<typeof spawn>): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () => resolve(child.pid ?? 0));
  });
}

/** Whether the very process of the record still runs. */
export async function isRunning(record: ProcessRecord): Promise<boolean> {
  return (await processIdentity(record.pid)) === record.identity;
}

/**
 * Asks the process to end, and ends it after `graceMs`: what it has not written by then is deleted with its cluster anyway. Does
 * nothing when the id belongs to another process by now.
 */
export async function stopProcess(record: ProcessRecord, graceMs = 3_000): Promise<void> {
  if (!(await isRunning(record))) return;
  signalProcess(record.pid, 'SIGTERM');
  if (await ended(record, graceMs)) return;
  signalProcess(record.pid, 'SIGKILL');
  if (!(await ended(record, KILL_DEADLINE_MS))) {
    throw new TerminalError(`${record.name} (process ${record.pid}) does not end, not even by SIGKILL`);
  }
}

/** Sends a signal; a process that is gone by now needs none. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

async function ended(record: ProcessRecord, withinMs: number): Promise<boolean> {
  const deadline = systemClock.monotonicMs() + withinMs;
  while (await isRunning(record)) {
    if (systemClock.monotonicMs() > deadline) return false;
    await systemClock.sleep(POLL_MS);
  }
  return true;
}

/**
 * A text that no other process has had under this id: on Linux the boot and the start in clock ticks, elsewhere what `ps` calls the
 * start. Undefined when there is no such process, or only its remains wait for the parent.
 */
export async function processIdentity(pid: number): Promise<string | undefined> {
  return process.platform === 'linux' ? linuxIdentity(pid) : portableIdentity(pid);
}

async function linuxIdentity(pid: number): Promise<string | undefined> {
  try {
    const [stat, boot] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
    ]);
    return identityFromStat(stat, boot.trim());
  } catch {
    // No such folder in /proc: no such process. It may also end between open and read (ESRCH).
    return undefined;
  }
}

/**
 * Reads the start time from `/proc/PID/stat` (proc_pid_stat(5), fields 3, 20 and 22); exported for its test. A killed program is a zombie as soon as
 * its first thread has ended: while others have not, its ports are still taken.
 */
export function identityFromStat(stat: string, boot: string): string | undefined {
  // The second field is the program's name in parentheses, and may itself hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  const threads = Number(fields[17]);
  const startTicks = fields[19];
  const hasEnded = state === 'X' || (state === 'Z' && threads <= 1);
  return hasEnded ? undefined : `${boot}/${startTicks}`;
}

async function portableIdentity(pid: number): Promise<string | undefined> {
  try {
    return (await run('ps', ['-o', 'lstart=', '-p', String(pid)])).trim();
  } catch {
    // ps ends with 1 when there is no such process.
    return undefined;
  }
}

/** The end of a log, for the message about a program that did not come up. */
export async function logTail(path: string, lines = 15): Promise<string> {
  const content = await readFile(path, 'utf8');
  return content.trimEnd().split('\n').slice(-lines).join('\n');
}
