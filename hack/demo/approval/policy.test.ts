import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { validateComplianceProfile, validateMCPServer } from '../../../api/index.ts';
import { NAMESPACE, POLICY, policyOf, PROFILE } from './policy.ts';

const example = readFileSync(
  new URL('../../../examples/approval/regulated-production.yaml', import.meta.url),
  'utf8',
);
const documents = (name: string): readonly Record<string, unknown>[] =>
  parseAllDocuments(readFileSync(new URL(name, import.meta.url), 'utf8')).map((each) => each.toJS());

describe('the policy of the story', () => {
  const { metadata, spec } = policyOf(example);

  it('asks for what the example asks for: two persons, one of the leads, who did not want it themselves', () => {
    expect(spec).toMatchObject({
      match: { actionKinds: expect.arrayContaining(['Remediate']) },
      quorum: { approvals: 2, denials: 1 },
      required: [{ group: 'platform-leads', count: 1 }],
      separationOfDuties: true,
      requireReason: { approve: true },
    });
  });

  it('binds the namespace of the story alone, and not only on weekdays', () => {
    expect(metadata).toEqual({ name: POLICY });
    expect(spec.namespaceSelector).toEqual({ matchLabels: { 'kubernetes.io/metadata.name': NAMESPACE } });
    expect(spec).not.toHaveProperty('freeze');
    expect(example).toContain('freeze:');
  });
});

describe('the manifests of the story', () => {
  it.each(['clock.yaml', 'journal.yaml'])('%s holds a server whose root can be written to', (name) => {
    const [server] = documents(name);
    expect(validateMCPServer(server)).toMatchObject({ valid: true });
    expect(server).toMatchObject({
      spec: {
        podTemplate: {
          spec: { containers: [{ name: 'server', securityContext: { readOnlyRootFilesystem: false } }] },
        },
      },
    });
  });

  it('name the namespace and the profile by which the code finds them', () => {
    const around = documents('around.yaml');
    const named = (kind: string) => around.filter((each) => each['kind'] === kind);
    expect(named('Namespace')).toMatchObject([{ metadata: { name: NAMESPACE } }]);
    const [profile, ...others] = named('ComplianceProfile');
    expect(others).toEqual([]);
    expect(profile).toMatchObject({ metadata: { name: PROFILE }, spec: { checks: [{ id: 'MCP-W06' }] } });
    expect(validateComplianceProfile(profile)).toMatchObject({ valid: true });
    expect(documents('check.yaml')).toMatchObject([{ spec: { profileRef: { name: PROFILE } } }]);
  });
});
