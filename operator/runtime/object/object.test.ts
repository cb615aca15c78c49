import { describe, expect, it } from 'vitest';
import { formatKey, parseKey, type KubernetesObject } from './object.ts';
import { controllerOf, controllerReference } from './owner.ts';
import { apiVersionOf, collectionPath, objectPath, resourceName, type ResourceType } from './resource.ts';

const deployments: ResourceType = {
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  namespaced: true,
};
const nodes: ResourceType = { group: '', version: 'v1', kind: 'Node', plural: 'nodes', namespaced: false };

it.each([
  [{ namespace: 'team-a', name: 'one' }, 'team-a/one'],
  [{ namespace: '', name: 'node1' }, 'node1'],
])('a key survives being text', (key, text) => {
  expect(formatKey(key)).toBe(text);
  expect(parseKey(text)).toEqual(key);
});

describe('a resource type', () => {
  it('is named as Kubernetes names it', () => {
    expect([apiVersionOf(deployments), resourceName(deployments)]).toEqual(['apps/v1', 'deployments.apps']);
    expect([apiVersionOf(nodes), resourceName(nodes)]).toEqual(['v1', 'nodes']);
  });

  it.each([
    [collectionPath(deployments, ''), '/apis/apps/v1/deployments'],
    [collectionPath(deployments, 'a'), '/apis/apps/v1/namespaces/a/deployments'],
    [collectionPath(nodes, ''), '/api/v1/nodes'],
    [collectionPath(nodes, 'ignored'), '/api/v1/nodes'],
    [objectPath(deployments, { namespace: 'a', name: 'b' }), '/apis/apps/v1/namespaces/a/deployments/b'],
    [
      objectPath(deployments, { namespace: 'a', name: 'b' }, 'status'),
      '/apis/apps/v1/namespaces/a/deployments/b/status',
    ],
    [objectPath(nodes, { namespace: '', name: 'a/../b' }), '/api/v1/nodes/a%2F..%2Fb'],
  ])('is served at %s', (path, expected) => {
    expect(path).toBe(expected);
  });
});

describe('ownership between objects', () => {
  const owner: KubernetesObject = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node1', uid: 'u-1' } };

  it('names the owner by uid, as the one controller', () => {
    const reference = controllerReference(nodes, owner);
    expect(reference).toEqual({
      apiVersion: 'v1',
      kind: 'Node',
      name: 'node1',
      uid: 'u-1',
      controller: true,
      blockOwnerDeletion: true,
    });
    const plain = { ...reference, uid: 'u-2', controller: false };
    const child = { ...owner, metadata: { name: 'child', ownerReferences: [plain, reference] } };
    expect(controllerOf(child)).toBe(reference);
  });

  it('refuses an owner that was never stored', () => {
    expect(() => controllerReference(nodes, { ...owner, metadata: { name: 'new' } })).toThrow(
      /Node new has no uid/,
    );
  });
});
