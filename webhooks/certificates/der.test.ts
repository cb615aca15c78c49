import { describe, expect, it } from 'vitest';
import {
  bitString,
  boolean,
  explicit,
  implicit,
  integer,
  objectIdentifier,
  octetString,
  set,
  time,
} from './der.ts';

const hex = (bytes: Buffer): string => bytes.toString('hex');

describe('DER', () => {
  it.each<[string, Buffer, string]>([
    ['true is all ones', boolean(true), '0101ff'],
    ['false is zero', boolean(false), '010100'],
    ['an integer takes its octets as they are', integer(Buffer.from([1, 0x80])), '02020180'],
    ['bits say how many of them do not count', bitString(Buffer.from([6]), 1), '03020106'],
    ['an explicit tag is around a value', explicit(3, boolean(true)), 'a3030101ff'],
    ["an implicit tag takes the place of a value's own", implicit(2, Buffer.from('a')), '820161'],
    ['an empty set', set(), '3100'],
    ['an object identifier of small numbers', objectIdentifier('2.5.29.17'), '0603551d11'],
    // The example of X.690, 8.19.5, and the identifier of ECDSA with SHA-256 as every certificate with it has it.
    ['an object identifier of large numbers', objectIdentifier('2.100.3'), '0603813403'],
    ['an object identifier of many numbers', objectIdentifier('1.2.840.10045.4.3.2'), '06082a8648ce3d040302'],
    [
      'the last second of two-digit years',
      time(new Date('2049-12-31T23:59:59.999Z')),
      '170d3439313233313233353935395a',
    ],
    [
      'the first of four-digit years',
      time(new Date('2050-01-01T00:00:00Z')),
      '180f32303530303130313030303030305a',
    ],
  ])('%s', (_reason, written, expected) => {
    expect(hex(written)).toBe(expected);
  });

  it.each<[number, string]>([
    [0x7f, '047f'],
    [0x80, '048180'],
    [0xff, '0481ff'],
    [0x100, '04820100'],
    [0xffff, '0482ffff'],
    [0x10000, '0483010000'],
  ])('writes a length of %i in as few octets as there can be', (length, header) => {
    expect(hex(octetString(Buffer.alloc(length)).subarray(0, header.length / 2))).toBe(header);
  });
});
