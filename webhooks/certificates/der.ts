/**
 * As much of DER (ITU-T X.690) as a certificate is written with. Writing only: certificates are read by OpenSSL, in `node:crypto`.
 */

const TAGS = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** Bits of a tag that belongs to its context instead of to a type. */
const CONTEXT = 0x80;
const CONSTRUCTED = 0x20;

/** Years from here on do not fit the two digits of UTCTime (RFC 5280, 4.1.2.5). */
const FIRST_GENERALIZED_YEAR = 2050;

/** Any value: tag, length, content. */
function value(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
}

/** Below 128 the length itself, else the number of its octets and these. */
function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const hex = length.toString(16);
  const octets = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  return Buffer.concat([Buffer.from([0x80 | octets.length]), octets]);
}

export const sequence = (...members: readonly Uint8Array[]): Buffer => value(TAGS.sequence, ...members);

export const set = (...members: readonly Uint8Array[]): Buffer => value(TAGS.set, ...members);

export const boolean = (truth: boolean): Buffer => value(TAGS.boolean, Buffer.from([truth ? 0xff : 0]));

/** A whole number from its octets, the sign bit included: they are taken as they are. */
export const integer = (octets: Uint8Array): Buffer => value(TAGS.integer, octets);

export const utf8String = (text: string): Buffer => value(TAGS.utf8String, Buffer.from(text, 'utf8'));

export const octetString = (content: Uint8Array): Buffer => value(TAGS.octetString, content);

/** @param unusedBits how many bits at the end of `content` do not count. */
export const bitString = (content: Uint8Array, unusedBits = 0): Buffer =>
  value(TAGS.bitString, Buffer.from([unusedBits]), content);

/** `[number]` with a value inside. */
export const explicit = (number: number, content: Uint8Array): Buffer =>
  value(CONTEXT | CONSTRUCTED | number, content);

/** `[number]` in the place of a simple value's own tag. */
export const implicit = (number: number, content: Uint8Array): Buffer => value(CONTEXT | number, content);

/** @param text in dots, such as `2.5.29.17`. */
export function objectIdentifier(text: string): Buffer {
  const [first = 0, second = 0, ...others] = text.split('.').map(Number);
  return value(TAGS.objectIdentifier, Buffer.from([first * 40 + second, ...others].flatMap(base128)));
}

/** A moment, to the second. */
export function time(date: Date): Buffer {
  const digits = date
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(/[-:T]/g, '');
  if (date.getUTCFullYear() >= FIRST_GENERALIZED_YEAR)
    return value(TAGS.generalizedTime, Buffer.from(digits));
  return value(TAGS.utcTime, Buffer.from(digits.slice(2)));
}

/** Seven bits an octet, the highest bit set in all but the last. */
function base128(number: number): number[] {
  const octets = [number & 0x7f];
  for (let rest = number >> 7; rest > 0; rest >>= 7) octets.unshift(0x80 | (rest & 0x7f));
  return octets;
}
