import { describe, expect, it } from 'vitest';
import { validateComplianceProfile, type ComplianceProfile } from '../../api/index.ts';
import type { Check } from '../../checks/engine/check.ts';
import { changesOfCheck } from './changes.ts';
import { readProfile, type Catalogue } from './profile.ts';
import { aCheck, aClusterCheck, aWaiver, hoursAgo, PROFILE } from './testing/objects.ts';

const CHECK: Check = {
  id: 'MCP-S11',
  family: 'S',
  title: 'the certificate is good for a while',
  severity: 'high',
  eras: [],
  scored: true,
  cost: { requests: 0 },
  rationale: 'Because.',
  remediation: { kind: 'none', text: 'Renew it.' },
  references: [],
  parameters: {
    minimumDays: { description: 'Days.', default: 14 },
    strict: { description: 'Whether.', default: false },
    hosts: { description: 'Which.', default: [] },
    mode: { description: 'How.', default: 'a' },
  },
  applies: () => ({ applies: true }),
  run: () => ({ outcome: 'Pass', message: 'Good.' }),
};
const CATALOGUE: Catalogue = { checks: [CHECK], controls: () => ({ 'nist-800-53-r5': ['SC-8'] }) };

function aProfile(spec: object): ComplianceProfile {
  const validation = validateComplianceProfile({
    apiVersion: 'mcp.kilocode.ai/v1alpha1',
    kind: 'ComplianceProfile',
    metadata: { name: 'baseline' },
    spec,
  });
  if (!validation.valid) throw new Error(JSON.stringify(validation.errors));
  return validation.profile;
}
const read = (parameters: object) =>
  readProfile(aProfile({ checks: [{ id: 'MCP-S11', parameters }] }), CATALOGUE);

describe('the parameters of a profile', () => {
  it('become values of the type that the check asks for', () => {
    const found = read({ minimumDays: '30', strict: 'true', hosts: 'a.example.com, b', mode: 7 });
    expect(found.kind === 'profile' && found.profile.checks).toEqual([
      {
        id: 'MCP-S11',
        parameters: { minimumDays: 30, strict: true, hosts: ['a.example.com', 'b'], mode: '7' },
      },
    ]);
  });

  it.each([
    [{ minimumDays: 'many' }, 'the parameter minimumDays of MCP-S11 must be a number'],
    [{ minimumDays: '' }, 'the parameter minimumDays of MCP-S11 must be a number'],
    [{ strict: 'yes' }, 'the parameter strict of MCP-S11 must be "true" or "false"'],
    [{ days: 1 }, 'the check MCP-S11 has no parameter days'],
  ])('%o: %s', (parameters, message) => {
    expect(read(parameters)).toEqual({ kind: 'invalid', message });
  });

  it('are not looked for in a check that this version does not have', () => {
    const profile = aProfile({ checks: [{ id: 'MCP-Z99' }, { id: 'MCP-S11' }] });
    const message = 'this version has no check MCP-Z99';
    expect(readProfile(profile, CATALOGUE)).toEqual({ kind: 'invalid', message });
  });
});

describe('a profile', () => {
  it('adds its controls to those of the catalogue, and has a hash of what it asks', () => {
    const controls = [
      { framework: 'nist-800-53-r5', control: 'SC-7', checks: ['MCP-S11'] },
      { framework: 'own', control: '1', checks: ['MCP-S11'] },
    ];
    const spec = { checks: [{ id: 'MCP-S11', severity: 'low' }], controls };
    const found = readProfile(aProfile(spec), CATALOGUE);
    if (found.kind !== 'profile') throw new Error(found.message);
    expect(found.profile.controls('MCP-S11')).toEqual({ 'nist-800-53-r5': ['SC-8', 'SC-7'], own: ['1'] });
    expect(found.profile.checks).toEqual([{ id: 'MCP-S11', severity: 'low' }]);
    expect(found.profile.changedBy).toBe('');
    const again = readProfile(aProfile(spec), CATALOGUE);
    expect(again.kind === 'profile' && again.profile.hash).toBe(found.profile.hash);
  });
});

describe('the changes of a check', () => {
  const kinds = (...parameters: Parameters<typeof changesOfCheck>) =>
    changesOfCheck(...parameters).map(({ kind, key }) => `${kind} ${key}`);

  it('are its spec at this generation and its profile', () => {
    expect(kinds(aCheck(), PROFILE, undefined, hoursAgo(0))).toEqual([
      'CheckChanged check:check-uid:2',
      `ProfileChanged profile:profile-uid:${PROFILE.hash}`,
    ]);
  });

  it('name who changed each of them last, where admission stamped it', () => {
    const persons = ['alice', 'bob'].map((username) => ({ username, uid: '' }));
    const fleet = aClusterCheck({ waivers: [aWaiver()] });
    const annotations = { 'mcp.kilocode.ai/changed-by': JSON.stringify(persons) };
    const stamped = { ...fleet, metadata: { ...fleet.metadata, annotations } };
    const namesIn = (check: typeof fleet) =>
      changesOfCheck(check, PROFILE, undefined, hoursAgo(0)).map(({ kind, changedBy }) => [kind, changedBy]);
    const byProfile = ['ProfileChanged', 'carol'];
    expect(namesIn(stamped)).toEqual([['CheckChanged', 'bob'], ['WaiverChanged', 'bob'], byProfile]);
    expect(namesIn(fleet)).toEqual([['CheckChanged', ''], ['WaiverChanged', ''], byProfile]);
  });

  it('are its waivers when they are others than those that were recorded', () => {
    const fleet = aClusterCheck({ waivers: [aWaiver()] });
    const recorded = changesOfCheck(fleet, undefined, undefined, hoursAgo(0));
    expect(recorded.map(({ kind }) => kind)).toEqual(['CheckChanged', 'WaiverChanged']);
    expect(recorded[1]?.summary).toBe('MCP-S08 until 2030-01-01T00:00:00Z by platform: Known.');
    const none = aClusterCheck();
    expect(kinds(none, undefined, 'sha256:some', hoursAgo(0))).toEqual([
      'CheckChanged check:fleet-uid:2',
      'WaiverChanged waivers:fleet-uid:2',
    ]);
    expect(changesOfCheck(none, undefined, 'sha256:some', hoursAgo(0))[1]?.summary).toBe(
      'no waivers any more',
    );
  });
});
