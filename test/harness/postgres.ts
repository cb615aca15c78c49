/** A real PostgreSQL server of a test's own: on a free port, over TLS or not, to be killed, restarted and thrown away. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { silentReporter, type Reporter } from '../../hack/cluster/index.ts';
import { run } from '../../hack/cluster/exec.ts';
import { freePorts } from '../../hack/cluster/ports.ts';
import { processIdentity, signalProcess } from '../../hack/cluster/processes.ts';
import { checkStoreSettings, type StoreSettings } from '../../stores/settings.ts';
import { loadSettings } from '../../operator/config/load.ts';
import { ensurePostgres, type PostgresVersion } from './postgres-binaries.ts';
import { waitFor } from './wait.ts';

const HOST = '127.0.0.1';
const SUPERUSER = 'postgres';
/** `nobody`: PostgreSQL refuses to run as root. */
const UNPRIVILEGED = 65_534;
/** Right after a kill the kernel may still hold the port or the memory of the one before. */
const ATTEMPTS = 3;

/** How to start it. */
export interface PostgresOptions {
  /** PEM: with it the server takes TLS connections only. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** Lines of postgresql.conf. */
  readonly configuration?: readonly string[];
  /** Where its files are; a folder of its own by default. */
  readonly directory?: string;
}

/** @see module header */
export class PostgresServer {
  readonly port: number;
  readonly directory: string;
  readonly #home: string;
  readonly #tls: boolean;
  #process: ChildProcess | undefined;
  #log = '';
  #databases = 0;

  private constructor(home: string, directory: string, port: number, tls: boolean) {
    this.#home = home;
    this.directory = directory;
    this.port = port;
    this.#tls = tls;
  }

  static async start(
    version: PostgresVersion,
    options: PostgresOptions = {},
    reporter: Reporter = silentReporter,
  ): Promise<PostgresServer> {
    const home = await ensurePostgres(version, reporter);
    const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'kilo-mcp-postgres-')));
    await own(directory, 0o700);
    const [port = 0] = await freePorts(HOST, 1);
    const server = new PostgresServer(home, directory, port, options.tls !== undefined);
    await server.#initialize(options);
    await server.restart();
    return server;
  }

  /** A new database. @returns settings of a store in it, for the superuser unless they say otherwise. */
  async createDatabase(overrides: Partial<StoreSettings> = {}): Promise<StoreSettings> {
    this.#databases += 1;
    const database = `test_${this.#databases}`;
    await this.query(`CREATE DATABASE ${database}`);
    const settings: StoreSettings = {
      ...loadSettings({}).store,
      mode: 'External',
      host: HOST,
      port: this.port,
      database,
      user: SUPERUSER,
      tls: { mode: 'disable', caFile: '' },
      ...overrides,
    };
    checkStoreSettings(settings);
    return settings;
  }

  /** One statement of the superuser's, over the socket's peer: whatever TLS and passwords are. @returns its rows. */
  async query<Row extends object>(
    statement: string,
    database = 'postgres',
    values: readonly unknown[] = [],
  ): Promise<readonly Row[]> {
    const client = new Client({ host: this.directory, port: this.port, user: SUPERUSER, database });
    client.on('error', () => undefined);
    await client.connect();
    try {
      const { rows } = await client.query<Row>(statement, [...values]);
      return rows;
    } finally {
      await client.end();
    }
  }

  /** SIGKILL to the server and what it started, as when the machine goes. Returns once the last of them is gone. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    // Stopped first, so that nothing is started between the list and the end.
    process.kill(child.pid, 'SIGSTOP');
    const started = await childrenOf(child.pid);
    process.kill(child.pid, 'SIGKILL');
    for (const pid of started) signalProcess(pid, 'SIGKILL');
    await exit;
    // What outlives the server keeps its shared memory, and a new one on the same files refuses to start.
    await waitFor(async () => (await Promise.all(started.map(processIdentity))).every((each) => !each), {
      description: 'the processes of PostgreSQL to end',
    });
  }

  /** Starts it (again) on the same files and port. */
  async restart(): Promise<void> {
    await this.kill();
    for (let attempt = 1; !(await this.#serve()); attempt += 1) {
      const failure = `PostgreSQL ended at start ${attempt}: ${this.#lastWords()}`;
      if (attempt === ATTEMPTS) throw new Error(failure);
      process.stderr.write(`${failure}\n`);
    }
  }

  /** @returns whether it answers; false when it ended instead. */
  async #serve(): Promise<boolean> {
    const child = this.#spawn('postgres', ['-D', join(this.directory, 'data')]);
    this.#process = child;
    const state = await waitFor(
      async () => {
        if (child.exitCode !== null) return 'ended';
        await this.query('SELECT 1');
        return 'ready';
      },
      { deadlineMs: 60_000, description: 'PostgreSQL to start' },
    );
    return state === 'ready';
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.directory, { recursive: true, force: true });
  }

  async #initialize({ tls, configuration = [] }: PostgresOptions): Promise<void> {
    const data = join(this.directory, 'data');
    const child = this.#spawn('initdb', [
      '-D',
      data,
      '-U',
      SUPERUSER,
      '--encoding=UTF8',
      '--locale=C',
      '--auth=trust',
      '--no-sync',
    ]);
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code !== 0) throw new Error(`initdb ended with ${code}: ${this.#lastWords()}`);
    await writeFile(
      join(data, 'postgresql.auto.conf'),
      [
        `port = ${this.port}`,
        `listen_addresses = '${HOST}'`,
        `unix_socket_directories = '${this.directory}'`,
        'shared_buffers = 64MB',
        'password_encryption = scram-sha-256',
        ...(tls === undefined ? [] : ['ssl = on']),
        ...configuration,
        '',
      ].join('\n'),
    );
    const rule = this.#tls ? 'hostssl all all all scram-sha-256' : 'host all all all trust';
    await writeFile(join(data, 'pg_hba.conf'), `local all all trust\n${rule}\n`);
    if (tls === undefined) return;
    await this.#writeOwned(join(data, 'server.crt'), tls.certificate);
    await this.#writeOwned(join(data, 'server.key'), tls.key);
  }

  /** The end of its log, the last line first: a report of a failed test shows the beginning alone. */
  #lastWords(): string {
    return this.#log.trimEnd().split('\n').slice(-20).toReversed().join('\n');
  }

  async #writeOwned(path: string, content: string): Promise<void> {
    await writeFile(path, content);
    await own(path, 0o600);
  }

  #spawn(program: string, args: readonly string[]): ChildProcess {
    const user = isRoot() ? { uid: UNPRIVILEGED, gid: UNPRIVILEGED } : {};
    const child = spawn(join(this.#home, 'bin', program), args, {
      ...user,
      detached: true,
      cwd: this.directory,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const collect = (part: Buffer): void =>
      void (this.#log = `${this.#log}${part.toString()}`.slice(-100_000));
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    return child;
  }
}

/** The server puts each of its processes into a session of its own, so that a signal to its group reaches itself alone. */
async function childrenOf(parent: number): Promise<readonly number[]> {
  const listed = await run('ps', ['-A', '-o', 'pid=,ppid=']);
  const pairs = listed.split('\n').map((line) => line.trim().split(/\s+/).map(Number));
  return pairs.flatMap(([pid, parentOf]) => (pid !== undefined && parentOf === parent ? [pid] : []));
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

async function own(path: string, mode: number): Promise<void> {
  await chmod(path, mode);
  if (isRoot()) await chown(path, UNPRIVILEGED, UNPRIVILEGED);
}
