import { describe, expect, it } from 'vitest';
import type { MCPServer } from '../../../api/index.ts';
import { aPolicy, aRemoteSubject, aSubject } from '../../testing/subjects.ts';
import { evaluatePolicy } from '../evaluate.ts';

type Rule = NonNullable<NonNullable<MCPServer['spec']['network']>['egress']>[number];
const PORTS = [{ protocol: 'TCP', port: 443 }];
const METADATA = '169.254.169.254/32';

const to = (cidr: string, ...except: string[]): Rule => ({
  to: [{ ipBlock: { cidr, ...(except.length > 0 && { except }) } }],
  ports: PORTS,
});
const opening = (...egress: Rule[]) => aSubject({ network: { egress } });
const PODS: Rule = { to: [{ namespaceSelector: {}, podSelector: {} }] };

describe('network.denyEgressToAnywhere', () => {
  const policy = aPolicy({ network: { denyEgressToAnywhere: true } });

  it.each([
    { reason: 'no openings', subject: aSubject() },
    { reason: 'an empty list', subject: opening() },
    { reason: 'pods, all of them', subject: opening(PODS) },
    { reason: 'ranges', subject: opening(to('203.0.113.0/24'), to('2001:db8::/32'), to('0.0.0.0/1')) },
    { reason: 'a server elsewhere', subject: aRemoteSubject() },
  ])('admits $reason', ({ subject }) => {
    expect(evaluatePolicy(policy, subject)).toEqual([]);
  });

  it.each<{ reason: string; rule: Rule }>([
    { reason: 'a rule without to', rule: { ports: PORTS } },
    { reason: 'a rule with an empty to', rule: { to: [], ports: PORTS } },
    { reason: 'a rule with nothing', rule: {} },
  ])('refuses $reason', ({ rule }) => {
    expect(evaluatePolicy(policy, opening(PODS, rule))).toEqual([
      {
        policy: 'strict',
        rule: 'network.denyEgressToAnywhere',
        severity: 'high',
        path: 'spec.network.egress[1]',
        value: 'no peers',
        message: 'A rule without `to` opens the way to every address.',
        fix: 'Name what the server needs: pods by their labels, or ranges by ipBlock.',
      },
    ]);
  });

  it.each([
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['10.0.0.0/0', '0.0.0.0/0'],
    ['::/0', '::/0'],
    ['::ffff:0:0/96', '0.0.0.0/0'],
  ])('refuses %s, whatever it leaves out', (cidr, value) => {
    expect(evaluatePolicy(policy, opening(to(cidr, '10.0.0.0/8')))).toMatchObject([
      {
        path: 'spec.network.egress[0].to[0].ipBlock.cidr',
        value,
        message: 'This range holds every address.',
      },
    ]);
  });

  it.each(['010.0.0.0/8', '0/0', '0.0.0.0', ''])('refuses %j, which is no range', (cidr) => {
    expect(evaluatePolicy(policy, opening(to(cidr)))).toMatchObject([
      {
        path: 'spec.network.egress[0].to[0].ipBlock.cidr',
        value: cidr,
        message: 'This is no range in CIDR notation, so that nobody can say what it opens.',
      },
    ]);
  });
});

describe('network.denyCIDRs', () => {
  const denying = (...denyCIDRs: string[]) => aPolicy({ network: { denyCIDRs } });

  it.each([
    { reason: 'nothing opened', subject: aSubject() },
    { reason: 'pods, all of them', subject: opening(PODS) },
    { reason: 'another range', subject: opening(to('203.0.113.0/24')) },
    { reason: 'another family', subject: opening(to('::/0')) },
    { reason: 'a hole for the range', subject: opening(to('0.0.0.0/0', METADATA)) },
    { reason: 'a larger hole', subject: opening(to('0.0.0.0/0', '169.254.0.0/16')) },
    { reason: 'a server elsewhere', subject: aRemoteSubject() },
  ])('admits $reason', ({ subject }) => {
    expect(evaluatePolicy(denying(METADATA), subject)).toEqual([]);
  });

  it('admits two holes that together are large enough', () => {
    expect(
      evaluatePolicy(denying('10.0.0.0/8'), opening(to('0.0.0.0/0', '10.0.0.0/9', '10.128.0.0/9'))),
    ).toEqual([]);
  });

  it('admits everything when it is empty', () => {
    expect(evaluatePolicy(denying(), opening({}))).toEqual([]);
  });

  it('refuses a range that holds a denied one', () => {
    expect(evaluatePolicy(denying(METADATA), opening(PODS, to('169.254.0.0/16')))).toEqual([
      {
        policy: 'strict',
        rule: 'network.denyCIDRs',
        severity: 'high',
        path: 'spec.network.egress[1].to[0].ipBlock',
        value: METADATA,
        message: `169.254.0.0/16 holds ${METADATA}, which must stay closed here.`,
        fix: `Add ${METADATA} to except.`,
      },
    ]);
  });

  it('refuses a range inside a denied one', () => {
    expect(evaluatePolicy(denying('10.0.0.0/8'), opening(to('10.1.0.0/16')))).toMatchObject([
      {
        value: '10.1.0.0/16',
        message: 'The range is inside 10.0.0.0/8, which must stay closed here.',
        fix: 'Remove the range.',
      },
    ]);
  });

  it.each([
    { reason: 'IPv4 written as IPv6', rule: to('::ffff:169.254.0.0/112'), value: METADATA },
    { reason: 'bits behind the prefix', rule: to('169.254.1.1/16'), value: METADATA },
    { reason: 'a hole beside it', rule: to('0.0.0.0/0', '169.254.169.253/32'), value: METADATA },
    { reason: 'a hole that is no range', rule: to('0.0.0.0/0', '169.254.169.254'), value: METADATA },
    {
      reason: 'another peer of the same rule',
      rule: { to: [{ podSelector: {} }, { ipBlock: { cidr: '0.0.0.0/0' } }] },
      value: METADATA,
    },
  ])('refuses $reason', ({ rule, value }) => {
    expect(evaluatePolicy(denying(METADATA), opening(rule))).toMatchObject([{ value }]);
  });

  it('refuses IPv6', () => {
    expect(evaluatePolicy(denying('fd00:ec2::254/128'), opening(to('FD00::/8')))).toMatchObject([
      {
        value: 'fd00:ec2::254/128',
        message: 'fd00::/8 holds fd00:ec2::254/128, which must stay closed here.',
      },
    ]);
  });

  it('tells how much of a denied range is open', () => {
    const policy = denying('10.0.0.0/8');
    expect(evaluatePolicy(policy, opening(to('0.0.0.0/0', '10.0.0.0/9', '192.168.0.0/16')))).toMatchObject([
      { value: '10.0.0.0/8 except 10.0.0.0/9' },
    ]);
  });

  it('has one finding for each range, so that closing one is progress', () => {
    const policy = denying(METADATA, '10.0.0.0/8', 'fd00::/8');
    const both = evaluatePolicy(policy, opening(to('0.0.0.0/0')));
    expect(both.map(({ value }) => value)).toEqual([METADATA, '10.0.0.0/8']);
    expect(evaluatePolicy(policy, opening(to('0.0.0.0/0', METADATA)))).toEqual(both.slice(1));
  });

  it('names a range once that stands in another one, or twice', () => {
    const policy = denying(METADATA, '169.254.0.0/16', '::ffff:169.254.0.0/112');
    expect(evaluatePolicy(policy, opening(to('0.0.0.0/0'))).map(({ value }) => value)).toEqual([
      '169.254.0.0/16',
    ]);
  });

  it('refuses a rule without to', () => {
    expect(evaluatePolicy(denying(METADATA, 'fd00:ec2::254/128'), opening({ ports: PORTS }))).toEqual([
      {
        policy: 'strict',
        rule: 'network.denyCIDRs',
        severity: 'high',
        path: 'spec.network.egress[0]',
        value: 'no peers',
        message: `A rule without \`to\` opens the way to every address, also to ${METADATA} and fd00:ec2::254/128, which must stay closed here.`,
        fix: `Name what the server needs: pods by their labels, or ranges by ipBlock that leave ${METADATA} and fd00:ec2::254/128 out with except.`,
      },
    ]);
  });

  it('refuses what is no range', () => {
    expect(evaluatePolicy(denying(METADATA), opening(to('169.254.169.254')))).toMatchObject([
      { path: 'spec.network.egress[0].to[0].ipBlock.cidr', value: '169.254.169.254' },
    ]);
  });
});
