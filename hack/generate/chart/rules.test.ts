import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import type { Permission } from '../../../operator/runtime/index.ts';
import { ruleFiles, rulesPage } from './rules.ts';

const permission = (group: string, resource: string, ...verbs: string[]): Permission => ({
  apiGroups: [group],
  resources: [resource],
  verbs,
  why: `Needs ${resource}.`,
});

describe('ruleFiles', () => {
  it('sorts rules by where they hold, and says why above each', () => {
    const files = ruleFiles([
      permission('', 'nodes', 'list', 'watch'),
      permission('apps', 'deployments', 'patch'),
      permission('mcp.kilocode.ai', 'mcpservers/status', 'patch'),
      permission('coordination.k8s.io', 'leases', 'get'),
    ]);
    expect(parse(files.cluster)).toEqual([
      { apiGroups: [''], resources: ['nodes'], verbs: ['list', 'watch'] },
    ]);
    expect(parse(files['own-namespace'])).toEqual([
      { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get'] },
    ]);
    expect(parse(files.namespaced)).toHaveLength(2);
    expect(files.namespaced).toContain('# Needs deployments.\n- apiGroups:');
  });

  it('puts what is needed in its own namespace only there, whatever else the resource is used for', () => {
    const files = ruleFiles([
      permission('', 'configmaps', 'get'),
      { ...permission('', 'configmaps', 'create'), isOwnNamespace: true },
    ]);
    expect(parse(files.namespaced)).toEqual([{ apiGroups: [''], resources: ['configmaps'], verbs: ['get'] }]);
    expect(parse(files['own-namespace'])).toEqual([
      { apiGroups: [''], resources: ['configmaps'], verbs: ['create'] },
    ]);
  });

  it('keeps resource names', () => {
    const files = ruleFiles([{ ...permission('', 'configmaps', 'get'), resourceNames: ['only-this'] }]);
    expect(parse(files.namespaced)).toMatchObject([{ resourceNames: ['only-this'] }]);
  });

  it('knows Secrets in its own namespace only, by name, but for their creation', () => {
    const named = { ...permission('', 'secrets', 'update'), resourceNames: ['<fullname>-certificates'] };
    const files = ruleFiles([named, permission('', 'secrets', 'create')]);
    expect(files.cluster + files.namespaced).toBe('');
    expect(parse(files['own-namespace'])).toEqual([
      {
        apiGroups: [''],
        resources: ['secrets'],
        resourceNames: ['<fullname>-certificates'],
        verbs: ['update'],
      },
      { apiGroups: [''], resources: ['secrets'], verbs: ['create'] },
    ]);
  });

  it.each([
    ['a wildcard verb', permission('', 'pods', '*'), 'wildcard'],
    ['a wildcard resource', permission('', '*', 'get'), 'wildcard'],
    ['a wildcard group', permission('*', 'pods', 'get'), 'wildcard'],
    ['all Secrets', permission('', 'secrets', 'get'), 'a rule on secrets reaches all of them'],
    [
      'all Secrets, with no name for which',
      { ...permission('', 'secrets', 'create', 'list'), resourceNames: [] },
      'a rule on secrets reaches all of them',
    ],
    [
      'a resource nobody thought about',
      permission('batch', 'jobs', 'get'),
      'no scope is known for jobs.batch',
    ],
    ['two scopes', { ...permission('', 'pods', 'get'), resources: ['pods', 'nodes'] }, 'mixes scopes'],
  ])('refuses a rule with %s', (_reason, rule, message) => {
    expect(() => ruleFiles([rule])).toThrow(message);
  });
});

describe('rulesPage', () => {
  it('has a section a scope and a row a rule', () => {
    const page = rulesPage([
      permission('', 'nodes', 'list', 'watch'),
      { ...permission('apps', 'deployments', 'patch'), resourceNames: ['one'] },
    ]);
    expect(page.match(/^### /gm)).toHaveLength(3);
    expect(page).toContain('| `nodes` | list, watch | Needs nodes. |');
    expect(page).toContain('| `deployments` (`apps`) named `one` | patch | Needs deployments. |');
  });
});
