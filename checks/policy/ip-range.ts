/**
 * Ranges of IP addresses as sets: whether two share addresses, and whether some ranges cover another. IPv4 that is written as IPv6
 * (`::ffff:10.0.0.0/104`) is IPv4, since that is what the packets are.
 */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** All addresses from `first` to `last`, both included. */
export interface IPRange {
  /** As it is usually written, without bits behind the prefix: `10.0.0.0/8`. */
  readonly text: string;
  readonly family: 'ipv4' | 'ipv6';
  readonly prefixLength: number;
  readonly first: bigint;
  readonly last: bigint;
}

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Bits of an IPv6 address in front of an IPv4 address that is mapped into it. */
const MAPPED_BITS = 96;

/**
 * @returns the range; undefined when the text is not `address/prefix length` in the one notation that everybody reads in the same way: of
 * `010.0.0.0/8` some make 10.0.0.0, others 8.0.0.0.
 */
export function parseIPRange(text: string): IPRange | undefined {
  const parts = split(text);
  return parts && plain(parts.address, parts.prefixLength);
}

function split(text: string): { readonly address: Address; readonly prefixLength: number } | undefined {
  const [, address = '', length = ''] = /^([0-9A-Fa-f:.]+)\/(0|[1-9][0-9]{0,2})$/.exec(text) ?? [];
  const version = isIP(address);
  if (version === 0 || Number(length) > (version === 4 ? 32 : 128)) return undefined;
  return { address: ipaddr.parse(address), prefixLength: Number(length) };
}

function plain(address: Address, length: number): IPRange {
  if (address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() && length >= MAPPED_BITS)
    return rangeOf(address.toIPv4Address(), length - MAPPED_BITS);
  return rangeOf(address, length);
}

function rangeOf(address: Address, prefixLength: number): IPRange {
  const bytes = address.toByteArray();
  const hostBits = BigInt(bytes.length * 8 - prefixLength);
  const value = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const first = (value >> hostBits) << hostBits;
  return {
    text: `${textOf(first, address.kind())}/${prefixLength}`,
    family: address.kind(),
    prefixLength,
    first,
    last: first + (1n << hostBits) - 1n,
  };
}

function textOf(value: bigint, family: IPRange['family']): string {
  const count = family === 'ipv4' ? 4 : 16;
  const bytes = Array.from({ length: count }, (_, index) =>
    Number((value >> BigInt(8 * (count - 1 - index))) & 255n),
  );
  return ipaddr.fromByteArray(bytes).toString();
}

/** @returns the addresses that both have: the smaller of the two, since ranges with a prefix are one inside the other or apart. */
export function intersection(one: IPRange, other: IPRange): IPRange | undefined {
  const [smaller, larger] = one.prefixLength >= other.prefixLength ? [one, other] : [other, one];
  return isInside(smaller, larger) ? smaller : undefined;
}

/** Whether every address of `range` is in one of `covers`. */
export function isCovered(range: IPRange, covers: readonly IPRange[]): boolean {
  const relevant = covers
    .flatMap((cover) => intersection(range, cover) ?? [])
    .toSorted((one, other) => (one.first < other.first ? -1 : 1));
  const uncovered = relevant.reduce(
    (next, { first, last }) => (first <= next && last >= next ? last + 1n : next),
    range.first,
  );
  return uncovered > range.last;
}

function isInside(smaller: IPRange, larger: IPRange): boolean {
  return smaller.family === larger.family && smaller.first >= larger.first && smaller.last <= larger.last;
}

/** @returns what is wrong with a range that a policy names, and what would be right; undefined when it can be used. */
export function ipRangeProblem(text: string): string | undefined {
  const parts = split(text);
  if (parts === undefined) {
    const version = isIP(text);
    if (version === 0)
      return 'is not a range in CIDR notation: write one like 169.254.169.254/32 or fd00::/8';
    return `is an address without prefix length: write ${text}/${version === 4 ? 32 : 128}`;
  }
  const range = plain(parts.address, parts.prefixLength);
  const single = plain(parts.address, parts.address.toByteArray().length * 8);
  if (range.first === single.first) return undefined;
  return `has bits behind its prefix: write ${range.text} for the range, ${single.text} for the address`;
}
