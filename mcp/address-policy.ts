/**
 * Which addresses a probe may dial. A probe goes where a tenant's YAML points it, from inside the cluster's network: without
 * this rule the operator would be everybody's way to the metadata service, to the API server and to its own loopback. Pure:
 * the caller adds the ranges that only it knows (nodes, API server, services, pods) and those the administrator opens.
 */
import ipaddr from 'ipaddr.js';
import { ConfigError } from '../core/errors.ts';

/** Judges one IP address, in the notation of `net`. */
export type AddressPolicy = (address: string) => AddressDecision;
type AddressDecision = { readonly kind: 'allowed' } | { readonly kind: 'refused'; readonly reason: string };

/** The ranges of a policy, in CIDR notation or as single addresses. `allowed` wins over everything else. */
interface AddressRules {
  readonly refused: readonly string[];
  readonly allowed: readonly string[];
}

/**
 * Never a server that somebody runs for others: loopback, link-local (the metadata service of most clouds among them),
 * unspecified, multicast, reserved and documentation ranges, and the metadata addresses outside link-local. IPv4 addresses
 * that hide in IPv6 (mapped, NAT64, 6to4) are judged as the IPv4 address that they are. Private ranges are not here: most
 * clusters and companies live in them, so their owner says which of them are off limits.
 */
const ALWAYS_REFUSED: readonly string[] = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '100.100.100.200',
  '168.63.129.16',
  '::',
  '::1',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
  'fd00:ec2::254',
  'fd20:ce::254',
  '2001::/32',
  '2001:db8::/32',
];

const ALLOWED: AddressDecision = { kind: 'allowed' };
const NAT64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');
const SIX_TO_FOUR = ipaddr.IPv6.parseCIDR('2002::/16');
const IPV4_COMPATIBLE = ipaddr.IPv6.parseCIDR('::/96');

type Address = ipaddr.IPv4 | ipaddr.IPv6;
interface Range {
  readonly text: string;
  contains(address: Address): boolean;
}

/**
 * Builds a policy that refuses {@link ALWAYS_REFUSED} and `rules.refused`, except what `rules.allowed` opens.
 * @throws ConfigError naming the entry that is neither an address nor a range.
 */
export function createAddressPolicy(rules: AddressRules): AddressPolicy {
  const allowed = rules.allowed.map(parseRange);
  const refused = [...ALWAYS_REFUSED, ...rules.refused].map(parseRange);
  return (text) => {
    if (!ipaddr.isValid(text)) return { kind: 'refused', reason: 'it is not an IP address' };
    const forms = everyForm(ipaddr.parse(text));
    if (forms.some((form) => allowed.some((range) => range.contains(form)))) return ALLOWED;
    const match = refused.find((range) => forms.some((form) => range.contains(form)));
    return match === undefined ? ALLOWED : { kind: 'refused', reason: `it is in ${match.text}` };
  };
}

function parseRange(text: string): Range {
  const [network, prefix] = parseCidr(text);
  return {
    text,
    contains: (address) => address.kind() === network.kind() && address.match(network, prefix),
  };
}

function parseCidr(text: string): readonly [Address, number] {
  try {
    if (text.includes('/')) return ipaddr.parseCIDR(text);
    const address = ipaddr.parse(text);
    return [address, address.kind() === 'ipv4' ? 32 : 128];
  } catch (error) {
    throw new ConfigError(`"${text}" is neither an IP address nor a CIDR range: write it like 10.0.0.0/8`, {
      cause: error,
    });
  }
}

/** The address itself, and the IPv4 address that it carries: the packet would end there. */
function everyForm(address: Address): readonly Address[] {
  if (!(address instanceof ipaddr.IPv6)) return [address];
  const embedded = embeddedIPv4(address);
  return embedded === undefined ? [address] : [address, embedded];
}

function embeddedIPv4(address: ipaddr.IPv6): ipaddr.IPv4 | undefined {
  if (address.isIPv4MappedAddress()) return address.toIPv4Address();
  const bytes = address.toByteArray();
  if (address.match(NAT64)) return new ipaddr.IPv4(bytes.slice(12));
  if (address.match(SIX_TO_FOUR)) return new ipaddr.IPv4(bytes.slice(2, 6));
  const isPlain = address.toString() === '::' || address.toString() === '::1';
  if (address.match(IPV4_COMPATIBLE) && !isPlain) return new ipaddr.IPv4(bytes.slice(12));
  return undefined;
}
