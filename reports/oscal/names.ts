/** Identifiers as OSCAL has them: UUIDs that are the same for the same thing, and tokens. */
import { createHash } from 'node:crypto';

/** Of everything that is named here. Never changed: the same run gives the same document. */
const NAMESPACE = Buffer.from('6f1c9a34d8f44c0e9d1b5f0c7a2e8b61', 'hex');

/**
 * @returns a UUID of version 5 over the parts.
 * @see https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-5
 */
export function uuidOf(...parts: readonly string[]): string {
  const bytes = createHash('sha1').update(NAMESPACE).update(JSON.stringify(parts)).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/**
 * @returns a control as OSCAL's own catalogues name it: `sc-7`, `si-7.6`; controls of frameworks without an OSCAL catalogue carry the name
 *   of the framework, since a token begins with a letter and says which catalogue it is of.
 */
export function controlId(framework: string, control: string): string {
  if (framework.startsWith('nist-800-53'))
    return token(control.toLowerCase().replace(/\((\d+)\)/g, '.$1'), 'control');
  return token(`${framework}_${control}`, 'control');
}

/** Characters that a token may not have become hyphens. */
function token(text: string, prefix: string): string {
  const safe = text.replace(/[^A-Za-z0-9._-]+/g, '-');
  return /^[A-Za-z_]/.test(safe) ? safe : `${prefix}-${safe}`;
}
