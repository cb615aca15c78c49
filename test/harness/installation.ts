/**
 * Everything as it is installed: the chart with its webhooks, policies and rights on a control plane of its own, operator and executor as processes
 * beside it (no node would run their pods), a real PostgreSQL, and people with kubeconfigs of their own.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { runProgram } from '../../cli/index.ts';
import { startControlPlane, type ControlPlane } from '../../hack/cluster/index.ts';
import { freePorts } from '../../hack/cluster/ports.ts';
import { openLedger } from '../../operator/open-history.ts';
import { connect, loadClusterAccess, type KubernetesClient } from '../../operator/runtime/index.ts';
import type { StoreSettings } from '../../stores/index.ts';
import { startOperator, type OperatorProcess } from '../faults/process/index.ts';
import { CHART, helm } from './helm.ts';
import { kubectl } from './kubectl.ts';
import { leadWebhooks } from './lead-webhooks.ts';
import { PostgresServer } from './postgres.ts';
import { openStore, type RunningStore } from './store.ts';
import { waitFor } from './wait.ts';

const NAMESPACE = 'mcp-system';
const HOST = '127.0.0.1';
const EXECUTOR = 'mcp-operator-executor';
const EXECUTOR_PROGRAM = [
  fileURLToPath(new URL('../../operator/main.ts', import.meta.url)),
  'executor',
] as const;

/** What a command line printed. */
interface Ended {
  readonly code: number;
  readonly results: string;
  readonly notes: string;
}

/** A person, or the administrator: kubectl and kilo-mcp as they use them. Input is sent as JSON unless it is text. */
export class User {
  readonly #kubeconfigPath: string;

  constructor(kubeconfigPath: string) {
    this.#kubeconfigPath = kubeconfigPath;
  }

  /** @returns what kubectl printed. @throws with what it said when it failed. */
  kubectl(args: readonly string[], input?: object | string): Promise<string> {
    return kubectl(this.#kubeconfigPath, args, typeof input === 'object' ? JSON.stringify(input) : input);
  }

  /** @returns what kubectl said when it failed. @throws when it did not. */
  async refusal(args: readonly string[], input?: object | string): Promise<string> {
    const outcome = await this.kubectl(args, input).then(
      (printed) => ({ printed }),
      (error: unknown) => String(error),
    );
    if (typeof outcome === 'string') return outcome;
    throw new Error(`kubectl ${args.join(' ')} was to be refused, and printed ${outcome.printed}`);
  }

  /** The command line, with this kubeconfig where a command takes one. */
  kiloMcp(...argv: readonly string[]): Promise<Ended> {
    return run([...argv, '--kubeconfig', this.#kubeconfigPath]);
  }
}

async function run(argv: readonly string[]): Promise<Ended> {
  const [results, notes]: [string[], string[]] = [[], []];
  const code = await runProgram(argv, {
    version: '0.0.0',
    roles: [],
    environment: {},
    openLedger,
    output: { result: (text) => void results.push(text), note: (text) => void notes.push(text) },
  });
  return { code, results: results.join('\n'), notes: notes.join('\n') };
}

/** @see module header */
export class Installation {
  /** A member of `system:masters`. */
  readonly admin: User;
  /** The administrator's. */
  readonly client: KubernetesClient;
  readonly #directory: string;
  readonly #controlPlane: ControlPlane;
  readonly #postgres: PostgresServer;
  readonly #running: RunningStore;
  readonly #ends: (() => Promise<unknown>)[];

  private constructor(
    parts: Parts,
    client: KubernetesClient,
    running: RunningStore,
    ends: (() => Promise<unknown>)[],
  ) {
    this.admin = new User(parts.controlPlane.kubeconfigPath);
    this.client = client;
    this.#directory = parts.directory;
    this.#controlPlane = parts.controlPlane;
    this.#postgres = parts.postgres;
    this.#running = running;
    this.#ends = ends;
  }

  /** Installs and starts it all, and waits until webhooks answer. */
  static async start(): Promise<Installation> {
    const directory = await mkdtemp(join(tmpdir(), 'installation-'));
    const controlPlane = await startControlPlane({ directory: join(directory, 'cluster') });
    const postgres = await PostgresServer.start('18');
    const database = await postgres.createDatabase();
    const parts = { directory, controlPlane, postgres, database };
    const running = await openStore(database);
    await installChart(parts);
    const operator = await runOperator(parts);
    const executor = await runExecutor(parts);
    const api = connect(await loadClusterAccess({ path: controlPlane.kubeconfigPath }), {
      program: 'installation-test/0',
    });
    const ends = [() => executor.terminate(), () => operator.terminate(), () => api.close()];
    return new Installation(parts, api.client('test'), running, ends);
  }

  /** What is in the database, as a process beside the operator sees it. */
  get store(): RunningStore['store'] {
    return this.#running.store;
  }

  /** For commands that read the database. */
  get configFile(): string {
    return join(this.#directory, 'config.yaml');
  }

  /** Somebody with a client certificate of their own. */
  async user(user: string, ...groups: readonly string[]): Promise<User> {
    return new User(await this.#controlPlane.kubeconfigFor({ user, groups: [...groups] }));
  }

  /** A command that reads the database, such as `ledger show`. */
  kiloMcp(...argv: readonly string[]): Promise<Ended> {
    return run([...argv, '--config', this.configFile]);
  }

  /** Decisions are stamped in whole seconds: those of the second in which the locks were found whole again do not count. */
  async isProtected(): Promise<void> {
    const sinceMs = Date.now();
    await waitFor(
      async () => {
        const last = (await this.store.admissionIntervals(new Date(0).toISOString())).at(-1);
        if (last === undefined) return false;
        return Date.parse(last.to) > sinceMs && Date.parse(last.from) + 1_000 < Date.now();
      },
      { description: 'admission to be found whole', deadlineMs: 60_000, intervalMs: 250 },
    );
  }

  async stop(): Promise<void> {
    for (const end of this.#ends) await end();
    await this.#running.store.close();
    await this.#postgres.stop();
    await this.#controlPlane.stop();
    await rm(this.#directory, { recursive: true, force: true });
  }
}

interface Parts {
  readonly directory: string;
  readonly controlPlane: ControlPlane;
  readonly postgres: PostgresServer;
  readonly database: StoreSettings;
}

async function installChart({ controlPlane, directory, database }: Parts): Promise<void> {
  const where = [`--namespace=${NAMESPACE}`, `--kubeconfig=${controlPlane.kubeconfigPath}`];
  await helm(['install', 'mcp-operator', CHART, '--create-namespace', ...where], {
    store: { mode: 'External', external: { host: 'db', secretName: 'db' } },
  });
  const path = `--output=jsonpath={.data['config\\.yaml']}`;
  const text = await kubectl(controlPlane.kubeconfigPath, [
    'get',
    'configmap/mcp-operator',
    `--namespace=${NAMESPACE}`,
    path,
  ]);
  const { host, port, database: name, user, tls } = database;
  const store = { mode: 'External', host, port, database: name, user, tls };
  await writeFile(join(directory, 'config.yaml'), stringify({ ...(parse(text) as object), store }));
}

/** A process with the configuration of the release, and the rights of one of its ServiceAccounts. */
async function runAs(
  { controlPlane, directory }: Parts,
  account: string,
  { flags = [], program }: { readonly flags?: readonly string[]; readonly program?: readonly string[] },
): Promise<OperatorProcess> {
  const kubeconfigPath = await controlPlane.kubeconfigFor({
    user: `system:serviceaccount:${NAMESPACE}:${account}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${NAMESPACE}`, 'system:authenticated'],
  });
  const started = await startOperator({
    kubeconfigPath,
    flags: [`--config=${join(directory, 'config.yaml')}`, ...flags],
    env: { POD_NAMESPACE: NAMESPACE, POD_SERVICE_ACCOUNT: account },
    ...(program && { program }),
  });
  await started.ready();
  return started;
}

async function runOperator(parts: Parts): Promise<OperatorProcess> {
  const [port = 0] = await freePorts(HOST, 1);
  const started = await runAs(parts, 'mcp-operator', { flags: [`--webhook-bind-address=${HOST}:${port}`] });
  await leadWebhooks(parts.controlPlane.kubeconfigPath, NAMESPACE, port);
  return started;
}

function runExecutor(parts: Parts): Promise<OperatorProcess> {
  return runAs(parts, EXECUTOR, { program: EXECUTOR_PROGRAM });
}
