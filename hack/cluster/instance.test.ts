import { BlockList } from 'node:net';
import { describe, expect, it } from 'vitest';
import { LAST_INSTANCE, instance, parseInstanceNumber, type Instance } from './instance.ts';

const all = Array.from({ length: LAST_INSTANCE + 1 }, (_, number) => instance(number));

describe('instance', () => {
  it.each([
    { reason: 'directories', of: ({ directory }: Instance) => [directory] },
    { reason: 'names of namespaces and devices', of: ({ network }: Instance) => [network.name] },
    {
      reason: 'addresses',
      of: ({ network, dnsAddress }: Instance) => [network.hostAddress, network.nodeAddress, dnsAddress],
    },
    {
      reason: 'loopback ports',
      of: ({ loopback }: Instance) => [loopback.apiServer, loopback.etcdClient, loopback.etcdPeer],
    },
  ])('shares no $reason with another', ({ of }) => {
    const values = all.flatMap((each): readonly unknown[] => of(each));
    expect(new Set(values).size).toBe(values.length);
  });

  it.each(all)('keeps its own addresses in its own ranges ($network.name)', (each) => {
    const services = all.map(({ serviceRange }) => contains(serviceRange, each.dnsAddress));
    expect(services).toEqual(all.map(({ number }) => number === each.number));
    expect(contains(each.serviceRange, each.apiServiceAddress)).toBe(true);
    // A device's name has at most 15 bytes (IFNAMSIZ).
    expect(each.network.name.length).toBeLessThanOrEqual(15);
  });

  it('keeps its files where it is told to', () => {
    expect(instance(3, '/srv/cluster').directory).toBe('/srv/cluster');
  });
});

describe('parseInstanceNumber', () => {
  it.each([
    { text: undefined, expected: 0 },
    { text: '', expected: 0 },
    { text: '15', expected: 15 },
  ])('reads $text', ({ text, expected }) => {
    expect(parseInstanceNumber(text)).toBe(expected);
  });

  it.each(['16', '-1', '1.5', 'two'])('refuses %s and names the range', (text) => {
    expect(() => parseInstanceNumber(text)).toThrow(
      `CLUSTER_INSTANCE is ${text}: give a whole number from 0 to 15`,
    );
  });
});

function contains(range: string, address: string): boolean {
  const [network = '', prefix] = range.split('/');
  const list = new BlockList();
  list.addSubnet(network, Number(prefix));
  return list.check(address);
}
