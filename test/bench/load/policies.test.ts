import { describe, expect, it } from 'vitest';
import { defaultMCPServer, type MCPServerManifest } from '../../../api/index.ts';
import { evaluatePolicies, subjectOf, type Subject } from '../../../checks/index.ts';
import { DEFAULT_RENDER_SETTINGS } from '../../../render/index.ts';
import { breakingServer, keepingServer, policiesFor } from './policies.ts';

const NAMESPACE = 'judged';

function subject({ metadata, ...server }: MCPServerManifest): Subject {
  const complete = defaultMCPServer({ ...server, metadata: { ...metadata, namespace: NAMESPACE } });
  const labels = { 'kubernetes.io/metadata.name': NAMESPACE };
  return subjectOf(complete, { name: NAMESPACE, labels }, DEFAULT_RENDER_SETTINGS);
}

describe('the policies of the benchmark', () => {
  it.each([1, 50])('are %i of different names, the strictest first', (count) => {
    const policies = policiesFor(NAMESPACE, count);
    expect(new Set(policies.map(({ metadata }) => metadata.name)).size).toBe(count);
    expect(policies[0]?.spec.serviceAccounts).toEqual([]);
  });

  it('are all kept by the one server, and each broken once by the other', () => {
    const policies = policiesFor(NAMESPACE, 50);
    expect(evaluatePolicies(policies, subject(keepingServer()))).toEqual([]);
    const broken = evaluatePolicies(policies, subject(breakingServer()));
    expect(broken.map(({ policy }) => policy)).toEqual(policies.map(({ metadata }) => metadata.name));
  });
});
