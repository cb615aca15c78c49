/**
 * Compliance from end to end, as it runs in production: the operator as a process of its own, its history in a PostgreSQL of somebody's behind TLS,
 * two roles whose credentials are in files, and `examples/compliance` applied as it is. On an API server of its own, since a check of the
 * cluster covers everybody's servers.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { CheckStatus } from '../../api/index.ts';
import { silentReporter, startControlPlane, type ControlPlane } from '../../hack/cluster/index.ts';
import { createAuthority, issue } from '../../hack/cluster/pki.ts';
import { startOperator, type OperatorProcess } from '../faults/process/index.ts';
import { startFixtureServer, type FixtureServer } from '../fixtures/mcp-server/index.ts';
import { kubectl } from '../harness/kubectl.ts';
import { mcpServerManifest } from '../harness/mcp-server.ts';
import { PostgresServer } from '../harness/postgres.ts';
import { installReportApi } from '../harness/report-apis.ts';
import { applyResourceDefinitions } from '../harness/resource-definitions.ts';
import { waitFor } from '../harness/wait.ts';

const PROGRAM = fileURLToPath(new URL('../../operator/main.ts', import.meta.url));
const DATABASE = 'kilo_mcp';
const NAMESPACE = 'team-a';
const PASSWORDS = { kilo_app: 'secret-of-the-app', kilo_owner: 'secret-of-the-owner' };
const RUN_MS = 60_000;

let directory = '';
let controlPlane: ControlPlane;
let database: PostgresServer;
let operator: OperatorProcess;
let good: FixtureServer;
let slow: FixtureServer;
let isHanging = false;

const run = (...args: readonly string[]): Promise<string> => kubectl(controlPlane.kubeconfigPath, args);
const inFile = async (name: string, content: string): Promise<string> => {
  const path = join(directory, name);
  await writeFile(path, content);
  return path;
};

/** Two roles, so that everyday work cannot change the ledger, and a server that takes TLS only. */
async function startDatabase(): Promise<object> {
  const now = new Date();
  const authority = await createAuthority('database', now);
  const tls = await issue(authority, { commonName: 'db', hosts: ['localhost'] }, now);
  database = await PostgresServer.start('18', { tls });
  for (const [role, password] of Object.entries(PASSWORDS))
    await database.query(`CREATE ROLE ${role} LOGIN PASSWORD '${password}'`);
  await database.query(`CREATE DATABASE ${DATABASE} OWNER kilo_owner`);
  const credentials = async (role: keyof typeof PASSWORDS): Promise<object> => ({
    userFile: await inFile(`${role}-name`, `${role}\n`),
    passwordFile: await inFile(`${role}-password`, `${PASSWORDS[role]}\n`),
  });
  return {
    mode: 'External',
    host: 'localhost',
    port: database.port,
    database: DATABASE,
    ...(await credentials('kilo_app')),
    migration: await credentials('kilo_owner'),
    tls: { mode: 'verify-full', caFile: await inFile('ca.crt', authority.certificate) },
  };
}

async function createServer(name: string, url: string, labels = {}): Promise<void> {
  const metadata = { name, namespace: NAMESPACE, labels };
  const manifest = mcpServerManifest({ source: { remote: { url } } }, metadata);
  await kubectl(controlPlane.kubeconfigPath, ['apply', '-f', '-'], JSON.stringify(manifest));
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'compliance-external-'));
  controlPlane = await startControlPlane({
    directory: join(directory, 'cluster'),
    prepare: applyResourceDefinitions,
    report: silentReporter,
  });
  await installReportApi(controlPlane.kubeconfigPath, 'openReports');
  good = await startFixtureServer();
  slow = await startFixtureServer({ behaviour: { crash: { how: 'hang', on: () => isHanging } } });
  const store = await startDatabase();
  // The servers are on this machine, which a probe of remote servers does not reach by itself.
  const probe = { allowedCIDRs: ['127.0.0.0/8'] };
  const config = await inFile('operator.yaml', stringify({ store, probe, defaultPolicy: false }));
  operator = await startOperator({
    kubeconfigPath: controlPlane.kubeconfigPath,
    flags: [`--config=${config}`],
  });
  await operator.ready(60_000);
  await run('create', 'namespace', NAMESPACE);
  await createServer('good', good.url);
  await createServer('slow', slow.url, { 'legacy-gateway': 'true' });
  await run('wait', '-n', NAMESPACE, '--for=condition=Ready', '--timeout=60s', 'mcps/good', 'mcps/slow');
}, 240_000);

afterAll(async () => {
  await operator?.kill();
  await Promise.all([good?.close(), slow?.close()]);
  await database?.stop();
  await controlPlane?.stop();
  await rm(directory, { recursive: true, force: true });
});

async function statusOf(...check: readonly string[]): Promise<CheckStatus> {
  const { status = {} }: { status?: CheckStatus } = JSON.parse(await run('get', ...check, '-o', 'json'));
  return status;
}
const nightly = (): Promise<CheckStatus> => statusOf('mcpcc', 'nightly', '-n', NAMESPACE);
const condition = (status: CheckStatus, type: string): string | undefined =>
  status.conditions?.find((each) => each.type === type)?.reason;

function finished(look: () => Promise<CheckStatus>, description: string): Promise<CheckStatus> {
  const seen = async (): Promise<CheckStatus | false> => {
    const status = await look();
    return status.phase === 'Done' && status.lastRun?.finishedAt !== undefined && status;
  };
  return waitFor(seen, { deadlineMs: RUN_MS, intervalMs: 200, description });
}

/** What the run has of each server in the database, as the superuser sees it. */
async function recorded(runId: string): Promise<Readonly<Record<string, number>>> {
  const rows = await database.query<{ name: string; findings: string }>(
    `SELECT name, count(check_id) AS findings FROM kilo_mcp.run_servers LEFT JOIN kilo_mcp.findings USING (run_id, server_uid)
     WHERE run_id = $1 AND done_at IS NOT NULL GROUP BY name`,
    DATABASE,
    [runId],
  );
  return Object.fromEntries(rows.map(({ name, findings }) => [name, Number(findings)]));
}

/** `kilo-mcp ledger verify`, as an auditor runs it. */
function verifyLedger(): Promise<{ readonly code: number; readonly output: string }> {
  const args = [PROGRAM, 'ledger', 'verify', `--config=${join(directory, 'operator.yaml')}`];
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, output: `${stdout}${stderr}` }),
    );
  });
}

describe('examples/compliance, with a PostgreSQL of somebody’s', () => {
  it('kubectl apply is all that it takes to a verdict, findings and reports', async () => {
    await run('apply', '-n', NAMESPACE, '-f', 'examples/compliance/');
    const status = await finished(nightly, 'the first run');
    const { counts = { pass: 0, fail: 0, warn: 0, error: 0, skip: 0 }, lastRun, score = 0, worst } = status;
    expect(status).toMatchObject({ servers: 2, result: expect.stringMatching(/Compliant$/) });
    expect(condition(status, 'Recorded')).toBe('Recorded');
    expect(worst?.[0]).toMatchObject({ check: 'MCP-S01', severity: 'critical' });
    expect(worst).toContainEqual({
      server: `${NAMESPACE}/slow`,
      check: 'MCP-S11',
      severity: 'high',
      message: 'The endpoint is plain http.',
    });
    expect(await run('get', 'mcpcc', '-n', NAMESPACE)).toMatch(
      new RegExp(`^nightly +${status.result} +${score} +${status.coverage} +${counts.fail} `, 'm'),
    );

    const found = await recorded(lastRun?.id ?? '');
    expect(Object.keys(found).toSorted()).toEqual(['good', 'slow']);
    const all = Object.values(found).reduce((sum, count) => sum + count, 0);
    expect(all).toBe(Object.values(counts).reduce((sum, count) => sum + count, 0));
    expect(all).toBeGreaterThan(60);

    const reports = (await run('get', 'reports.openreports.io', '-A')).trim().split('\n').slice(1);
    expect(reports).toHaveLength(2);
    const servers = (await run('get', 'mcps', '-n', NAMESPACE)).trim().split('\n').slice(1);
    expect(servers.every((line) => / True +Ready .* \d+ /.test(line))).toBe(true);
  });

  it('and the waiver of the check of the cluster covers the server that it names', async () => {
    const fleet = await finished(() => statusOf('mcpccc', 'fleet'), 'the run over the cluster');
    expect(fleet.waivers).toMatchObject({ active: 1, unused: 0, invalid: 0, expired: 0 });
    expect(fleet.counts?.fail).toBe(((await nightly()).counts?.fail ?? 0) - 1);
  });

  it('the database is reached over TLS, by the role for everyday work, and no password is in the log', async () => {
    const sessions = await database.query(
      "SELECT DISTINCT usename, ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'mcp-operator'",
    );
    expect(sessions).toEqual([{ usename: 'kilo_app', ssl: true }]);
    const log = operator.lines.join('\n');
    expect(log).not.toMatch(/secret-of-the/);
  });

  it('a database that stops in the middle of a run is said, and the run goes on by itself when it is back', async () => {
    const before = await nightly();
    isHanging = true;
    const at = new Date().toISOString();
    const request = `mcp.kilocode.ai/run-requested-at=${at}`;
    await run('annotate', '--overwrite', '-n', NAMESPACE, 'mcpcc', 'nightly', request);
    const id = await waitFor(
      async () => {
        const { lastRun } = await nightly();
        const isBegun = lastRun !== undefined && lastRun.id !== before.lastRun?.id;
        return isBegun && 'good' in (await recorded(lastRun.id)) && lastRun.id;
      },
      { deadlineMs: RUN_MS, description: 'the first server to be recorded' },
    );
    await database.kill();
    isHanging = false;
    const down = await waitFor(
      async () => {
        const status = await nightly();
        return condition(status, 'Recorded') === 'StoreUnavailable' && status;
      },
      { deadlineMs: RUN_MS, intervalMs: 200, description: 'Recorded to be False' },
    );
    expect(down).toMatchObject({ phase: 'Running', score: before.score, lastRun: { id } });
    expect(await operator.health('/readyz')).toBe(200);

    await database.restart();
    const after = await finished(nightly, 'the run to end');
    expect(after).toMatchObject({ lastRun: { id, trigger: 'Request' }, lastRunRequest: at });
    expect(condition(after, 'Recorded')).toBe('Recorded');
    const found = await recorded(id);
    expect(found['slow']).toBe(found['good']);
    expect(await verifyLedger()).toMatchObject({
      code: 0,
      output: expect.stringMatching(/^LEDGER +Intact$/m),
    });
  });

  it('ledger verify names the row of which a superuser changed one byte', async () => {
    const flip =
      'UPDATE kilo_mcp.ledger SET entry = set_byte(entry, 40, get_byte(entry, 40) # 1) WHERE seq = 3';
    await database.query(flip, DATABASE);
    const { code, output } = await verifyLedger();
    expect(code).toBe(1);
    expect(output).toMatch(/^PROBLEM +row 3: /m);
    await database.query(flip, DATABASE);
    expect((await verifyLedger()).code).toBe(0);
  });
});

describe('an embedded store', () => {
  it('is there before the operator takes on any duty, since to make it holds everything up', async () => {
    const store = { mode: 'Embedded', directory: join(directory, 'embedded') };
    const config = await inFile('embedded.yaml', stringify({ store, defaultPolicy: false }));
    const embedded = await startOperator({
      kubeconfigPath: controlPlane.kubeconfigPath,
      flags: [`--config=${config}`, '--watch-namespaces=default'],
    });
    await embedded.ready(60_000);
    const first = (text: string): number => embedded.lines.findIndex((line) => line.includes(text));
    // Ready means that its caches are complete; it leads a moment later.
    await waitFor(() => first('controller started') >= 0);
    expect(first('the embedded database is open')).toBe(0);
    expect(existsSync(join(store.directory, 'data', 'PG_VERSION'))).toBe(true);
    await embedded.kill();
  });
});
