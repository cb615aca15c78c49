/** Real MCP servers in processes of their own, as their packages ship them. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { waitFor } from '../wait.ts';

export interface ChildServer extends AsyncDisposable {
  readonly origin: string;
}

/** Starts `@modelcontextprotocol/server-everything` from npm on a free port. */
export async function startEverything(transport: 'streamableHttp' | 'sse'): Promise<ChildServer> {
  const entry = fileURLToPath(import.meta.resolve('@modelcontextprotocol/server-everything/dist/index.js'));
  return startServer((port) => ({
    command: process.execPath,
    args: [entry, transport],
    env: { PORT: String(port) },
  }));
}

export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts a program that listens on the port which it is given, and waits until it does. */
export async function startServer(commandFor: (port: number) => Command): Promise<ChildServer> {
  const port = await freePort();
  const { command, args, env } = commandFor(port);
  const child = spawn(command, args, {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (text) => (errors = `${errors}${String(text)}`.slice(-2_000)));
  const origin = `http://127.0.0.1:${port}`;
  try {
    await waitFor(() => answers(child, origin, errors), { description: `${command} ${args.join(' ')}` });
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  return { origin, [Symbol.asyncDispose]: () => stop(child) };
}

async function answers(child: ChildProcess, origin: string, errors: string): Promise<boolean> {
  if (child.exitCode !== null) throw new Error(`exited with ${child.exitCode}: ${errors}`);
  const response = await fetch(`${origin}/nothing-here`);
  await response.body?.cancel();
  return true;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

/** A port that was free a moment ago: child processes can only be told a number. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
