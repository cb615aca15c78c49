/** Values on their way into and out of columns: times, digests, and text that PostgreSQL takes. */
import { TerminalError } from '../../core/errors.ts';
import { hex } from '../ledger/entry.ts';

/**
 * @returns the time with milliseconds and `Z`, as it will be read back.
 * @throws TerminalError when it is none.
 */
export function storableTime(text: string, field: string): string {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw new TerminalError(`${field}: write an ISO 8601 time`);
  return time.toISOString();
}

/**
 * @returns both ends as Dates.
 * @throws TerminalError when one of them is no time.
 */
export function periodOf({ from, to }: { readonly from: string; readonly to: string }): {
  readonly from: Date;
  readonly to: Date;
} {
  return { from: new Date(storableTime(from, 'from')), to: new Date(storableTime(to, 'to')) };
}

/** @returns the text without what a text column refuses: U+0000 and half characters. */
export function storableText(text: string): string {
  return text.replaceAll('\0', '\uFFFD').toWellFormed();
}

/** @returns the same with every string in it storable. @see storableText */
export function storable<T>(value: T): T {
  const text = JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'string' ? storableText(member) : member,
  );
  return JSON.parse(text) as T;
}

/** @throws TerminalError unless it is `sha256:` and 64 hexadecimal digits. */
export function digestBytes(digest: string, field: string): Buffer {
  const [, digits] = /^sha256:([0-9a-f]{64})$/.exec(digest) ?? [];
  if (digits === undefined)
    throw new TerminalError(`${field}: write sha256: and 64 lower-case hexadecimal digits`);
  return Buffer.from(digits, 'hex');
}

/** The other way. */
export function digestText(bytes: Uint8Array): string {
  return `sha256:${hex(bytes)}`;
}

/** @returns an object with the key, or none where the value is missing: for optional members of records. */
export function optional<Key extends string, Value>(
  key: Key,
  value: Value | null | undefined,
): { readonly [name in Key]?: Value } {
  return value === null || value === undefined ? {} : ({ [key]: value } as { readonly [name in Key]: Value });
}
