/**
 * Where an executor is tested: a namespace of the test's API server, people who may decide in it, a store on a PostgreSQL of its own, and an account
 * with exactly the rights of the executor. What is asserted is the row in the store and the server in the cluster.
 */
import { expect } from 'vitest';
import { type MCPServer, SERVER_CONTAINER } from '../../api/index.ts';
import type { ApprovalRow } from '../../approval/index.ts';
import { EXECUTOR_PERMISSIONS } from '../../controllers/executor/index.ts';
import {
  connect,
  loadClusterAccess,
  type ApiServer,
  type KubernetesClient,
  type Permission,
} from '../../operator/runtime/index.ts';
import {
  createServer,
  protect,
  say,
  serverOf,
  startExecutor,
  type ExecutorOptions,
  type Place,
} from './executor.ts';
import { kubectl } from './kubectl.ts';
import { createNamespace, type TestNamespace } from './namespace.ts';
import { PostgresServer } from './postgres.ts';
import { createServiceAccount, type TestServiceAccount } from './service-account.ts';
import { openStore, type RunningStore } from './store.ts';
import { waitFor } from './wait.ts';

/** MCP-W06 finds fault with it. */
const WRITABLE = {
  podTemplate: {
    spec: { containers: [{ name: SERVER_CONTAINER, securityContext: { readOnlyRootFilesystem: false } }] },
  },
};

/** Longer than the executor waits for a server to settle. */
const DEADLINE_MS = 30_000;

interface Parts {
  readonly kubeconfigPath: string;
  readonly postgres: PostgresServer;
  readonly running: RunningStore;
  readonly database: string;
  readonly namespace: TestNamespace;
  readonly apiServer: ApiServer;
}

/** @see module header */
export class ExecutorPlace implements Place {
  readonly postgres: PostgresServer;
  readonly #parts: Parts;
  readonly #ends: (() => Promise<void>)[] = [];
  #account: TestServiceAccount | undefined;
  #names = 0;

  private constructor(parts: Parts) {
    this.#parts = parts;
    this.postgres = parts.postgres;
  }

  /** Makes it all; ann, ben and cat may decide. @param prefix of the namespace's name. */
  static async open(kubeconfigPath: string, prefix: string): Promise<ExecutorPlace> {
    const postgres = await PostgresServer.start('18');
    const settings = await postgres.createDatabase();
    const place = new ExecutorPlace({
      kubeconfigPath,
      postgres,
      running: await openStore(settings),
      database: settings.database,
      namespace: await createNamespace(kubeconfigPath, prefix),
      apiServer: connect(await loadClusterAccess({ path: kubeconfigPath }), { program: 'executor-test/0' }),
    });
    place.#account = await place.anAccount('executor');
    await place.grant('deciders', ['ann', 'ben', 'cat']);
    await protect(place);
    return place;
  }

  async close(): Promise<void> {
    const { namespace, apiServer, running, postgres } = this.#parts;
    await this.#account?.remove();
    await namespace.remove();
    await apiServer.close();
    await running.store.close();
    await postgres.stop();
  }

  get kubeconfigPath(): string {
    return this.#parts.kubeconfigPath;
  }

  get namespace(): string {
    return this.#parts.namespace.name;
  }

  get store(): RunningStore['store'] {
    return this.#parts.running.store;
  }

  /** The administrator's. */
  get client(): KubernetesClient {
    return this.#parts.apiServer.client('test');
  }

  /** kubectl of the administrator, in the namespace. */
  run(...args: readonly string[]): Promise<string> {
    return kubectl(this.kubeconfigPath, [...args, `--namespace=${this.namespace}`]);
  }

  /** An account with the rights of the executor, or with others. */
  anAccount(
    name: string,
    permissions: readonly Permission[] = EXECUTOR_PERMISSIONS,
  ): Promise<TestServiceAccount> {
    return createServiceAccount(this.kubeconfigPath, { namespace: this.namespace, name }, permissions);
  }

  /** Lets them decide by the policy that all requests here go by. */
  async grant(name: string, users: readonly string[]): Promise<void> {
    const verbs = ['approve', 'deny', 'cancel', 'override'].map((verb) => `--verb=${verb}`);
    const resource = ['--resource=approvalpolicies.mcp.kilocode.ai', `--resource-name=${this.namespace}`];
    await this.run('create', 'role', name, ...verbs, ...resource);
    await this.run('create', 'rolebinding', name, `--role=${name}`, ...users.map((user) => `--user=${user}`));
  }

  /** Starts an executor, which {@link stopExecutors} ends. @param kubeconfigPath of another account than the one with exactly its rights. */
  async start(options: ExecutorOptions = {}, kubeconfigPath?: string): Promise<void> {
    const path = kubeconfigPath ?? this.#account?.kubeconfigPath ?? '';
    this.#ends.push(await startExecutor(path, this.store, options));
  }

  async stopExecutors(): Promise<void> {
    for (const end of this.#ends.splice(0)) await end();
  }

  /** A server that MCP-W06 finds fault with, and that is Ready. */
  aServer(annotations?: Readonly<Record<string, string>>): Promise<MCPServer> {
    this.#names += 1;
    return createServer(this, `server-${this.#names}`, WRITABLE, annotations);
  }

  now({ metadata }: MCPServer): Promise<MCPServer> {
    return serverOf(this, metadata.name);
  }

  /** The operator says that the server, as it is now, is Ready. */
  saysReady({ metadata }: MCPServer): Promise<void> {
    return say(this, metadata.name, { status: 'True', reason: 'Verified' });
  }

  /** The operator says that the server, as it is now, does not work. */
  saysBroken({ metadata }: MCPServer): Promise<void> {
    return say(this, metadata.name, { status: 'False', reason: 'CrashLooping' });
  }

  /** @returns the row as it is now. */
  async row({ requestUid }: ApprovalRow): Promise<ApprovalRow> {
    const row = await this.store.request(requestUid);
    if (row === undefined) throw new Error(`there is no request ${requestUid}`);
    return row;
  }

  /** @returns the row, once it is in one of those phases. */
  reaches(row: ApprovalRow, ...phases: readonly ApprovalRow['phase'][]): Promise<ApprovalRow> {
    return waitFor(
      async () => {
        const now = await this.row(row);
        if (!phases.includes(now.phase))
          throw new Error(`it is ${now.phase} (${now.conditions.at(-1)?.message ?? ''})`);
        return now;
      },
      { description: `${row.name} to be ${phases.join(' or ')}`, deadlineMs: DEADLINE_MS },
    );
  }

  /** @returns the server, once somebody changed its spec. */
  changed(server: MCPServer): Promise<MCPServer> {
    return waitFor(
      async () => {
        const now = await this.now(server);
        return (now.metadata.generation ?? 0) > (server.metadata.generation ?? 0) && now;
      },
      { description: `${server.metadata.name} to be changed`, deadlineMs: DEADLINE_MS },
    );
  }

  /** What the ledger has of a request, in order. */
  async events({ requestUid }: ApprovalRow): Promise<readonly string[]> {
    return (await this.store.entriesOf(requestUid)).map(({ event }) => event);
  }

  /** What is told of a request, to whoever is told. */
  async messages({ requestUid }: ApprovalRow): Promise<readonly unknown[]> {
    const statement = "SELECT payload FROM kilo_mcp.outbox WHERE key LIKE $1 || '/%' ORDER BY id";
    const rows = await this.postgres.query<{ payload: string }>(statement, this.#parts.database, [
      requestUid,
    ]);
    return rows.map(({ payload }): unknown => JSON.parse(payload));
  }

  async isUntouched(server: MCPServer): Promise<void> {
    expect((await this.now(server)).spec).toEqual(server.spec);
  }
}

/** Why a request is in its phase. */
export function reasonOf({ conditions }: Pick<ApprovalRow, 'conditions'>): string | undefined {
  return conditions.at(-1)?.reason;
}
