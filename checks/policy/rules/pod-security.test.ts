import { describe, expect, it } from 'vitest';
import { defaultMCPSecurityPolicy, type MCPSecurityPolicySpec } from '../../../api/index.ts';
import { DEFAULT_RENDER_SETTINGS } from '../../../render/index.ts';
import { aRemoteServer, aServer } from '../../../render/testing/a-server.ts';
import { subjectOf, type Subject } from '../../subject.ts';
import { podSecurityRule } from './pod-security.ts';

type Level = NonNullable<MCPSecurityPolicySpec['podSecurity']>;

const subject = (server: Subject['server']): Subject =>
  subjectOf(server, { name: 'team-a', labels: {} }, DEFAULT_RENDER_SETTINGS);
const policy = (spec: { podSecurity?: Level }) =>
  defaultMCPSecurityPolicy({ metadata: { name: 'p' }, spec }).spec;

const plain = aServer();
const asRoot = aServer({ podTemplate: { spec: { securityContext: { runAsNonRoot: false } } } });
const withCapability = aServer({
  podTemplate: {
    spec: { containers: [{ name: 'server', securityContext: { capabilities: { add: ['NET_RAW'] } } }] },
  },
});
const ADDED = 'spec.podTemplate.spec.containers[name=server].securityContext.capabilities.add';

const CASES: readonly (readonly [
  reason: string,
  server: Subject['server'],
  level: Level,
  paths: readonly string[],
])[] = [
  ['what is rendered by default meets restricted', plain, 'restricted', []],
  ['root breaks restricted', asRoot, 'restricted', ['spec.podTemplate.spec.securityContext.runAsNonRoot']],
  ['root meets baseline', asRoot, 'baseline', []],
  ['a capability breaks restricted', withCapability, 'restricted', [ADDED]],
  ['a capability breaks baseline', withCapability, 'baseline', [ADDED]],
  ['anything meets privileged', withCapability, 'privileged', []],
  ['a server without pods meets everything', aRemoteServer(), 'restricted', []],
];

describe('podSecurity', () => {
  it.each(CASES)('%s', (_reason, server, podSecurity, paths) => {
    const findings = podSecurityRule.evaluate(subject(server), policy({ podSecurity }));
    expect(findings.map(({ path }) => path)).toEqual(paths);
  });

  it('asks for nothing in a policy that does not name it', () => {
    expect(podSecurityRule.evaluate(subject(withCapability), policy({}))).toEqual([]);
  });

  it('names the profile, its control, the field and the fix', () => {
    expect(podSecurityRule.evaluate(subject(asRoot), policy({ podSecurity: 'restricted' }))).toEqual([
      {
        rule: 'podSecurity',
        severity: 'high',
        path: 'spec.podTemplate.spec.securityContext.runAsNonRoot',
        value: 'false',
        message: 'Pod Security Standard restricted (runAsNonRoot): Its processes may run as root.',
        fix: 'Set runAsNonRoot to true.',
      },
    ]);
  });
});
