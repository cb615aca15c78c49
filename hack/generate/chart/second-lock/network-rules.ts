/** `network` and `remotes`: where servers may connect to, and where they may be. */
import { PRIVATE_DOMAINS } from '../../../../checks/policy/rules/remotes.ts';
import { flattened, type Variable } from '../cel.ts';
import type { ServerRule } from './server-rule.ts';

/** CEL of a list: the rules of `network.egress` without `to`, and their ranges `p.ipBlock` that `condition` holds for. */
function openings(server: string, condition: string): string {
  const rule = '"spec.network.egress[" + string(i) + "]"';
  const range = `${rule} + ".to[" + string(j) + "].ipBlock.cidr: " + p.ipBlock.cidr`;
  const ranges = `r.to.transformList(j, p, has(p.ipBlock) && (${condition}), ${range})`;
  return flattened(
    `${server}.spec.?network.?egress.orValue([]).transformList(i, r, size(r.?to.orValue([])) == 0 ? [${rule}] : ${ranges})`,
  );
}

const denyEgressToAnywhere: ServerRule = {
  id: 'network.denyEgressToAnywhere',
  asked: 'params.spec.?network.?denyEgressToAnywhere.orValue(false)',
  broken: (server) => openings(server, '!isCIDR(p.ipBlock.cidr) || cidr(p.ipBlock.cidr).prefixLength() == 0'),
  fix: ' opens the way to any address: name the addresses that the server needs',
};

/** What the rules below share. A range that is none is an error, and an error refuses; one of IPv4 in IPv6 cannot be read here. */
export const NETWORK_VARIABLES: readonly Variable[] = [
  {
    name: 'deniedRanges',
    expression: 'params.spec.network.denyCIDRs.filter(d, !d.startsWith("::ffff:")).map(d, cidr(d))',
  },
];

/**
 * Whether a range `d` of the policy is open through `p.ipBlock`. What cannot be read as a range, such as IPv4 in the notation of
 * IPv6, might hold anything. Exceptions
 * inside `d` may cover it together, which CEL cannot add up; a single address is covered by one or by none.
 */
const IS_OPEN =
  '!isCIDR(p.ipBlock.cidr) || [cidr(p.ipBlock.cidr)].exists(c, variables.deniedRanges.exists(d, d.containsCIDR(c) || (c.containsCIDR(d) && ' +
  '!p.ipBlock.?except.orValue([]).exists(e, isCIDR(e) && (cidr(e).containsCIDR(d) || d.containsCIDR(e))))))';

const denyCIDRs: ServerRule = {
  id: 'network.denyCIDRs',
  asked: 'size(params.spec.?network.?denyCIDRs.orValue([])) > 0',
  broken: (server) => openings(server, IS_OPEN),
  fix: ' opens the way to addresses that the policy denies: take them out with ipBlock.except',
};

/** CEL of the URL of a remote server; empty for others. */
function urlOf(server: string): string {
  return `${server}.spec.source.?remote.?url.orValue("")`;
}

const requireTLS: ServerRule = {
  id: 'remotes.requireTLS',
  asked: 'params.spec.?remotes.?requireTLS.orValue(false)',
  // Not the URL as a whole: what stands behind the host may be a secret.
  broken: (server) => `${urlOf(server)}.startsWith("http:") ? ["spec.source.remote.url: http"] : []`,
  fix: ' is not encrypted: use https',
};

/** CEL: a list of the host of a remote server, as long as it can be read. */
function hostOf(server: string): string {
  const url = urlOf(server);
  return `(isURL(${url}) ? [url(${url}).getHostname().lowerAscii()] : []).filter(h, h != "")`;
}

const hosts: ServerRule = {
  id: 'remotes.hosts',
  asked: 'has(params.spec.remotes) && has(params.spec.remotes.hosts)',
  broken: (server) => {
    const isBelow = 'p.startsWith("*.") && h.endsWith(p.substring(1)) && size(h) >= size(p)';
    const isAllowed = `params.spec.remotes.hosts.exists(p, p == h || (${isBelow}))`;
    return `${hostOf(server)}.filter(h, !${isAllowed}).map(h, "spec.source.remote.url: " + h)`;
  },
  fix: ' is not one of the hosts that the policy allows: use one that it names, or have it added',
};

/** Loopback, link-local and what people call private: a part of what the rule of the webhook refuses. */
const PRIVATE_RANGES = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '::1/128',
  'fc00::/7',
  'fe80::/10',
];

const allowPrivateAddresses: ServerRule = {
  id: 'remotes.allowPrivateAddresses',
  asked: '!params.spec.?remotes.?allowPrivateAddresses.orValue(true)',
  broken: (server) => {
    const isPrivateAddress = `${JSON.stringify(PRIVATE_RANGES)}.exists(r, cidr(r).containsIP(h))`;
    const isPrivateName = `!h.contains(".") || ${JSON.stringify(PRIVATE_DOMAINS)}.exists(d, h.endsWith("." + d))`;
    const isPrivate = `isIP(h) ? ${isPrivateAddress} : !h.contains(":") && (${isPrivateName})`;
    return `${hostOf(server)}.filter(h, ${isPrivate}).map(h, "spec.source.remote.url: " + h)`;
  },
  fix: ' is not a public host: use the public name of the server',
};

export const NETWORK_RULES: readonly ServerRule[] = [
  denyCIDRs,
  denyEgressToAnywhere,
  allowPrivateAddresses,
  requireTLS,
  hosts,
];
