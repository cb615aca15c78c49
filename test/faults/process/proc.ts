/**
 * What Linux knows about another process: memory, processor time and connections, read from /proc, so that nothing that is measured
 * depends on the process measuring itself.
 */
import { readdir, readFile, readlink } from 'node:fs/promises';

/** Memory of a process, in bytes. */
export interface Memory {
  /** Resident now (VmRSS). */
  readonly residentBytes: number;
  /** The most that was ever resident (VmHWM). */
  readonly peakBytes: number;
}

/** `sysconf(_SC_CLK_TCK)`: 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;
const KIBIBYTE = 1024;
const ESTABLISHED = '01';

/** Memory of process `pid`. */
export async function readMemory(pid: number): Promise<Memory> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8');
  return { residentBytes: kibibytes(text, 'VmRSS'), peakBytes: kibibytes(text, 'VmHWM') };
}

/** Processor time of process `pid` since its start. */
export async function readCpuSeconds(pid: number): Promise<number> {
  return cpuSeconds(await readFile(`/proc/${pid}/stat`, 'utf8'));
}

/** User and system time from `/proc/PID/stat` (fields 14 and 15); exported for its test. */
export function cpuSeconds(stat: string): number {
  // The second field is the program's name in parentheses, and may itself hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** How many TCP connections process `pid` has established to `port`. */
export async function countConnections(pid: number, port: number): Promise<number> {
  const [inodes, tables] = await Promise.all([
    socketInodes(pid),
    Promise.all(['tcp', 'tcp6'].map((table) => readFile(`/proc/${pid}/net/${table}`, 'utf8'))),
  ]);
  return tables.flatMap(connectionsOf).filter((one) => one.port === port && inodes.has(one.inode)).length;
}

/** Established connections of a `/proc/net/tcp` table: remote port and socket inode. */
export function connectionsOf(table: string): readonly { readonly port: number; readonly inode: string }[] {
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === ESTABLISHED)
    .map((fields) => ({
      port: Number.parseInt(fields[2]?.split(':')[1] ?? '', 16),
      inode: fields[9] ?? '',
    }));
}

async function socketInodes(pid: number): Promise<ReadonlySet<string>> {
  const folder = `/proc/${pid}/fd`;
  const links = await Promise.all(
    // A descriptor may be closed between the listing and the look at it.
    (await readdir(folder)).map((name) => readlink(`${folder}/${name}`).catch(() => '')),
  );
  return new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
}

function kibibytes(status: string, field: string): number {
  const value = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
  if (value === undefined) throw new Error(`/proc status has no ${field}: the process is ending`);
  return Number(value) * KIBIBYTE;
}
