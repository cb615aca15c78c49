/**
 * The product as it is installed, on the control plane of the benchmark: the chart with its webhooks, its second lock and its rights, a PostgreSQL, and
 * operator and executor as processes from the bundle beside it.
 */
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';
import { freePorts } from '../../../hack/cluster/ports.ts';
import type { Store } from '../../../stores/index.ts';
import { CHART, helm } from '../../harness/helm.ts';
import { kubectl } from '../../harness/kubectl.ts';
import { leadWebhooks } from '../../harness/lead-webhooks.ts';
import { PostgresServer } from '../../harness/postgres.ts';
import { openStore } from '../../harness/store.ts';
import { waitFor } from '../../harness/wait.ts';
import type { RigControlPlane } from './control-plane.ts';
import type { BenchOperator } from './operator.ts';

const NAMESPACE = 'mcp-system';
const HOST = '127.0.0.1';
const ACCOUNTS = { operator: 'mcp-operator', executor: 'mcp-operator-executor' } as const;
type Role = keyof typeof ACCOUNTS;

/** Of both processes, as the API server knows them. */
export const INSTALLED_USERS = Object.values(ACCOUNTS).map(usernameOf);

/** What was started. */
export interface BenchInstallation {
  readonly operator: BenchOperator;
  readonly executor: BenchOperator;
  readonly postgres: PostgresServer;
  /** What is in the database, as a process beside the operator sees it. */
  readonly store: Store;
  stop(): Promise<void>;
}

/** Installs and starts it all, and waits until the webhooks answer. @param program what to start, on which cluster. */
export async function install(
  controlPlane: RigControlPlane,
  program: BenchOperator,
): Promise<BenchInstallation> {
  await using stack = new AsyncDisposableStack();
  const postgres = await PostgresServer.start('18', { configuration: ['max_wal_size = 4GB'] });
  stack.defer(() => postgres.stop());
  const database = await postgres.createDatabase();
  const { store } = await openStore(database);
  stack.defer(() => store.close());
  const { host, port, database: name, user, tls } = database;
  await installChart(controlPlane.kubeconfigPath);
  const config = await configOf(controlPlane, { mode: 'External', host, port, database: name, user, tls });
  const [operator, executor] = await Promise.all(
    (['operator', 'executor'] as const).map((role) => runAs(role, controlPlane, program)),
  );
  if (operator === undefined || executor === undefined) throw new Error('a process has no identity');
  stack.defer(() => operator.stop());
  stack.defer(() => executor.stop());
  const [webhookPort = 0] = await freePorts(HOST, 1);
  await operator.start([`--config=${config}`, `--webhook-bind-address=${HOST}:${webhookPort}`]);
  await leadWebhooks(controlPlane.kubeconfigPath, NAMESPACE, webhookPort);
  await executor.start([`--config=${config}`]);
  const started = stack.move();
  return { operator, executor, postgres, store, stop: () => started.disposeAsync() };
}

function usernameOf(account: string): string {
  return `system:serviceaccount:${NAMESPACE}:${account}`;
}

/** The definitions are there already, and not of the release. */
async function installChart(kubeconfigPath: string): Promise<void> {
  const where = [`--namespace=${NAMESPACE}`, `--kubeconfig=${kubeconfigPath}`, '--create-namespace'];
  await helm(['install', 'mcp-operator', CHART, ...where], {
    crds: { install: false },
    store: { mode: 'External', external: { host: 'db', secretName: 'db' } },
  });
}

/** The configuration of the release, with this database. @returns its file. */
async function configOf({ kubeconfigPath }: RigControlPlane, store: object): Promise<string> {
  const path = `--output=jsonpath={.data['config\\.yaml']}`;
  const text = await kubectl(kubeconfigPath, [
    'get',
    'configmap/mcp-operator',
    `--namespace=${NAMESPACE}`,
    path,
  ]);
  const file = join(dirname(kubeconfigPath), 'installed.yaml');
  await writeFile(file, stringify({ ...(parse(text) as object), store }));
  return file;
}

/** With the rights that the chart gives to the ServiceAccount. */
async function runAs(
  role: Role,
  controlPlane: RigControlPlane,
  program: BenchOperator,
): Promise<BenchOperator> {
  const account = ACCOUNTS[role];
  const kubeconfigPath = await controlPlane.kubeconfigFor(usernameOf(account), [
    'system:serviceaccounts',
    `system:serviceaccounts:${NAMESPACE}`,
    'system:authenticated',
  ]);
  const environment = { POD_NAMESPACE: NAMESPACE, POD_SERVICE_ACCOUNT: account };
  return program.as({ kubeconfigPath, role, environment });
}

/** Decisions are stamped in whole seconds: those of the second in which the locks were found whole do not count. */
export async function isProtected(store: Store): Promise<void> {
  const sinceMs = Date.now();
  const look = async (): Promise<boolean> => {
    const last = (await store.admissionIntervals(new Date(0).toISOString())).at(-1);
    return last !== undefined && Date.parse(last.to) > sinceMs && Date.parse(last.from) + 1_000 < Date.now();
  };
  await waitFor(look, { description: 'admission to be found whole', deadlineMs: 60_000, intervalMs: 250 });
}
