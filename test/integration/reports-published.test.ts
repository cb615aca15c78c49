/** Reports on an API server of their own, since the kinds come and go; published with the rights that the operator has, and no others. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  REPORT_PERMISSIONS,
  createReportPublisher,
  type ReportPublisher,
} from '../../controllers/compliancereport/index.ts';
import { silentLogger } from '../../core/logger.ts';
import { FakeClock } from '../../core/testing/fake-clock.ts';
import { silentReporter, startControlPlane, type ControlPlane } from '../../hack/cluster/index.ts';
import { reportApiDefinition } from '../../hack/report-readers/index.ts';
import { connect, loadClusterAccess, type ApiServer } from '../../operator/runtime/index.ts';
import type { ReportShare } from '../../reports/index.ts';
import { OWNER, SAMPLE_FINDINGS, sampleFinding } from '../../reports/testing/sample.ts';
import { render } from '../harness/helm.ts';
import { kubectl } from '../harness/kubectl.ts';
import { createNamespace, type TestNamespace } from '../harness/namespace.ts';
import { installReportApi, removeReportApi } from '../harness/report-apis.ts';
import { applyResourceDefinitions } from '../harness/resource-definitions.ts';
import { createServiceAccount, type TestServiceAccount } from '../harness/service-account.ts';
import { waitFor } from '../harness/wait.ts';

const NEVER = new AbortController().signal;
const clock = new FakeClock();
let directory = '';
let controlPlane: ControlPlane;
let namespace: TestNamespace;
let account: TestServiceAccount;
let api: ApiServer;
let publisher: ReportPublisher;
let share: ReportShare;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'reports-published-'));
  controlPlane = await startControlPlane({
    directory,
    prepare: applyResourceDefinitions,
    report: silentReporter,
  });
  const admin = controlPlane.kubeconfigPath;
  namespace = await createNamespace(admin, 'reports');
  account = await createServiceAccount(
    admin,
    { namespace: namespace.name, name: 'publisher' },
    REPORT_PERMISSIONS,
  );
  api = connect(await loadClusterAccess({ path: account.kubeconfigPath }), { program: 'test/0' });
  publisher = createReportPublisher({
    client: api.client('compliancereport'),
    discovery: api.discovery('compliancereport'),
    namespaces: [],
    clock,
    logger: silentLogger,
    observe: () => undefined,
  });
  const server = {
    apiVersion: 'mcp.kilocode.ai/v1alpha1',
    kind: 'MCPServer',
    metadata: { name: 'github' },
    spec: { source: { remote: { url: 'https://mcp.example.com/mcp' } } },
  };
  await cluster(['create', '-f', '-'], JSON.stringify(server));
  const uid = await cluster(['get', 'mcpserver', 'github', '-o', 'jsonpath={.metadata.uid}']);
  share = {
    owner: OWNER,
    profile: 'mcp-baseline-v1',
    server: { namespace: namespace.name, name: 'github', uid },
    runId: '8f14e45f-ceea-467f-a8d5-1d6c0a5b9e21',
    findings: Object.values(SAMPLE_FINDINGS),
  };
}, 180_000);

afterAll(async () => {
  await api?.close();
  await account?.remove();
  await controlPlane?.stop();
  await rm(directory, { recursive: true, force: true });
});

/** kubectl in the test's namespace. */
async function cluster(args: readonly string[], input?: string): Promise<string> {
  return kubectl(controlPlane.kubeconfigPath, ['-n', namespace.name, ...args], input);
}

async function stored(
  kind: string,
): Promise<Record<string, unknown> & { metadata: { resourceVersion: string } }> {
  return JSON.parse(await cluster(['get', kind, `mcp-${share.server.uid}`, '-o', 'json']));
}

/** The answer of discovery is kept for at most so long. */
const lookAgain = (): Promise<void> => clock.advance(600_000);

describe('a report', () => {
  it('has nowhere to go while no API is installed, which is said', async () => {
    expect(await publisher.publish(share, NEVER)).toEqual({ kind: 'noAPI' });
  });

  it('goes to the older API where only that is installed', async () => {
    await installReportApi(controlPlane.kubeconfigPath, 'policyReport');
    await lookAgain();
    expect(await publisher.publish(share, NEVER)).toEqual({
      kind: 'published',
      api: 'wgpolicyk8s.io/v1alpha2',
    });
    expect(await stored('policyreports')).toMatchObject({
      summary: { pass: 1, fail: 1, warn: 1, error: 1, skip: 4 },
    });
  });

  it('goes to the newer one as soon as that is installed, and to that alone', async () => {
    await installReportApi(controlPlane.kubeconfigPath, 'openReports');
    await lookAgain();
    expect(await publisher.publish(share, NEVER)).toEqual({
      kind: 'published',
      api: 'openreports.io/v1alpha1',
    });
    expect(await cluster(['get', 'policyreports', '-o', 'name'])).toBe('');
    expect(await stored('reports.openreports.io')).toMatchObject({
      source: 'mcp-operator',
      scope: { kind: 'MCPServer', name: 'github', uid: share.server.uid },
      summary: { pass: 1, fail: 1, warn: 1, error: 1, skip: 4 },
    });
    expect(await cluster(['get', 'reports.openreports.io'])).toMatch(
      /NAME\s+PASS\s+FAIL\s+WARN\s+ERROR\s+SKIP/,
    );
  });

  it('is not written while nothing changes, and once when something does', async () => {
    const before = await stored('reports.openreports.io');
    expect(await publisher.publish({ ...share, runId: 'another' }, NEVER)).toMatchObject({
      kind: 'unchanged',
    });
    expect((await stored('reports.openreports.io')).metadata.resourceVersion).toBe(
      before.metadata.resourceVersion,
    );
    const fixed = share.findings.map((finding) =>
      finding.check === 'MCP-S08' ? sampleFinding({ outcome: 'Pass' }) : finding,
    );
    expect(await publisher.publish({ ...share, findings: fixed }, NEVER)).toMatchObject({
      kind: 'published',
    });
    expect(await stored('reports.openreports.io')).toMatchObject({ summary: { pass: 2, fail: 0 } });
  });

  it('is set right when somebody changed it', async () => {
    await cluster([
      'patch',
      'reports.openreports.io',
      `mcp-${share.server.uid}`,
      '--type=merge',
      '-p',
      '{"results":[]}',
    ]);
    expect(await publisher.publish(share, NEVER)).toMatchObject({ kind: 'published' });
    expect(await stored('reports.openreports.io')).toMatchObject({ summary: { fail: 1 } });
  });

  it('keeps the results of other checks, until those are gone', async () => {
    const weekly = { ...OWNER, name: 'weekly', uid: 'weekly' };
    await publisher.publish({ ...share, owner: weekly, findings: [sampleFinding()] }, NEVER);
    expect(await stored('reports.openreports.io')).toMatchObject({ summary: { fail: 2 } });
    await publisher.sweep((owner) => !owner.endsWith('/weekly'), NEVER);
    expect(await stored('reports.openreports.io')).toMatchObject({ summary: { fail: 1 } });
  });

  it('comes back by itself after its API was taken away', async () => {
    await removeReportApi(controlPlane.kubeconfigPath, 'openReports');
    await removeReportApi(controlPlane.kubeconfigPath, 'policyReport');
    await waitFor(
      async () => (await publisher.publish(share, NEVER)).kind === 'noAPI' || (await lookAgain(), false),
    );
    await installReportApi(controlPlane.kubeconfigPath, 'openReports');
    await waitFor(async () => {
      await lookAgain();
      return (await publisher.publish(share, NEVER)).kind === 'published';
    });
  });

  it('goes with its server, by garbage collection', async () => {
    await cluster(['delete', 'mcpserver', 'github']);
    await waitFor(async () => (await cluster(['get', 'reports.openreports.io', '-o', 'name'])) === '', {
      deadlineMs: 50_000,
      description: 'the report to be collected',
    });
  });
});

describe('the chart', () => {
  it('installs the API on request alone, exactly as its project publishes it', async () => {
    const name = 'reports.openreports.io';
    const crd = async (values: object): Promise<unknown> =>
      (await render(values)).find(
        (object) => object.kind === 'CustomResourceDefinition' && object.metadata.name === name,
      )?.['spec'];
    expect(await crd({})).toBeUndefined();
    const published = parse(await readFile(await reportApiDefinition('openReports'), 'utf8')) as {
      spec: object;
    };
    expect(await crd({ reports: { installCRDs: true } })).toEqual(published.spec);
  });
});
