/** Evidence: stored once however many findings show it, under the hash of what it says. */
import { sql, type Transaction } from 'kysely';
import type { EvidenceRecord, FindingRecord } from '../../checks/engine/record.ts';
import { TerminalError } from '../../core/errors.ts';
import { sha256 } from '../../core/sha256.ts';
import type { Executor } from '../executor.ts';
import type { Tables } from '../tables.ts';
import { digestBytes, digestText } from './values.ts';

/** Of one record, in UTF-8. */
const MAX_EVIDENCE_BYTES = 65_536;
/** Rows of one INSERT: at most 2 MiB. */
const CHUNK = 32;

/**
 * Stores what the findings refer to; what none refers to would be deleted again and is left out.
 * @throws TerminalError when a record is too long or is not what its digest says.
 */
export async function insertEvidence(
  tx: Transaction<Tables>,
  evidence: readonly EvidenceRecord[],
  findings: readonly FindingRecord[],
): Promise<void> {
  const wanted = new Set(findings.flatMap(({ evidence: digest }) => digest ?? []));
  const rows = [...new Map(evidence.map((record) => [record.digest, record])).values()]
    .filter(({ digest }) => wanted.has(digest))
    .map(rowOf);
  for (let from = 0; from < rows.length; from += CHUNK)
    await tx
      .insertInto('evidence')
      .values(rows.slice(from, from + CHUNK))
      .onConflict((conflict) => conflict.column('digest').doNothing())
      .execute();
}

/** @see RunReader.evidence */
export async function evidence(executor: Executor, digest: string): Promise<EvidenceRecord | undefined> {
  const bytes = digestBytes(digest, 'digest');
  const row = await executor.read((db) =>
    db.selectFrom('evidence').selectAll().where('digest', '=', bytes).executeTakeFirst(),
  );
  if (row === undefined) return undefined;
  return { digest: digestText(row.digest), mediaType: 'application/json', content: row.content };
}

/** Deletes those of these that no finding refers to. @param digests as columns hold them. */
export async function deleteUnreferenced(
  tx: Transaction<Tables>,
  digests: readonly Uint8Array[],
): Promise<void> {
  if (digests.length === 0) return;
  // Rows that a finding under way refers to are locked by it: whoever deletes its run comes by here again.
  const free = tx
    .selectFrom('evidence')
    .select('digest')
    .where('digest', 'in', digests)
    .where(
      sql<boolean>`NOT EXISTS (SELECT FROM kilo_mcp.findings f WHERE f.evidence = kilo_mcp.evidence.digest)`,
    )
    .forUpdate()
    .skipLocked();
  await tx.deleteFrom('evidence').where('digest', 'in', free).execute();
}

function rowOf({ digest, mediaType, content }: EvidenceRecord) {
  const bytes = digestBytes(digest, 'evidence');
  const length = Buffer.byteLength(content);
  if (length > MAX_EVIDENCE_BYTES)
    throw new TerminalError(`evidence ${digest} has ${length} bytes: at most ${MAX_EVIDENCE_BYTES}`);
  if (!sha256(content).equals(bytes))
    throw new TerminalError(`evidence ${digest} is not the hash of its content`);
  if (content.includes('\0')) throw new TerminalError(`evidence ${digest} is not JSON: it contains U+0000`);
  return { digest: bytes, media_type: mediaType, content };
}
