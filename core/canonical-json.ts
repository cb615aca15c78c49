/**
 * One spelling for every JSON value (RFC 8785, JSON Canonicalization Scheme), and the digest over it. Definitions, plans and
 * ledger rows are compared by this digest, so two documents that mean the same must hash the same.
 */
import canonicalize from 'canonicalize';
import { sha256Hex } from './sha256.ts';
import { TerminalError } from './errors.ts';

/** `sha256:` and 64 lower-case hexadecimal digits. */
export type Digest = `sha256:${string}`;

/**
 * @returns the canonical text of `value`.
 * @throws TerminalError when `value` has no JSON form (undefined, a function, NaN).
 */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TerminalError(`a ${typeof value} has no canonical JSON form`);
  return text;
}

/**
 * @returns the SHA-256 of the canonical text of `value`.
 * @throws TerminalError when `value` has no JSON form.
 */
export function digest(value: unknown): Digest {
  return `sha256:${sha256Hex(canonicalJson(value))}`;
}
