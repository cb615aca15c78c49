/** Reads from history what a report is made of: one run with what came before it, or a period. */
import type { RunReader } from '../../checks/engine/history.ts';
import type { EvidenceRecord, FindingRecord, RunRecord, ServerResult } from '../../checks/engine/record.ts';
import { ConfigError } from '../../core/errors.ts';
import type { EvidencePack, RunFinding, RunReport } from '../../reports/index.ts';
import type { Period } from './period.ts';

const DAY_MS = 86_400_000;
/** How far back the score is shown. */
const HISTORY_DAYS = 365;
const MAX_RUNS = 1_000;
/** Pieces of up to 64 KiB. */
const MAX_EVIDENCE = 1_000;
/** Later than any run. */
const END_OF_TIME = '9999-01-01T00:00:00.000Z';
const BEGIN_OF_TIME = '1970-01-01T00:00:00.000Z';

/** Which run: its id, or the last one that finished, of one check or of any. */
export interface RunChoice {
  readonly id: string;
  /** `team-a/nightly`, or the name of a ClusterComplianceCheck. */
  readonly check?: string;
}

const LATEST = 'latest';

/** @throws ConfigError when there is no such run. */
export async function collectRun(reader: RunReader, choice: RunChoice, now: Date): Promise<RunReport> {
  const run = await findRun(reader, choice);
  const results = await reader.results(run.id);
  const until = new Date(Date.parse(run.startedAt) + 1).toISOString();
  const since = new Date(Date.parse(run.startedAt) - HISTORY_DAYS * DAY_MS).toISOString();
  const before = await reader.runs({ from: since, to: until }, MAX_RUNS);
  return {
    run,
    results: await withEvidence(reader, results),
    history: before.filter((other) => isSameOwner(other, run)),
    proof: await reader.ledgerProof({ from: run.startedAt, to: afterEnd(run, now) }),
    generatedAt: now.toISOString(),
  };
}

/** The rows that end a run are written a moment after its end. */
function afterEnd(run: RunRecord, now: Date): string {
  return new Date(Math.max(now.valueOf(), Date.parse(run.finishedAt ?? run.startedAt) + 1)).toISOString();
}

async function findRun(reader: RunReader, { id, check }: RunChoice): Promise<RunRecord> {
  if (id !== LATEST) {
    const run = await reader.run(id);
    if (run === undefined) throw new ConfigError(`--run: history has no run ${id}`);
    return run;
  }
  const runs = await reader.runs({ from: BEGIN_OF_TIME, to: END_OF_TIME }, MAX_RUNS);
  const run = runs.find(
    (each) => each.finishedAt !== undefined && (check === undefined || isOf(each, check)),
  );
  if (run !== undefined) return run;
  throw new ConfigError(
    check === undefined
      ? '--run: history has no finished run yet'
      : `--check: history has no finished run of ${check} among its last ${MAX_RUNS}`,
  );
}

function isOf({ owner }: RunRecord, check: string): boolean {
  if (owner === undefined) return false;
  return check === (owner.namespace === '' ? owner.name : `${owner.namespace}/${owner.name}`);
}

function isSameOwner(one: RunRecord, other: RunRecord): boolean {
  return one.owner?.uid === other.owner?.uid;
}

/** @param check leaves out the runs of others. */
export async function collectPack(
  reader: RunReader,
  period: Period,
  check: string | undefined,
  now: Date,
): Promise<EvidencePack> {
  const all = await reader.runs(period, MAX_RUNS);
  const runs = all.filter((run) => check === undefined || isOf(run, check));
  const lastIds = new Set(lastRuns(runs).map(({ id }) => id));
  const last: EvidencePack['last'][number][] = [];
  const transitions: RunFinding[] = [];
  for (const run of runs) {
    const results = await reader.results(run.id);
    if (lastIds.has(run.id)) last.push({ run, results: await withEvidence(reader, results) });
    else transitions.push(...transitionsOf(run, results));
  }
  return {
    period,
    generatedAt: now.toISOString(),
    runs,
    truncated: all.length === MAX_RUNS,
    last,
    transitions,
    // Of the rules: what became of servers is told by `report changes`.
    changes: (await reader.changes(period)).filter(({ kind }) => kind !== 'ServerChanged'),
    proof: await reader.ledgerProof(period),
  };
}

/** The newest finished run of each owner; runs are newest first. */
function lastRuns(runs: readonly RunRecord[]): readonly RunRecord[] {
  const finished = runs.filter(({ finishedAt }) => finishedAt !== undefined);
  const byOwner = Map.groupBy(finished, ({ owner }) => owner?.uid ?? '');
  return [...byOwner.values()].flatMap((own) => own.slice(0, 1));
}

function transitionsOf(run: RunRecord, results: readonly ServerResult[]): readonly RunFinding[] {
  const findings = results.flatMap((result) => result.findings);
  return findings.filter(({ state }) => state !== 'unchanged').map((finding) => ({ runId: run.id, finding }));
}

/** Adds the evidence that findings point at: of those first that did not pass. */
async function withEvidence(
  reader: RunReader,
  results: readonly ServerResult[],
): Promise<readonly ServerResult[]> {
  const known = new Map(
    results.flatMap(({ evidence }) => evidence).map((record) => [record.digest, record] as const),
  );
  for (const digest of wantedEvidence(results)) {
    const record = known.get(digest) ?? (await reader.evidence(digest));
    if (record !== undefined) known.set(digest, record);
  }
  return results.map((result) => ({ ...result, evidence: evidenceFor(result.findings, known) }));
}

function wantedEvidence(results: readonly ServerResult[]): readonly string[] {
  const passes = ({ outcome }: FindingRecord): boolean => outcome === 'Pass' || outcome === 'NotApplicable';
  const findings = results.flatMap((result) => result.findings);
  const urgent = [...findings.filter((finding) => !passes(finding)), ...findings.filter(passes)];
  const digests = urgent.flatMap(({ evidence }) => (evidence === undefined ? [] : [evidence]));
  return [...new Set(digests)].slice(0, MAX_EVIDENCE);
}

function evidenceFor(
  findings: readonly FindingRecord[],
  known: ReadonlyMap<string, EvidenceRecord>,
): readonly EvidenceRecord[] {
  const digests = new Set(findings.flatMap(({ evidence }) => (evidence === undefined ? [] : [evidence])));
  return [...digests].flatMap((digest) => {
    const record = known.get(digest);
    return record === undefined ? [] : [record];
  });
}
