/**
 * Compliance runs of the operator over servers that are Ready, every check of the catalogue, recorded in a PostgreSQL of its own: 100 servers, then
 * all of them. One MCP server in this process plays them all.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { CHECKS } from '../../../checks/registry.ts';
import { serverURL } from '../../../render/index.ts';
import { startFixtureServer } from '../../fixtures/mcp-server/index.ts';
import { checkManifest, checksPath, PROFILES_PATH, profileManifest } from '../../harness/compliance.ts';
import { PostgresServer } from '../../harness/postgres.ts';
import { installReportApi } from '../../harness/report-apis.ts';
import { waitFor } from '../../harness/wait.ts';
import { countDuring, isReady, NAMESPACE, type Bench, type Phase } from '../bench.ts';
import { forEachInFlight } from '../load/concurrency.ts';
import { IN_FLIGHT, serversPath } from '../load/servers.ts';
import type { AuditedCall } from '../rig/audit.ts';
import { OPERATOR_USER, type BenchOperator } from '../rig/operator.ts';
import { ready } from './ready.ts';

const FEW = 100;
const PROFILE = 'bench';
const LABEL = { 'bench.kilocode.ai/few': 'true' };
const MERGE = 'application/merge-patch+json';
/** A server has a second: a machine that is ten times slower than ours ends with an error, not never. */
const deadlineMs = (servers: number): number => 60_000 + servers * 1_000;

/** One file for all statements; without what they are given, which is long. */
const LOGGING = [
  'logging_collector = on',
  "log_directory = 'log'",
  "log_filename = 'statements.log'",
  "log_line_prefix = ''",
  'log_parameter_max_length = 0',
  'max_wal_size = 4GB',
];

export const compliance: Phase = {
  name: 'compliance',
  run: async (bench) => {
    if (!bench.servers.list().every(isReady)) await ready.run(bench);
    await bench.operator.stop();
    await installReportApi(bench.controlPlane.kubeconfigPath, 'openReports');
    await using stack = new AsyncDisposableStack();
    const postgres = await PostgresServer.start('18', { configuration: LOGGING });
    stack.defer(() => postgres.stop());
    const fixture = stack.use(
      await startFixtureServer({ allowedHosts: hostsOf(bench), keepsRequests: false }),
    );
    const operator = bench.operator.onPort(fixture.port);
    stack.defer(() => operator.stop());
    const store = await postgres.createDatabase();
    const config = join(dirname(bench.controlPlane.kubeconfigPath), 'compliance.yaml');
    await writeFile(config, stringify({ store }));
    await operator.start([`--config=${config}`]);
    const rig = { bench, operator, postgres, database: store.database };
    await prepare(bench);
    await few(rig);
    await all(rig);
    bench.record('complianceRssPeakMiB', (await operator.memoryMiB()).peak);
  },
};

interface Rig {
  readonly bench: Bench;
  readonly operator: BenchOperator;
  readonly postgres: PostgresServer;
  readonly database: string;
}

function hostsOf({ servers }: Bench): readonly string[] {
  return servers.list().map((server) => new URL(serverURL(server)).hostname);
}

/** A profile of every check, and labels on those servers that the small run covers. */
async function prepare({ load, names }: Bench): Promise<void> {
  const checks = CHECKS.map(({ id }) => ({ id }));
  await load.demand('POST', PROFILES_PATH, profileManifest({ checks }, { name: PROFILE }));
  await forEachInFlight(names.slice(0, FEW), IN_FLIGHT, async (name) => {
    await load.demand('PATCH', `${serversPath(NAMESPACE)}/${name}`, { metadata: { labels: LABEL } }, MERGE);
  });
}

async function few({ bench, operator, postgres }: Rig): Promise<void> {
  const covered = Math.min(FEW, bench.names.length);
  await postgres.query("ALTER SYSTEM SET log_statement = 'all'");
  await postgres.query('SELECT pg_reload_conf()');
  const before = await statements(postgres);
  const { seconds } = await runOf(bench, 'few', { serverSelector: { matchLabels: LABEL } }, covered);
  bench.record('complianceStatementsPerServer', ((await statements(postgres)) - before) / covered);
  bench.record('complianceHundredSeconds', seconds);
  await bench.load.demand('DELETE', `${checksPath(NAMESPACE)}/few`);
  // What is taken back belongs to this run, not to the next.
  await bench.servers.untilCount(bench.names.length, (server) => !isJudged(server), deadlineMs(covered));
  await operator.quiet(covered);
  await postgres.query("ALTER SYSTEM SET log_statement = 'none'");
  await postgres.query('SELECT pg_reload_conf()');
}

async function all({ bench, operator, postgres, database }: Rig): Promise<void> {
  const { names, servers, record, report, controlPlane } = bench;
  let ended: EndedRun | undefined;
  const mark = await controlPlane.audit.mark();
  const calls = await countDuring(bench, async () => {
    ended = await runOf(bench, 'all', {}, names.length);
    await servers.untilCount(names.length, isJudged, deadlineMs(names.length));
    await operator.quiet(names.length);
  });
  for (const line of mostAsked(await controlPlane.audit.calls(OPERATOR_USER, mark))) report(`      ${line}`);
  if (ended === undefined) throw new Error('the run did not end');
  const findings = await findingsOf(postgres, database, ended.id);
  record('complianceRunSeconds', ended.seconds);
  record('complianceFindingsPerSecond', findings / ended.seconds);
  record('complianceFindingsPerServer', findings / names.length);
  record('complianceWritesPerServer', calls.writes / names.length);
  record('complianceReadsPerServer', calls.reads / names.length);
}

/** What calls there were most of, for whoever wonders at the figures. */
function mostAsked(calls: readonly AuditedCall[]): readonly string[] {
  const kinds = Map.groupBy(
    calls,
    ({ verb, resource, subresource }) => `${verb} ${resource}${subresource === '' ? '' : `/${subresource}`}`,
  );
  const counts = [...kinds].map(([kind, { length }]) => ({ kind, length }));
  const sorted = counts.toSorted((one, other) => other.length - one.length);
  return sorted.slice(0, 6).map(({ kind, length }) => `${length} ${kind}`);
}

interface Check {
  readonly status?: {
    readonly phase?: string;
    readonly servers?: number;
    readonly score?: number;
    readonly coverage?: number;
    readonly lastRun?: { readonly id: string; readonly startedAt: string; readonly finishedAt?: string };
  };
}

interface EndedRun {
  readonly id: string;
  readonly seconds: number;
}

/** Makes a check, asks it to run, and waits for the end. The times are those that it shows. */
async function runOf(
  { load, report }: Bench,
  name: string,
  spec: object,
  covered: number,
): Promise<EndedRun> {
  const annotations = { 'mcp.kilocode.ai/run-requested-at': new Date().toISOString() };
  const manifest = checkManifest(
    { profileRef: { name: PROFILE }, onChange: false, ...spec },
    { name, annotations },
  );
  await load.demand('POST', checksPath(NAMESPACE), manifest);
  const path = `${checksPath(NAMESPACE)}/${name}`;
  const { status = {} } = await waitFor(
    async () => {
      const check = (await load.demand('GET', path)) as Check;
      return check.status?.lastRun?.finishedAt === undefined ? undefined : check;
    },
    { deadlineMs: deadlineMs(covered), intervalMs: 500, description: `the check ${name} to end` },
  );
  const { lastRun, servers, score, coverage } = status;
  if (lastRun?.finishedAt === undefined) throw new Error(`the check ${name} has not run`);
  report(`    ${name}: ${servers} servers, score ${score}, coverage ${coverage}`);
  if (servers !== covered) throw new Error(`the check ${name} covered ${servers} servers, not ${covered}`);
  const seconds = (Date.parse(lastRun.finishedAt) - Date.parse(lastRun.startedAt)) / 1000;
  return { id: lastRun.id, seconds };
}

function isJudged({
  status,
}: {
  readonly status?: { readonly conditions?: readonly { readonly type: string }[] };
}): boolean {
  return status?.conditions?.some(({ type }) => type === 'Compliant') === true;
}

/** How many statements the server has executed while they were logged. */
async function statements(postgres: PostgresServer): Promise<number> {
  const text = await readFile(join(postgres.directory, 'data', 'log', 'statements.log'), 'utf8');
  return text.match(/^LOG: {2}(execute|statement)/gm)?.length ?? 0;
}

async function findingsOf(postgres: PostgresServer, database: string, run: string): Promise<number> {
  const [row] = await postgres.query<{ readonly count: string }>(
    'SELECT count(*) FROM kilo_mcp.findings WHERE run_id = $1',
    database,
    [run],
  );
  return Number(row?.count);
}
