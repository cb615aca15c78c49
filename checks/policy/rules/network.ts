/**
 * `network`: where servers may connect to, by the openings that they ask for beside DNS. A peer that selects pods opens the way to pods
 * alone; a rule without peers opens the way to every address, and ranges open what `except` does not take out.
 */
import type { MCPServer } from '../../../api/index.ts';
import { oncePer } from '../once.ts';
import { type IPRange, intersection, ipRangeProblem, isCovered, parseIPRange } from '../ip-range.ts';
import { type Breach, type RuleGroup, entryProblems, oneOf, policyRule } from '../policy-rule.ts';
import type { Subject } from '../../subject.ts';

/** One way out. */
type Opening =
  | { readonly kind: 'anywhere'; readonly path: string }
  | {
      readonly kind: 'range';
      readonly path: string;
      readonly range: IPRange;
      readonly excepts: readonly IPRange[];
    }
  | { readonly kind: 'unreadable'; readonly path: string; readonly cidr: string };

type EgressRule = NonNullable<NonNullable<MCPServer['spec']['network']>['egress']>[number];
type Peer = NonNullable<EgressRule['to']>[number];

function openingsOf({ server, workload }: Subject): readonly Opening[] {
  if (workload === undefined) return [];
  return (server.spec.network?.egress ?? []).flatMap(({ to = [] }, index) => {
    const path = `spec.network.egress[${index}]`;
    if (to.length === 0) return [{ kind: 'anywhere' as const, path }];
    return to.flatMap((peer, position) => openingOf(peer, `${path}.to[${position}].ipBlock`));
  });
}

function openingOf({ ipBlock }: Peer, path: string): readonly Opening[] {
  if (ipBlock === undefined) return [];
  const range = parseIPRange(ipBlock.cidr);
  if (range === undefined) return [{ kind: 'unreadable', path, cidr: ipBlock.cidr }];
  // An exception that cannot be read takes nothing out.
  const excepts = (ipBlock.except ?? []).flatMap((text) => parseIPRange(text) ?? []);
  return [{ kind: 'range', path, range, excepts }];
}

const WITHOUT_TO = { value: 'no peers', message: 'a rule without `to` opens the way to every address' };

function unreadable({ path, cidr }: Opening & { kind: 'unreadable' }): Breach {
  return {
    path: `${path}.cidr`,
    value: cidr,
    message: 'this is no range in CIDR notation, so nobody can say what it opens',
    fix: 'Write it like 203.0.113.0/24.',
  };
}

const denyEgressToAnywhere = policyRule({
  id: 'network.denyEgressToAnywhere',
  severity: 'high',
  title: 'servers do not connect to any address they like',
  judge: (subject, { network }) =>
    network?.denyEgressToAnywhere === true ? openingsOf(subject).flatMap(anywhere) : [],
});

function anywhere(opening: Opening): readonly Breach[] {
  const fix = 'Name what the server needs: pods by their labels, or ranges by ipBlock.';
  if (opening.kind === 'unreadable') return [unreadable(opening)];
  if (opening.kind === 'anywhere') return [{ path: opening.path, ...WITHOUT_TO, fix }];
  if (opening.range.prefixLength > 0) return [];
  return [
    {
      path: `${opening.path}.cidr`,
      value: opening.range.text,
      message: 'this range is every address',
      fix,
    },
  ];
}

const denyCIDRs = policyRule({
  id: 'network.denyCIDRs',
  severity: 'high',
  title: 'servers do not connect to addresses that are denied',
  judge: (subject, { network }) => {
    const denied = network?.denyCIDRs;
    if (denied === undefined || denied.length === 0) return [];
    return openingsOf(subject).flatMap((opening) => deniedBy(opening, denied));
  },
});

const rangesOf = oncePer((texts: readonly string[]) => texts.flatMap((text) => parseIPRange(text) ?? []));

function deniedBy(opening: Opening, texts: readonly string[]): readonly Breach[] {
  if (opening.kind === 'unreadable') return [unreadable(opening)];
  const denied = rangesOf(texts);
  if (opening.kind === 'range') return denied.flatMap((range) => openPart(opening, range));
  const message = `${WITHOUT_TO.message}, and ${oneOf(texts)} must stay closed here`;
  return [{ path: opening.path, ...WITHOUT_TO, message, fix: fixOfAnywhere(denied) }];
}

function fixOfAnywhere(denied: readonly IPRange[]): string {
  return `Name peers in \`to\`: pods by their labels, or ranges by ipBlock, without ${oneOf(denied.map(({ text }) => text))}.`;
}

/** One finding for each range that is denied, so that taking one of them out is progress that a later update may keep. */
function openPart({ path, range, excepts }: Opening & { kind: 'range' }, denied: IPRange): readonly Breach[] {
  const shared = intersection(range, denied);
  if (shared === undefined || isCovered(shared, excepts)) return [];
  const inside = excepts
    .filter((except) => intersection(shared, except) !== undefined)
    .map(({ text }) => text);
  const isWhole = shared.text === range.text;
  return [
    {
      path,
      value: inside.length === 0 ? shared.text : `${shared.text} except ${inside.toSorted().join(', ')}`,
      message: `${range.text} opens ${isWhole ? 'addresses' : shared.text}, and ${denied.text} must stay closed here`,
      fix: isWhole ? 'Remove the range.' : `Add ${shared.text} to except.`,
    },
  ];
}

export const networkRules: RuleGroup = {
  rules: [denyEgressToAnywhere, denyCIDRs],
  problems: ({ network }) => entryProblems('spec.network.denyCIDRs', network?.denyCIDRs, ipRangeProblem),
};
