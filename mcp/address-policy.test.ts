import { describe, expect, it } from 'vitest';
import { ConfigError } from '../core/errors.ts';
import { createAddressPolicy } from './address-policy.ts';

const everywhere = createAddressPolicy({ refused: [], allowed: [] });

describe('addresses that are always refused', () => {
  it.each([
    ['loopback', '127.0.0.1'],
    ['all of loopback', '127.255.255.254'],
    ['loopback, IPv6', '::1'],
    ['loopback, mapped', '::ffff:127.0.0.1'],
    ['loopback, mapped in hexadecimal', '::ffff:7f00:1'],
    ['loopback, compatible', '::7f00:1'],
    ['loopback through NAT64', '64:ff9b::7f00:1'],
    ['loopback through 6to4', '2002:7f00:1::'],
    ['unspecified', '0.0.0.0'],
    ['this network', '0.1.2.3'],
    ['unspecified, IPv6', '::'],
    ['unspecified, mapped', '::ffff:0.0.0.0'],
    ['link-local', '169.254.1.1'],
    ['metadata service', '169.254.169.254'],
    ['metadata service, mapped', '::ffff:169.254.169.254'],
    ['metadata service through NAT64', '64:ff9b::a9fe:a9fe'],
    ['metadata service of EC2, IPv6', 'fd00:ec2::254'],
    ['metadata service of Google, IPv6', 'fd20:ce::254'],
    ['metadata service of Alibaba', '100.100.100.200'],
    ['host agent of Azure', '168.63.129.16'],
    ['link-local, IPv6', 'fe80::1'],
    ['link-local with a zone', 'fe80::1%eth0'],
    ['site-local', 'fec0::1'],
    ['multicast', '224.0.0.1'],
    ['multicast, IPv6', 'ff02::1'],
    ['broadcast', '255.255.255.255'],
    ['reserved', '240.0.0.1'],
    ['documentation', '192.0.2.1'],
    ['documentation, IPv6', '2001:db8::1'],
    ['Teredo', '2001::1'],
    ['a name', 'localhost'],
    ['nothing', ''],
  ])('%s: %s', (_reason, address) => {
    expect(everywhere(address)).toMatchObject({ kind: 'refused' });
  });
});

describe('addresses that nobody refused', () => {
  it.each([
    ['public', '8.8.8.8'],
    ['public, IPv6', '2606:4700::1111'],
    ['private: its owner decides', '10.1.2.3'],
    ['unique local: its owner decides', 'fd12:3456::1'],
    ['mapped public', '::ffff:8.8.8.8'],
  ])('%s: %s', (_reason, address) => {
    expect(everywhere(address)).toEqual({ kind: 'allowed' });
  });
});

describe('the rules of an administrator', () => {
  const policy = createAddressPolicy({
    refused: ['10.96.0.0/12', '10.0.0.7', 'fd00::/8'],
    allowed: ['10.96.5.0/24', '169.254.7.7', 'fd00:1::/32'],
  });

  it.each([
    ['a refused range', '10.97.1.1', 'refused'],
    ['a refused address', '10.0.0.7', 'refused'],
    ['its neighbour', '10.0.0.8', 'allowed'],
    ['a refused range, mapped', '::ffff:10.97.1.1', 'refused'],
    ['a range that is opened inside a refused one', '10.96.5.9', 'allowed'],
    ['an address that is opened inside link-local', '169.254.7.7', 'allowed'],
    ['its neighbour', '169.254.7.8', 'refused'],
    ['a refused range, IPv6', 'fd00:2::1', 'refused'],
    ['a range that is opened, IPv6', 'fd00:1::1', 'allowed'],
  ])('%s: %s', (_reason, address, kind) => {
    expect(policy(address).kind).toBe(kind);
  });

  it('names the range', () => {
    expect(policy('10.97.1.1')).toEqual({ kind: 'refused', reason: 'it is in 10.96.0.0/12' });
  });

  it.each(['10.0.0.0/33', 'everything', '10.0.0.0/', ''])('refuses "%s" as a rule', (text) => {
    expect(() => createAddressPolicy({ refused: [text], allowed: [] })).toThrow(ConfigError);
    expect(() => createAddressPolicy({ refused: [], allowed: [text] })).toThrow(text);
  });
});
