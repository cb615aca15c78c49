/** Whether one row of the ledger is what it claims, and follows the row before. Pure. */
import { entryHash, hex, personalHash } from './entry.ts';

/** A row as it is stored. */
export interface LedgerRow {
  readonly seq: number;
  readonly at: Date;
  readonly kind: string;
  readonly entry: Uint8Array;
  readonly hash: Uint8Array;
}

/** What must come next. */
export interface Expected {
  readonly chain: string;
  readonly seq: number;
  /** Hash of the row before. */
  readonly previous: Uint8Array;
}

/** What an entry says, as far as it is checked. */
interface Claims {
  readonly seq: unknown;
  readonly time: unknown;
  readonly chain: unknown;
  readonly previous: unknown;
  readonly kind: unknown;
  readonly personal: Readonly<Record<string, { readonly text: string; readonly hash: string }>>;
}

/** A personal text that is still there. */
export interface SideText {
  readonly id: string;
  readonly salt: Uint8Array;
  readonly text: string;
}

/** @returns what is wrong with the row, as half a sentence; undefined when nothing is. */
export function rowProblem(row: LedgerRow, expected: Expected): string | undefined {
  if (row.seq !== expected.seq) return 'is missing';
  if (!entryHash(row.entry).equals(row.hash)) return 'does not match its hash';
  const claims = claimsOf(row.entry);
  if (claims === undefined) return 'is not an entry of a ledger';
  if (claims.chain !== expected.chain) return 'belongs to another ledger';
  if (claims.previous !== hex(expected.previous)) return 'does not follow the row before';
  const columns = claims.seq === row.seq && claims.time === row.at.toISOString() && claims.kind === row.kind;
  return columns ? undefined : 'has columns that differ from its entry';
}

/** Ids of the personal texts that the row binds. */
export function textIds(row: LedgerRow): readonly string[] {
  return Object.values(claimsOf(row.entry)?.personal ?? {}).map(({ text }) => text);
}

/** @param texts those that were not erased, by id. */
export function textProblem(row: LedgerRow, texts: ReadonlyMap<string, SideText>): string | undefined {
  const bound = Object.values(claimsOf(row.entry)?.personal ?? {});
  const wrong = bound.some(({ text: id, hash }) => {
    const text = texts.get(id);
    return text !== undefined && personalHash(text) !== hash;
  });
  return wrong ? 'has a personal text that was changed' : undefined;
}

function claimsOf(entry: Uint8Array): Claims | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(entry).toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Claims) : undefined;
  } catch {
    // Not JSON: for the question asked that is an answer.
    return undefined;
  }
}
