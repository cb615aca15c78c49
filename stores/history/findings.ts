/** Findings as rows: what a check says of itself is stored once, what it says of a server each time. */
import type { Kysely, Selectable, Transaction } from 'kysely';
import type { FindingRecord, ServerReference } from '../../checks/engine/record.ts';
import { canonicalJson } from '../../core/canonical-json.ts';
import { TerminalError } from '../../core/errors.ts';
import { sha256 } from '../../core/sha256.ts';
import type { FindingTable, Tables } from '../tables.ts';
import { digestBytes, digestText, optional, storable, storableTime } from './values.ts';

/** What a row takes, in UTF-8. */
const MAX_FINDING_BYTES = 65_536;
/** Rows of one INSERT. */
const CHUNK = 500;

/** What is the same wherever the check ran. */
type CheckText = Pick<
  FindingRecord,
  'title' | 'family' | 'severity' | 'scored' | 'remediation' | 'references' | 'controls'
>;
/** What is not, beyond the columns. */
type Body = Pick<FindingRecord, 'fields' | 'waiver'>;

/** What a finding is made of. Not the run: who asks names it, and a run has thousands of findings. */
export const FINDING_COLUMNS = [
  'server_uid',
  'check_id',
  'era',
  'check_text',
  'outcome',
  'state',
  'message',
  'body',
  'result_id',
  'first_seen_at',
  'evaluated_at',
  'evidence',
] as const satisfies readonly (keyof FindingTable)[];

/** A row as it is read. */
export type FindingRow = Pick<Selectable<FindingTable>, (typeof FINDING_COLUMNS)[number]>;
/** Texts of checks by their id. */
export type CheckTexts = ReadonlyMap<number, CheckText>;

/**
 * @returns the findings as they will be read back: sorted by check and era, times with milliseconds, text that columns take.
 * @throws TerminalError when a time is none.
 */
export function storableFindings(findings: readonly FindingRecord[]): readonly FindingRecord[] {
  return findings
    .map((finding) => ({
      ...storable(finding),
      firstSeenAt: storableTime(finding.firstSeenAt, 'firstSeenAt'),
      evaluatedAt: storableTime(finding.evaluatedAt, 'evaluatedAt'),
    }))
    .toSorted((one, other) => compareText(one.check, other.check) || compareText(one.era, other.era));
}

/** By code units, whatever the locale; what is absent comes first. */
export function compareText(one = '', other = ''): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/**
 * @param findings as {@link storableFindings} makes them.
 * @throws TerminalError when a finding is too long, or a digest in it is none.
 */
export async function insertFindings(
  tx: Transaction<Tables>,
  runId: string,
  serverUid: string,
  findings: readonly FindingRecord[],
): Promise<void> {
  const texts = new Map(findings.map((finding) => [finding, checkText(finding)] as const));
  const ids = await checkTextIds(tx, [...new Set(texts.values())]);
  const rows = findings.map((finding) => {
    const id = ids.get(texts.get(finding) ?? '');
    if (id === undefined) throw new Error(`the text of ${finding.check} was not stored`);
    return rowOf(runId, serverUid, finding, id);
  });
  for (let from = 0; from < rows.length; from += CHUNK)
    await tx
      .insertInto('findings')
      .values(rows.slice(from, from + CHUNK))
      .execute();
}

/** @returns what these findings' checks say of themselves: a few texts for thousands of findings. */
export async function readCheckTexts(db: Kysely<Tables>, rows: readonly FindingRow[]): Promise<CheckTexts> {
  const ids = [...new Set(rows.map(({ check_text }) => check_text))];
  if (ids.length === 0) return new Map();
  const texts = await db.selectFrom('check_texts').select(['id', 'body']).where('id', 'in', ids).execute();
  return new Map(texts.map(({ id, body }) => [id, JSON.parse(body) as CheckText]));
}

/** Makes a finding of a row. @param server of the run's own list, where the name at that time stands. */
export type ReadFinding = (row: FindingRow, server: ServerReference) => FindingRecord;

/**
 * For the rows of one question. Thousands of them have the same few times, and mostly the same body: each is read once, and shared.
 * @param texts of every row that will be read.
 */
export function findingReader(texts: CheckTexts): ReadFinding {
  // By the Date itself: drivers that read a text once for several rows share it.
  const timeText = remembering((time: Date) => time.toISOString());
  const bodyOf = remembering((text: string) => JSON.parse(text) as Body);
  return (row, server) => {
    const text = texts.get(row.check_text);
    if (text === undefined) throw new Error(`the text of ${row.check_id} is gone`);
    const { fields, waiver } = bodyOf(row.body);
    return {
      server,
      check: row.check_id,
      title: text.title,
      family: text.family,
      severity: text.severity,
      scored: text.scored,
      outcome: row.outcome as FindingRecord['outcome'],
      message: row.message,
      ...optional('era', row.era === '' ? undefined : row.era),
      fields,
      remediation: text.remediation,
      references: text.references,
      controls: text.controls,
      ...optional('waiver', waiver),
      resultId: row.result_id,
      firstSeenAt: timeText(row.first_seen_at),
      evaluatedAt: timeText(row.evaluated_at),
      state: row.state as FindingRecord['state'],
      ...optional('evidence', row.evidence === null ? undefined : digestText(row.evidence)),
    };
  };
}

function remembering<Key, Value>(read: (key: Key) => Value): (key: Key) => Value {
  const known = new Map<Key, Value>();
  return (key) => {
    const value = known.get(key) ?? read(key);
    known.set(key, value);
    return value;
  };
}

function rowOf(runId: string, serverUid: string, finding: FindingRecord, check_text: number) {
  const { check, fields, waiver } = finding;
  const body: Body = { fields, ...optional('waiver', waiver) };
  return {
    run_id: runId,
    server_uid: serverUid,
    check_id: check,
    era: finding.era ?? '',
    check_text,
    outcome: finding.outcome,
    state: finding.state,
    message: finding.message,
    body: bounded(JSON.stringify(body), `the finding of ${check}`),
    result_id: finding.resultId,
    first_seen_at: finding.firstSeenAt,
    evaluated_at: finding.evaluatedAt,
    evidence: finding.evidence === undefined ? null : digestBytes(finding.evidence, `evidence of ${check}`),
  };
}

function checkText(finding: FindingRecord): string {
  const { title, family, severity, scored, remediation, references, controls } = finding;
  const text: CheckText = { title, family, severity, scored, remediation, references, controls };
  return bounded(canonicalJson(text), `the text of ${finding.check}`);
}

function bounded(text: string, what: string): string {
  if (Buffer.byteLength(text) > MAX_FINDING_BYTES)
    throw new TerminalError(`${what} is longer than ${MAX_FINDING_BYTES} bytes`);
  return text;
}

/** Looks before it inserts: an insert that finds its row there uses up a number of the sequence. */
async function checkTextIds(
  tx: Transaction<Tables>,
  texts: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const byDigest = new Map(texts.map((text) => [sha256(text).toString('hex'), text] as const));
  const known = await knownTexts(tx, byDigest);
  const missing = texts.filter((text) => !known.has(text));
  if (missing.length === 0) return known;
  await tx
    .insertInto('check_texts')
    .values(missing.map((body) => ({ digest: sha256(body), body })))
    .onConflict((conflict) => conflict.column('digest').doNothing())
    .execute();
  return knownTexts(tx, byDigest);
}

async function knownTexts(
  tx: Transaction<Tables>,
  byDigest: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, number>> {
  if (byDigest.size === 0) return new Map();
  const digests = [...byDigest.keys()].map((digits) => Buffer.from(digits, 'hex'));
  const rows = await tx
    .selectFrom('check_texts')
    .select(['id', 'digest'])
    .where('digest', 'in', digests)
    .execute();
  return new Map(rows.map(({ id, digest }) => [byDigest.get(Buffer.from(digest).toString('hex')) ?? '', id]));
}
