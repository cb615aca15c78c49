/**
 * What Prometheus sees of compliance. Labels are bounded by the number of ComplianceChecks and of checks of the catalogue; servers are not
 * among them. A ClusterComplianceCheck has an empty namespace. After a restart the figures come from history.
 */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Outcome } from '../../checks/engine/outcome.ts';
import type { FindingRecord, RunRecord } from '../../checks/engine/record.ts';
import { formatKey, type ObjectKey } from '../../operator/runtime/index.ts';

/** The last verdict of a ComplianceCheck. */
export interface ComplianceVerdict {
  /** Whole percent; undefined when nothing could be judged. */
  readonly score?: number;
  readonly coverage?: number;
  /** ISO 8601. */
  readonly finishedAt: string;
  /** Of all servers. */
  readonly findings: readonly Pick<FindingRecord, 'check' | 'severity' | 'outcome'>[];
}

/** @see createComplianceMetrics */
export interface ComplianceMetrics {
  /** Puts the check's series at what its last run found; the same again changes nothing. */
  verdict(key: ObjectKey, verdict: ComplianceVerdict): void;
  /** A run ended. */
  ran(run: { readonly durationMs: number; readonly result: NonNullable<RunRecord['result']> }): void;
  /** How the store is, as far as it could be asked. */
  store(facts: StoreFacts): void;
  /** Whether the ledger goes on from its last checkpoint outside; `unknown` where nobody could compare them. */
  ledger(standing: 'unknown' | 'continued' | 'broken'): void;
  /** What became of a report: a `kind` of `Publication`. */
  reported(kind: string): void;
  /** Drops the series of a check that is gone. */
  forget(key: ObjectKey): void;
}

/** What is known of the store now. */
export interface StoreFacts {
  /** Deliveries that wait, and those that were given up. */
  readonly outbox: { readonly pending: number; readonly dead: number };
  /** Number of the ledger's last row. */
  readonly ledgerHead: number;
}

const RESULTS = ['Compliant', 'NonCompliant', 'Error', 'NotApplicable'] as const;

/** Registers the metrics. */
export function createComplianceMetrics(registry: Registry): ComplianceMetrics {
  const verdicts = createVerdictGauges(registry);
  const store = createStoreGauges(registry);
  const ledger = createLedgerGauge(registry);
  const registers = [registry];
  const duration = new Histogram({
    name: 'mcp_compliance_run_duration_seconds',
    help: 'How long runs of ComplianceChecks took, by what came out.',
    labelNames: ['result'] as const,
    buckets: [1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600],
    registers,
  });
  for (const result of RESULTS) duration.zero({ result });
  const reports = new Counter({
    name: 'mcp_compliance_report_publications_total',
    help: 'What became of reports of servers that were to be published.',
    labelNames: ['outcome'] as const,
    registers,
  });
  return {
    ...verdicts,
    store,
    ledger,
    ran: ({ durationMs, result }) => duration.observe({ result }, durationMs / 1000),
    reported: (outcome) => reports.inc({ outcome }),
  };
}

const CHECK_LABELS = ['namespace', 'name'] as const;

function createVerdictGauges(registry: Registry): Pick<ComplianceMetrics, 'verdict' | 'forget'> {
  const registers = [registry];
  const of = (name: string, help: string): Gauge<(typeof CHECK_LABELS)[number]> =>
    new Gauge({ name, help, labelNames: CHECK_LABELS, registers });
  const score = of('mcp_compliance_score', 'Score of the last run of the ComplianceCheck, in percent.');
  const coverage = of(
    'mcp_compliance_coverage',
    'Coverage of the last run of the ComplianceCheck, in percent.',
  );
  const lastRun = of(
    'mcp_compliance_last_run_timestamp_seconds',
    'When the last run of the ComplianceCheck ended. Its age is time() minus this.',
  );
  const results = new Gauge({
    name: 'mcp_compliance_result',
    help: 'How many servers a check of the catalogue ended with this result for, in the last run of the ComplianceCheck.',
    labelNames: [...CHECK_LABELS, 'check', 'severity', 'result'] as const,
    registers,
  });
  const series = new Map<string, readonly SeriesLabels[]>();
  const dropResults = (key: ObjectKey): void => {
    for (const labels of series.get(formatKey(key)) ?? []) results.remove({ ...labels });
    series.delete(formatKey(key));
  };
  return {
    verdict: (key, verdict) => {
      dropResults(key);
      const counted = countResults(key, verdict.findings);
      for (const { labels, count } of counted) results.set({ ...labels }, count);
      series.set(
        formatKey(key),
        counted.map(({ labels }) => labels),
      );
      lastRun.set({ ...key }, Date.parse(verdict.finishedAt) / 1000);
      setOrRemove(score, key, verdict.score);
      setOrRemove(coverage, key, verdict.coverage);
    },
    forget: (key) => {
      dropResults(key);
      for (const gauge of [score, coverage, lastRun]) gauge.remove({ ...key });
    },
  };
}

interface SeriesLabels extends ObjectKey {
  readonly check: string;
  readonly severity: string;
  readonly result: Outcome;
}

function countResults(
  { namespace, name }: ObjectKey,
  findings: ComplianceVerdict['findings'],
): readonly { readonly labels: SeriesLabels; readonly count: number }[] {
  const groups = Map.groupBy(findings, ({ check, severity, outcome }) =>
    JSON.stringify([check, severity, outcome]),
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { check, severity, outcome: result } = first;
    return [{ labels: { namespace, name, check, severity, result }, count: group.length }];
  });
}

function setOrRemove(
  gauge: Gauge<(typeof CHECK_LABELS)[number]>,
  key: ObjectKey,
  value: number | undefined,
): void {
  if (value === undefined) gauge.remove({ ...key });
  else gauge.set({ ...key }, value);
}

function createStoreGauges(registry: Registry): ComplianceMetrics['store'] {
  const registers = [registry];
  const outbox = new Gauge({
    name: 'mcp_compliance_outbox_depth',
    help: 'Deliveries in the outbox of the store: those that wait (pending) and those that were given up (dead).',
    labelNames: ['state'] as const,
    registers,
  });
  const ledger = new Gauge({
    name: 'mcp_compliance_ledger_head',
    help: 'Number of the last row of the ledger. It never goes down.',
    registers,
  });
  // A gauge without labels begins at 0, which would look like an empty ledger where nobody has looked yet.
  ledger.remove();
  return ({ outbox: deliveries, ledgerHead }) => {
    outbox.set({ state: 'pending' }, deliveries.pending);
    outbox.set({ state: 'dead' }, deliveries.dead);
    ledger.set(ledgerHead);
  };
}

function createLedgerGauge(registry: Registry): ComplianceMetrics['ledger'] {
  const restored = new Gauge({
    name: 'mcp_compliance_ledger_restored',
    help: '1 while the ledger does not go on from its last checkpoint outside, and nobody has acknowledged that; absent where it is not known.',
    registers: [registry],
  });
  restored.remove();
  return (standing) => {
    if (standing === 'unknown') restored.remove();
    else restored.set(standing === 'broken' ? 1 : 0);
  };
}
