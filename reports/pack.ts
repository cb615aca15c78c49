/** What an evidence pack consists of, whatever it is told as. */
import type { ChangeRecord, LedgerProof } from '../checks/engine/history.ts';
import type { FindingRecord, RunRecord, ServerResult } from '../checks/engine/record.ts';
import { findingsOf, serverName } from './run-report.ts';

/** A finding, and the run that it is of. */
export interface RunFinding {
  readonly runId: string;
  readonly finding: FindingRecord;
}

export interface EvidencePack {
  /** ISO 8601, half open. */
  readonly period: { readonly from: string; readonly to: string };
  /** ISO 8601. */
  readonly generatedAt: string;
  /** Of the period, newest first. */
  readonly runs: readonly RunRecord[];
  /** Whether there were more runs than could be read: the oldest are missing. */
  readonly truncated: boolean;
  /** The last finished run of each check. */
  readonly last: readonly { readonly run: RunRecord; readonly results: readonly ServerResult[] }[];
  /** Of the runs before: what was new, resolved or incomparable, newest first. */
  readonly transitions: readonly RunFinding[];
  readonly changes: readonly ChangeRecord[];
  readonly proof?: LedgerProof;
}

/** A waiver that covered something. */
export interface WaiverUse {
  readonly check: string;
  readonly server: string;
  readonly reason: string;
  readonly owner: string;
  readonly expiresAt: string;
}

/** @returns each waiver once for each check and server that it covered. */
export function waiversOf(pack: Pick<EvidencePack, 'last' | 'transitions'>): readonly WaiverUse[] {
  const findings = runFindings(pack).map(({ finding }) => finding);
  const uses = findings.flatMap(({ check, server, waiver }) =>
    waiver === undefined ? [] : [{ check, server: serverName(server), ...waiver }],
  );
  return [...new Map(uses.map((use) => [JSON.stringify(use), use])).values()];
}

/** @returns findings of the last runs, then the transitions. */
export function runFindings({
  last,
  transitions,
}: Pick<EvidencePack, 'last' | 'transitions'>): readonly RunFinding[] {
  const current = last.flatMap(({ run, results }) =>
    findingsOf(results).map((finding) => ({ runId: run.id, finding })),
  );
  return [...current, ...transitions];
}
