/**
 * What every report is made from: one run as history keeps it, with what came before it. Plain data, so that the same report can be
 * made of a store's rows, of a file or of a run on a laptop.
 */
import { SEVERITIES, type Severity } from '../checks/finding.ts';
import { OUTCOMES, type Outcome } from '../checks/engine/outcome.ts';
import type { LedgerProof } from '../checks/engine/history.ts';
import type {
  EvidenceRecord,
  FindingRecord,
  RunRecord,
  ServerReference,
  ServerResult,
} from '../checks/engine/record.ts';

export interface RunReport {
  readonly run: RunRecord;
  readonly results: readonly ServerResult[];
  /** Runs of the same owner, this one among them or not, in any order: the score over time. Empty where there is no history. */
  readonly history: readonly RunRecord[];
  /** Undefined where there is no ledger. */
  readonly proof?: LedgerProof;
  /** ISO 8601. */
  readonly generatedAt: string;
}

/** `team-a/MCPServer/github`; of an endpoint without a cluster its host. */
export function serverName({ namespace, name }: ServerReference): string {
  return namespace === '' ? name : `${namespace}/MCPServer/${name}`;
}

/** How much an outcome asks of the reader, the most first. */
const URGENCY: readonly Outcome[] = [
  'Fail',
  'Error',
  'Warn',
  'Manual',
  'Untestable',
  'Waived',
  'NotApplicable',
  'Pass',
];

/** @returns every finding, the most urgent first: by outcome, severity, check, server. */
export function findingsOf(results: readonly ServerResult[]): readonly FindingRecord[] {
  return results.flatMap(({ findings }) => findings).toSorted(byUrgency);
}

function byUrgency(one: FindingRecord, other: FindingRecord): number {
  return (
    URGENCY.indexOf(one.outcome) - URGENCY.indexOf(other.outcome) ||
    SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity) ||
    one.check.localeCompare(other.check, 'en') ||
    serverName(one.server).localeCompare(serverName(other.server), 'en')
  );
}

/** What counts against a server: a crashed check is no better than a failed one. */
export function isFailure({ outcome, scored }: Pick<FindingRecord, 'outcome' | 'scored'>): boolean {
  return scored && (outcome === 'Fail' || outcome === 'Error');
}

/** @returns how many findings ended in each way. */
export function countOutcomes(findings: readonly FindingRecord[]): Readonly<Record<Outcome, number>> {
  const counts = new Map<Outcome, number>();
  for (const { outcome } of findings) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  const entries = OUTCOMES.map((outcome) => [outcome, counts.get(outcome) ?? 0] as const);
  return Object.fromEntries(entries) as Record<Outcome, number>;
}

/** @returns how many failures there are of each severity. */
export function countFailures(findings: readonly FindingRecord[]): Readonly<Record<Severity, number>> {
  const failures = findings.filter(isFailure);
  const entries = SEVERITIES.map(
    (severity) => [severity, failures.filter((finding) => finding.severity === severity).length] as const,
  );
  return Object.fromEntries(entries) as Record<Severity, number>;
}

/** @returns each piece of evidence once, by its digest. */
export function evidenceOf(results: readonly ServerResult[]): ReadonlyMap<string, EvidenceRecord> {
  return new Map(results.flatMap(({ evidence }) => evidence.map((record) => [record.digest, record])));
}

/** Why there is no verdict, in one word; undefined where there is one. */
export function skipReason(outcome: Outcome): string | undefined {
  return outcome === 'NotApplicable' ||
    outcome === 'Waived' ||
    outcome === 'Manual' ||
    outcome === 'Untestable'
    ? outcome
    : undefined;
}
