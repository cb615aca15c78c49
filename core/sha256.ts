/**
 * SHA-256 of data that is at hand, in one call. The object that `createHash` makes wraps native memory, and V8 frees such an object in a full
 * collection alone: one for each reconciliation and admission made full collections come every few seconds, which then were the slowest percent.
 */
import { hash } from 'node:crypto';

/** @param data text is taken as UTF-8. @returns 32 bytes. */
export function sha256(data: string | Uint8Array): Buffer {
  return hash('sha256', data, 'buffer');
}

/** @param data text is taken as UTF-8. @returns 64 lower-case hexadecimal digits. */
export function sha256Hex(data: string | Uint8Array): string {
  return hash('sha256', data, 'hex');
}
