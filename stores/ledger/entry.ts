/**
 * A row of the ledger: its canonical bytes hold everything that is claimed (seq, time, chain, the hash before, kind and body), and its hash is
 * taken over exactly the bytes that are stored. Nothing of it depends on how a database spells JSON.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { canonicalJson } from '../../core/canonical-json.ts';
import { TerminalError } from '../../core/errors.ts';
import { sha256, sha256Hex } from '../../core/sha256.ts';

/** What happened. */
export type LedgerKind =
  | 'RunBegan'
  | 'ServerRecorded'
  | 'RunFinished'
  | 'RunDeleted'
  | 'ProfileChanged'
  | 'WaiverChanged'
  | 'PolicyChanged'
  | 'CheckChanged'
  | 'ServerChanged'
  | 'ApprovalRoleChanged'
  | 'TextErased'
  | 'RestoreAcknowledged'
  | 'ApprovalChanged'
  | 'ApprovalRefused'
  | 'AdmissionChanged';

/** An entry before it has a place. */
export interface LedgerEntry {
  readonly kind: LedgerKind;
  /** JSON, redacted; no personal text. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Personal text that may have to be erased, by its name. The entry holds a salted hash of each. */
  readonly personal?: Readonly<Record<string, PersonalText>>;
}

/** A text that can be erased without breaking the chain. */
export interface PersonalText {
  readonly id: string;
  readonly salt: Uint8Array;
  readonly text: string;
}

/** Where in the chain. */
export interface LedgerPlace {
  readonly seq: number;
  readonly at: Date;
  readonly chain: string;
  /** Empty before the first row. */
  readonly previous: Uint8Array;
}

const SALT_BYTES = 16;
/** The table's own limit. */
const MAX_ENTRY_BYTES = 65_536;

/** @returns the text with a salt of its own: short names could be guessed from a bare hash. */
export function personalText(text: string): PersonalText {
  return { id: randomUUID(), salt: randomBytes(SALT_BYTES), text };
}

/** What stands in the ledger for a personal text, hexadecimal. */
export function personalHash({ salt, text }: Pick<PersonalText, 'salt' | 'text'>): string {
  return sha256Hex(Buffer.concat([salt, Buffer.from(text)]));
}

/** @throws TerminalError when the entry has no canonical form or is too long. */
export function entryBytes(entry: LedgerEntry, { seq, at, chain, previous }: LedgerPlace): Buffer {
  const personal = Object.entries(entry.personal ?? {}).map(
    ([name, text]) => [name, { text: text.id, hash: personalHash(text) }] as const,
  );
  const bytes = Buffer.from(
    canonicalJson({
      seq,
      time: at.toISOString(),
      chain,
      previous: hex(previous),
      kind: entry.kind,
      body: entry.body,
      personal: Object.fromEntries(personal),
    }),
  );
  if (bytes.length > MAX_ENTRY_BYTES)
    throw new TerminalError(`an entry of the ledger has ${bytes.length} bytes: at most ${MAX_ENTRY_BYTES}`);
  return bytes;
}

/** The hash of stored bytes. */
export function entryHash(bytes: Uint8Array): Buffer {
  return sha256(bytes);
}

/** Lower-case hexadecimal, as hashes are shown. */
export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
