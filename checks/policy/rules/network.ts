/**
 * `network`: where servers may connect to, by the openings that they ask for beside DNS. A peer that selects pods opens the way to pods
 * alone; a rule without peers opens the way to every address, and ranges open what `except` does not take out.
 */
import type { MCPServer } from '../../../api/index.ts';
import type { Breach } from '../../check.ts';
import type { Subject } from '../../subject.ts';
import { type IPRange, intersection, ipRangeProblem, isCovered, parseIPRange } from '../ip-range.ts';
import { onceOn, oncePer } from '../../once.ts';
import { type RuleGroup, allOf, entryProblems, policyRule } from '../policy-rule.ts';

/** One way out. */
type Opening =
  | { readonly kind: 'anywhere'; readonly path: string }
  | { readonly kind: 'unreadable'; readonly path: string; readonly cidr: string }
  | OpenRange;

interface OpenRange {
  readonly kind: 'range';
  readonly path: string;
  readonly range: IPRange;
  readonly excepts: readonly IPRange[];
}

type EgressRule = NonNullable<NonNullable<MCPServer['spec']['network']>['egress']>[number];
type Peer = NonNullable<EgressRule['to']>[number];

/** The same for every policy that asks. */
const openingsOf = onceOn(({ server, workload }: Subject): readonly Opening[] => {
  if (workload === undefined) return [];
  return (server.spec.network?.egress ?? []).flatMap(({ to = [] }, index) => {
    const path = `spec.network.egress[${index}]`;
    if (to.length === 0) return [{ kind: 'anywhere' as const, path }];
    return to.flatMap((peer, position) => openingOf(peer, `${path}.to[${position}].ipBlock`));
  });
});

function openingOf({ ipBlock }: Peer, path: string): readonly Opening[] {
  if (ipBlock === undefined) return [];
  const range = parseIPRange(ipBlock.cidr);
  if (range === undefined) return [{ kind: 'unreadable', path, cidr: ipBlock.cidr }];
  // An exception that cannot be read takes nothing out.
  const excepts = (ipBlock.except ?? []).flatMap((text) => parseIPRange(text) ?? []);
  return [{ kind: 'range', path, range, excepts }];
}

function unreadable(path: string, cidr: string): Breach {
  return {
    path: `${path}.cidr`,
    value: cidr,
    message: 'This is no range in CIDR notation, so that nobody can say what it opens.',
    fix: 'Write it like 203.0.113.0/24.',
  };
}

function withoutPeers(path: string, message: string, fix: string): Breach {
  return { path, value: 'no peers', message: `A rule without \`to\` opens the way to ${message}`, fix };
}

const denyEgressToAnywhere = policyRule({
  id: 'network.denyEgressToAnywhere',
  severity: 'high',
  title: 'servers do not connect to any address they like',
  judge: (subject, { network }) =>
    network?.denyEgressToAnywhere === true ? openingsOf(subject).flatMap(anywhere) : [],
});

const NAME_PEERS = 'Name what the server needs: pods by their labels, or ranges by ipBlock';

function anywhere(opening: Opening): readonly Breach[] {
  if (opening.kind === 'unreadable') return [unreadable(opening.path, opening.cidr)];
  if (opening.kind === 'anywhere') return [withoutPeers(opening.path, 'every address.', `${NAME_PEERS}.`)];
  if (opening.range.prefixLength > 0) return [];
  return [
    {
      path: `${opening.path}.cidr`,
      value: opening.range.text,
      message: 'This range holds every address.',
      fix: `${NAME_PEERS}.`,
    },
  ];
}

const denyCIDRs = policyRule({
  id: 'network.denyCIDRs',
  severity: 'high',
  title: 'servers do not connect to addresses that are denied',
  judge: (subject, { network }) => {
    const denied = deniedRanges(network?.denyCIDRs ?? NONE);
    return denied.length === 0 ? [] : openingsOf(subject).flatMap((opening) => deniedBy(opening, denied));
  },
});

const NONE: readonly string[] = [];

/** Without those that another one holds: whoever closes the larger range has closed them too. */
const deniedRanges = oncePer((texts: readonly string[]): readonly IPRange[] => {
  const ranges = new Map(
    texts.flatMap((text) => parseIPRange(text) ?? []).map((range) => [range.text, range]),
  );
  const all = [...ranges.values()];
  return all.filter((range) => !all.some((other) => other !== range && intersection(range, other) === range));
});

function deniedBy(opening: Opening, denied: readonly IPRange[]): readonly Breach[] {
  if (opening.kind === 'unreadable') return [unreadable(opening.path, opening.cidr)];
  if (opening.kind === 'range') return denied.flatMap((range) => openPart(opening, range));
  const closed = allOf(denied.map(({ text }) => text));
  const message = `every address, also to ${closed}, which must stay closed here.`;
  return [withoutPeers(opening.path, message, `${NAME_PEERS} that leave ${closed} out with except.`)];
}

/** One finding for each range that is denied, so that taking one of them out is progress that an update may keep. */
function openPart({ path, range, excepts }: OpenRange, denied: IPRange): readonly Breach[] {
  const open = intersection(range, denied);
  if (open === undefined || isCovered(open, excepts)) return [];
  const inside = excepts.filter((except) => intersection(open, except) !== undefined).map(({ text }) => text);
  const value = inside.length === 0 ? open.text : `${open.text} except ${inside.toSorted().join(', ')}`;
  if (open === range) {
    const message = `The range is inside ${denied.text}, which must stay closed here.`;
    return [{ path, value, message, fix: 'Remove the range.' }];
  }
  const message = `${range.text} holds ${denied.text}, which must stay closed here.`;
  return [{ path, value, message, fix: `Add ${denied.text} to except.` }];
}

export const networkRules: RuleGroup = {
  rules: [denyEgressToAnywhere, denyCIDRs],
  problems: ({ network }) => entryProblems('spec.network.denyCIDRs', network?.denyCIDRs, ipRangeProblem),
};
