import { expect, it } from 'vitest';
import type { Ownership } from '../cache/ownership.ts';
import type { KubernetesObject, ObjectMeta } from '../object/object.ts';
import type { ResourceType } from '../object/resource.ts';
import { claim } from './claim.ts';

const type: ResourceType = {
  group: 'example.com',
  version: 'v1',
  kind: 'Owner',
  plural: 'owners',
  namespaced: true,
};
const owner = {
  type,
  object: { apiVersion: 'example.com/v1', kind: 'Owner', metadata: { name: 'o', uid: 'now' } },
};
const reference = { apiVersion: 'example.com/v1', kind: 'Owner', name: 'o', uid: 'now', controller: true };
const child = (metadata: Partial<ObjectMeta>): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Child',
  metadata: { name: 'c', ...metadata },
});

const applied = (manager: string, operation = 'Apply', subresource = ''): Ownership => [
  { manager, operation, subresource, fields: {} },
];

it.each([
  ['our own', { ownerReferences: [reference] }, 'ours'],
  ['our own, on its way out', { ownerReferences: [reference], deletionTimestamp: 'now' }, 'terminating'],
  ['of an earlier owner of the name', { ownerReferences: [{ ...reference, uid: 'before' }] }, 'terminating'],
  [
    'of an older version of the kind',
    { ownerReferences: [{ ...reference, uid: 'before', apiVersion: 'example.com/v1alpha1' }] },
    'terminating',
  ],
  [
    'of a kind of that name in another group',
    { ownerReferences: [{ ...reference, uid: 'x', apiVersion: 'other.com/v1' }] },
    'foreign',
  ],
  ['of another owner', { ownerReferences: [{ ...reference, uid: 'x', name: 'other' }] }, 'foreign'],
  ['of nobody', {}, 'foreign'],
  ['of nobody, on its way out', { deletionTimestamp: 'now' }, 'foreign'],
  ['that only refers to us', { ownerReferences: [{ ...reference, controller: false }] }, 'foreign'],
])('an object %s', (_name, metadata, kind) => {
  expect(claim(child(metadata), applied('somebody'), { owner, fieldManager: 'us' }).kind).toBe(kind);
});

it.each([
  ['that we applied is ours again', applied('us'), {}, 'ours'],
  ['that we applied, on its way out', applied('us'), { deletionTimestamp: 'now' }, 'terminating'],
  ['that only carries our name in an update', applied('us', 'Update'), {}, 'foreign'],
  ['of which we applied a subresource only', applied('us', 'Apply', 'status'), {}, 'foreign'],
  [
    'that we applied, and another controller took',
    applied('us'),
    { ownerReferences: [{ ...reference, uid: 'x', name: 'other' }] },
    'foreign',
  ],
])('an object without a reference to us %s', (_name, ownership, metadata, kind) => {
  expect(claim(child(metadata), ownership, { owner, fieldManager: 'us' }).kind).toBe(kind);
});
