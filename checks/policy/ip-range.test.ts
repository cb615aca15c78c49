import { BlockList } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type IPRange, intersection, ipRangeProblem, isCovered, parseIPRange } from './ip-range.ts';

function range(text: string): IPRange {
  const parsed = parseIPRange(text);
  if (parsed === undefined) throw new Error(`${text} is no range`);
  return parsed;
}

it.each([
  ['10.0.0.0/8', '10.0.0.0/8'],
  ['10.1.2.3/8', '10.0.0.0/8'],
  ['0.0.0.0/0', '0.0.0.0/0'],
  ['255.255.255.255/32', '255.255.255.255/32'],
  ['2001:DB8:0:0::1/32', '2001:db8::/32'],
  ['::/0', '::/0'],
  ['::ffff:10.0.0.0/104', '10.0.0.0/8'],
  ['::ffff:0:0/96', '0.0.0.0/0'],
  ['::ffff:a00:1/128', '10.0.0.1/32'],
  ['::/95', '::/95'],
  ['::ffff:0:0/95', '::fffe:0:0/95'],
])('%s is %s', (text, expected) => {
  expect(parseIPRange(text)?.text).toBe(expected);
});

it.each([
  '10.0.0.0',
  '10.0.0.0/33',
  '10.0.0.0/08',
  '10.0.0.0/-1',
  '10.0.0.0/',
  '10.0.0/8',
  '10/8',
  '010.0.0.0/8',
  '0x0a.0.0.0/8',
  '10.0.0.0/255.0.0.0',
  ' 10.0.0.0/8',
  '10.0.0.0/8\n',
  'fd00::/129',
  'fe80::1%eth0/64',
  'fd00:::/8',
  '[fd00::]/8',
  'example.com/8',
  '',
])('%j is no range', (text) => {
  expect(parseIPRange(text)).toBeUndefined();
  expect(ipRangeProblem(text)).toBeDefined();
});

it.each([
  ['169.254.169.254', 'is an address without prefix length: write 169.254.169.254/32'],
  ['fd00:ec2::254', 'is an address without prefix length: write fd00:ec2::254/128'],
  ['10.1.0.0/8', 'has bits behind its prefix: write 10.0.0.0/8 for the range, 10.1.0.0/32 for the address'],
  ['fd00::1/64', 'has bits behind its prefix: write fd00::/64 for the range, fd00::1/128 for the address'],
  ['metadata', 'is not a range in CIDR notation: write one like 169.254.169.254/32 or fd00::/8'],
])('%s %s', (text, problem) => {
  expect(ipRangeProblem(text)).toBe(problem);
});

it.each(['10.0.0.0/8', '0.0.0.0/0', '169.254.169.254/32', 'fd00::/8', '::/0', '::ffff:10.0.0.0/104'])(
  '%s has no problem',
  (text) => {
    expect(ipRangeProblem(text)).toBeUndefined();
  },
);

describe('an intersection', () => {
  it.each([
    ['10.0.0.0/8', '10.1.0.0/16', '10.1.0.0/16'],
    ['10.0.0.0/8', '10.0.0.0/8', '10.0.0.0/8'],
    ['10.0.0.0/8', '11.0.0.0/8', undefined],
    ['0.0.0.0/0', '::/0', undefined],
    ['::/0', 'fd00::/8', 'fd00::/8'],
    ['::ffff:0:0/96', '169.254.169.254/32', '169.254.169.254/32'],
  ])('of %s and %s is %s', (one, other, expected) => {
    expect(intersection(range(one), range(other))?.text).toBe(expected);
    expect(intersection(range(other), range(one))?.text).toBe(expected);
  });
});

it.each([
  ['10.0.0.0/8', [], false],
  ['10.0.0.0/8', ['10.0.0.0/8'], true],
  ['10.1.0.0/16', ['10.0.0.0/8'], true],
  ['10.0.0.0/8', ['10.0.0.0/9', '10.128.0.0/9'], true],
  ['10.0.0.0/8', ['10.128.0.0/9', '10.0.0.0/9', '10.4.0.0/16'], true],
  ['10.0.0.0/8', ['10.0.0.0/9', '10.128.0.0/10'], false],
  ['fd00::/8', ['fd00::/9', 'fd80::/9'], true],
  ['fd00::/8', ['0.0.0.0/0'], false],
] as const)('%s is covered by %j: %s', (text, covers, expected) => {
  expect(isCovered(range(text), covers.map(range))).toBe(expected);
});

// The reference knows nothing of prefixes: it asks about each of 256 addresses.
it('says of every address what a list of addresses says', () => {
  const subnet = fc
    .record({ last: fc.nat(255), prefix: fc.integer({ min: 24, max: 32 }) })
    .map(({ last, prefix }) => `10.0.0.${last}/${prefix}`);
  fc.assert(
    fc.property(subnet, subnet, fc.array(subnet, { maxLength: 5 }), (one, other, excepts) => {
      const shared = intersection(range(one), range(other));
      const open = shared !== undefined && !isCovered(shared, excepts.map(range));
      const [inOne, inOther, inExcepts] = [blockList([one]), blockList([other]), blockList(excepts)];
      const expected = Array.from({ length: 256 }, (_, last) => `10.0.0.${last}`).some(
        (address) => inOne.check(address) && inOther.check(address) && !inExcepts.check(address),
      );
      expect(open).toBe(expected);
    }),
    { numRuns: 1000 },
  );
});

function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const text of ranges) {
    const [network = '', prefix] = text.split('/');
    list.addSubnet(network, Number(prefix));
  }
  return list;
}
