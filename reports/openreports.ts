/**
 * The `Report` of openreports.io, and its forerunner `PolicyReport` of wgpolicyk8s.io: what existing tools read in a cluster. One report
 * a server, shared by all ComplianceChecks that judge it; each owns the results that carry its name. Nothing in a report changes while
 * the outcomes stay, so that nobody is told the same twice and etcd is left alone.
 * @see https://github.com/openreports/reports-api
 * @see https://github.com/kubernetes-sigs/wg-policy-prototypes
 */
import { GROUP, VERSION, mcpServerResource } from '../api/index.ts';
import { FAMILIES } from '../checks/engine/check.ts';
import type { FindingRecord, RunRecord, ServerReference } from '../checks/engine/record.ts';
import type { Severity } from '../checks/finding.ts';
import { canonicalJson } from '../core/canonical-json.ts';
import { excerpt } from '../core/excerpt.ts';
import { REPORT_RESULTS, reportResult, type ReportResult } from './report-result.ts';
import { skipReason } from './run-report.ts';

/** Who says so, in every report and result. Never changed: readers select by it. */
const REPORT_SOURCE = 'mcp-operator';
/** On every report of ours: how they are found again. */
export const REPORT_LABELS = { 'app.kubernetes.io/managed-by': REPORT_SOURCE } as const;

/** The two kinds, the preferred one first. They differ in what stands at the level of the report. */
export const REPORT_APIS = {
  openReports: {
    group: 'openreports.io',
    version: 'v1alpha1',
    kind: 'Report',
    plural: 'reports',
    namespaced: true,
  },
  policyReport: {
    group: 'wgpolicyk8s.io',
    version: 'v1alpha2',
    kind: 'PolicyReport',
    plural: 'policyreports',
    namespaced: true,
  },
} as const;
export type ReportApi = keyof typeof REPORT_APIS;

/** A report of some 500 results has 200 KiB; etcd takes 1.5 MiB. The most urgent stay. */
const MAX_RESULTS = 500;
const MAX_MESSAGE_LENGTH = 1024;
const MAX_PROPERTY_LENGTH = 512;

/** The ComplianceCheck that a result is of. */
export type ReportOwner = NonNullable<RunRecord['owner']>;

/** What one check has to say of one server. */
export interface ReportShare {
  readonly owner: ReportOwner;
  /** Name of the profile. */
  readonly profile: string;
  readonly server: ServerReference;
  readonly runId: string;
  readonly findings: readonly FindingRecord[];
}

/** One entry of `results`. */
export interface ReportEntry {
  readonly source: string;
  readonly policy: string;
  readonly rule: string;
  readonly category: string;
  readonly severity: Severity;
  readonly result: ReportResult;
  readonly scored: boolean;
  readonly message: string;
  readonly timestamp: { readonly seconds: number; readonly nanos: number };
  readonly properties: Readonly<Record<string, string>>;
}

/** A report as it is written. */
export interface ReportObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly ownerReferences: readonly OwnerReference[];
  };
  readonly source?: string;
  readonly scope: ScopeReference;
  readonly configuration?: { readonly limits: { readonly maxResults: number } };
  readonly summary: Readonly<Record<ReportResult, number>>;
  readonly results: readonly ReportEntry[];
}

interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller: true;
}

interface ScopeReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
}

/** @returns the name of the server's report: a server that is made anew under the same name gets another. */
export function reportName({ uid }: Pick<ServerReference, 'uid'>): string {
  return `mcp-${uid}`;
}

/** How results name their check: `ComplianceCheck/team-a/nightly`, `ClusterComplianceCheck/nightly`. */
export function ownerName({ kind, namespace, name }: Omit<ReportOwner, 'uid'>): string {
  return [kind, ...(namespace === '' ? [] : [namespace]), name].join('/');
}

/** @returns which check a result is of; undefined for one that is not ours. */
export function ownerOfResult({ properties }: Partial<Pick<ReportEntry, 'properties'>>): string | undefined {
  return properties?.[OWNER_PROPERTY];
}

const OWNER_PROPERTY = 'complianceCheck';
const EVIDENCE_PROPERTY = 'evidence';

/** @returns the results of a share, in the order of their checks. */
export function shareResults(share: ReportShare): readonly ReportEntry[] {
  return share.findings.map((finding) => entryOf(finding, share));
}

/** @returns the report with exactly these results. */
export function buildReport(
  api: ReportApi,
  server: ServerReference,
  entries: readonly ReportEntry[],
): ReportObject {
  const { group, version, kind } = REPORT_APIS[api];
  const results = bounded(entries);
  const reference = {
    apiVersion: `${GROUP}/${VERSION}`,
    kind: mcpServerResource.kind,
    name: server.name,
    uid: server.uid,
  };
  return {
    apiVersion: `${group}/${version}`,
    kind,
    metadata: {
      name: reportName(server),
      namespace: server.namespace,
      labels: REPORT_LABELS,
      ownerReferences: [{ ...reference, controller: true }],
    },
    // The older kind knows neither: the API server would refuse them.
    ...(api === 'openReports' && {
      source: REPORT_SOURCE,
      configuration: { limits: { maxResults: MAX_RESULTS } },
    }),
    scope: { ...reference, namespace: server.namespace },
    summary: summaryOf(results),
    results,
  };
}

/**
 * @returns whether two reports tell a reader the same. Where the evidence lies is not part of it: that is another place after every run, and
 *   the report of an unchanged server is not written.
 */
export function isSameReport(one: readonly ReportEntry[], other: readonly ReportEntry[]): boolean {
  return canonicalJson(one.map(withoutEvidence)) === canonicalJson(other.map(withoutEvidence));
}

function withoutEvidence(entry: ReportEntry): ReportEntry {
  const { [EVIDENCE_PROPERTY]: _evidence, ...properties } = entry.properties;
  return { ...entry, properties };
}

function entryOf(finding: FindingRecord, { owner, profile, runId }: ReportShare): ReportEntry {
  return {
    source: REPORT_SOURCE,
    policy: profile,
    rule: finding.check,
    category: FAMILIES[finding.family],
    severity: finding.severity,
    result: reportResult(finding),
    scored: finding.scored,
    message: excerpt(finding.message, MAX_MESSAGE_LENGTH),
    timestamp: timestampOf(finding.firstSeenAt),
    properties: {
      [OWNER_PROPERTY]: ownerName(owner),
      ...propertiesOf(finding),
      ...(finding.evidence !== undefined && { [EVIDENCE_PROPERTY]: `run/${runId}/${finding.check}` }),
    },
  };
}

function propertiesOf(finding: FindingRecord): Readonly<Record<string, string>> {
  const reason = skipReason(finding.outcome);
  const controls = Object.entries(finding.controls).map(([framework, ids]) => [framework, ids.join(';')]);
  const properties: readonly (readonly string[])[] = [
    ['resultID', finding.resultId],
    ['remediation', finding.remediation.kind],
    ...(reason === undefined ? [] : [['reason', reason]]),
    ...(finding.era === undefined ? [] : [['era', finding.era]]),
    ...(finding.waiver === undefined ? [] : [['waiverExpires', finding.waiver.expiresAt]]),
    ...controls,
  ];
  return Object.fromEntries(
    properties.map(([name = '', value = '']) => [name, excerpt(value, MAX_PROPERTY_LENGTH)]),
  ) as Record<string, string>;
}

/** A time as protobuf has it, which both kinds ask for. */
function timestampOf(time: string): ReportEntry['timestamp'] {
  const milliseconds = Date.parse(time);
  const seconds = Math.floor(milliseconds / 1000);
  return { seconds, nanos: (milliseconds - seconds * 1000) * 1_000_000 };
}

/** What is cut is the least urgent; what stays has an order that does not depend on outcomes. */
function bounded(entries: readonly ReportEntry[]): readonly ReportEntry[] {
  const order = ['fail', 'error', 'warn', 'skip', 'pass'];
  const urgent =
    entries.length <= MAX_RESULTS
      ? entries
      : entries.toSorted((one, other) => order.indexOf(one.result) - order.indexOf(other.result));
  const kept = urgent.slice(0, MAX_RESULTS).map((entry) => [sortKey(entry), entry] as const);
  return kept
    .toSorted(([one], [other]) => (one < other ? -1 : Number(one > other)))
    .map(([, entry]) => entry);
}

function sortKey(entry: ReportEntry): string {
  return JSON.stringify([
    ownerOfResult(entry) ?? '',
    entry.policy,
    entry.rule,
    entry.properties['era'] ?? '',
  ]);
}

function summaryOf(results: readonly ReportEntry[]): ReportObject['summary'] {
  const entries = REPORT_RESULTS.map(
    (result) => [result, results.filter((entry) => entry.result === result).length] as const,
  );
  return Object.fromEntries(entries) as Record<ReportResult, number>;
}
