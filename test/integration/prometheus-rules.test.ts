/** The chart's alerts by promtool: they parse, fire when they should, and only then. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { run } from '../../hack/cluster/index.ts';
import { ensurePromtool } from '../../hack/report-readers/index.ts';
import dashboard from '../../charts/mcp-operator/files/dashboards/mcp-compliance.json' with { type: 'json' };
import { find, render } from '../harness/helm.ts';

let scratch = '';
let promtool = '';
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'rules-'));
  promtool = await ensurePromtool();
  const manifests = await render({
    metrics: { prometheusRule: { enabled: true, complianceMaxAgeHours: 3 } },
    store: { mode: 'External', external: { host: 'db', secretName: 'db' } },
  });
  await writeFile(join(scratch, 'rules.yaml'), stringify(find(manifests, 'PrometheusRule')['spec']));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

const FROM = 'job="mcp-operator-metrics"';
const OWN = `${FROM},namespace="mcp-system"`;
const NIGHTLY = `${FROM},namespace="team-a",name="nightly"`;
const DAY_MINUTES = 1440;

interface Series {
  readonly series: string;
  readonly values: string;
}

/** Names of the alerts that fire at `minute`, of those that are about compliance or servers. */
async function firing(series: readonly Series[], minute: number, alert: string): Promise<boolean> {
  const test = {
    rule_files: ['rules.yaml'],
    evaluation_interval: '1m',
    tests: [
      {
        interval: '1m',
        input_series: series,
        alert_rule_test: [{ eval_time: `${minute}m`, alertname: alert, exp_alerts: [] }],
      },
    ],
  };
  const file = join(scratch, `${alert}.yaml`);
  await writeFile(file, stringify(test));
  try {
    await run(promtool, ['test', 'rules', file], { cwd: scratch });
    return false;
  } catch (error) {
    // promtool shows the alerts that were not expected; anything else is no answer.
    if (error instanceof Error && error.message.includes('got:[')) return true;
    throw error;
  }
}

describe('the rules', () => {
  it('parse, by the rules of Prometheus', async () => {
    expect(await run(promtool, ['check', 'rules', 'rules.yaml'], { cwd: scratch })).toMatch(
      /SUCCESS: 1[5-9] rules found/,
    );
  });

  it.each<[string, readonly Series[], number, boolean]>([
    ['MCPComplianceCriticalFailure', [result('critical', 'Fail', '1+0x30')], 20, true],
    ['MCPComplianceCriticalFailure', [result('critical', 'Error', '2+0x30')], 20, true],
    ['MCPComplianceCriticalFailure', [result('high', 'Fail', '1+0x30')], 20, false],
    ['MCPComplianceCriticalFailure', [result('critical', 'Waived', '1+0x30')], 20, false],
    ['MCPComplianceCriticalFailure', [result('critical', 'Fail', '1+0x5 0+0x30')], 20, false],
    ['MCPComplianceScoreDropped', [score(`90+0x${DAY_MINUTES} 80+0x60`)], DAY_MINUTES + 30, true],
    ['MCPComplianceScoreDropped', [score(`90+0x${DAY_MINUTES} 81+0x60`)], DAY_MINUTES + 30, false],
    ['MCPComplianceScoreDropped', [score('10+0x60')], 30, false],
    ['MCPComplianceRunOverdue', [lastRun('0+0x300')], 210, true],
    ['MCPComplianceRunOverdue', [lastRun('0+0x300')], 150, false],
    ['MCPComplianceDeliveriesGivenUp', [outbox('dead', '1+0x30')], 10, true],
    ['MCPComplianceDeliveriesGivenUp', [outbox('pending', '1+0x30')], 10, false],
    ['MCPComplianceDeliveriesWait', [outbox('pending', '101+0x60')], 40, true],
    ['MCPComplianceDeliveriesWait', [outbox('pending', '101+0x10 3+0x60')], 40, false],
    ['MCPComplianceLedgerWentBack', [ledger('100+1x30 20+0x30')], 45, true],
    ['MCPComplianceLedgerWentBack', [ledger('100+1x60')], 45, false],
    ['MCPComplianceLedgerRestored', [restored('0+0x10 1+0x30')], 12, true],
    ['MCPComplianceLedgerRestored', [restored('0+0x30')], 12, false],
    ['MCPComplianceReportsFail', [reports('failed', '0+1x60')], 40, true],
    ['MCPComplianceReportsFail', [reports('noAPI', '0+1x60')], 40, false],
    ['MCPExecutorHasNoLeader', [executor('0+0x30')], 20, true],
    ['MCPExecutorHasNoLeader', [], 20, true],
    ['MCPExecutorHasNoLeader', [executor('1+0x30')], 20, false],
    [
      'MCPServerNotReady',
      [{ series: `mcp_server_ready{${FROM},namespace="a",name="b"}`, values: '0+0x30' }],
      20,
      true,
    ],
    [
      'MCPServerNotReady',
      [{ series: `mcp_server_ready{${FROM},namespace="a",name="b"}`, values: '1+0x30' }],
      20,
      false,
    ],
  ])('%s with %j at minute %i: %s', async (alert, series, minute, expected) => {
    expect(await firing(series, minute, alert)).toBe(expected);
  });
});

it('every query of the dashboard parses', async () => {
  const queries = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
  const rules = queries.map((expr, index) => ({ record: `query:${index}`, expr }));
  await writeFile(join(scratch, 'dashboard.yaml'), stringify({ groups: [{ name: 'dashboard', rules }] }));
  const said = await run(promtool, ['check', 'rules', 'dashboard.yaml'], { cwd: scratch });
  expect(said).toContain(`SUCCESS: ${queries.length} rules found`);
});

it('the dashboard is there when it is asked for', async () => {
  const on = await render({ metrics: { grafanaDashboard: { enabled: true, labels: { folder: 'mcp' } } } });
  const { metadata, data } = find(on, 'ConfigMap', 'mcp-operator-dashboard') as ReturnType<typeof find> & {
    readonly data: Record<string, string>;
  };
  expect(metadata.labels).toMatchObject({ grafana_dashboard: '1', folder: 'mcp' });
  expect(JSON.parse(data['mcp-compliance.json'] ?? '')).toEqual(dashboard);
  expect((await render()).filter((object) => object.metadata.name === 'mcp-operator-dashboard')).toEqual([]);
});

function executor(values: string): Series {
  const from = 'job="mcp-operator-executor-metrics",namespace="mcp-system"';
  return { series: `leader_election_master_status{${from},name="mcp-executor"}`, values };
}

function result(severity: string, outcome: string, values: string): Series {
  return {
    series: `mcp_compliance_result{${NIGHTLY},check="MCP-S01",severity="${severity}",result="${outcome}"}`,
    values,
  };
}

function score(values: string): Series {
  return { series: `mcp_compliance_score{${NIGHTLY}}`, values };
}

function lastRun(values: string): Series {
  return { series: `mcp_compliance_last_run_timestamp_seconds{${NIGHTLY}}`, values };
}

function outbox(state: string, values: string): Series {
  return { series: `mcp_compliance_outbox_depth{${OWN},state="${state}"}`, values };
}

function ledger(values: string): Series {
  return { series: `mcp_compliance_ledger_head{${OWN}}`, values };
}

function restored(values: string): Series {
  return { series: `mcp_compliance_ledger_restored{${OWN}}`, values };
}

function reports(outcome: string, values: string): Series {
  return { series: `mcp_compliance_report_publications_total{${OWN},outcome="${outcome}"}`, values };
}
