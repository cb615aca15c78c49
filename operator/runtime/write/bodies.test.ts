import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../object/object.ts';
import { correctionOf, creationOf, removalOf, replacementOf, statusBody, withController } from './bodies.ts';

const live: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'Sample',
  metadata: { name: 'one', namespace: 'a', uid: 'u', resourceVersion: '7', labels: { app: 'x' } },
};
const intent: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'Sample',
  metadata: { name: 'one', namespace: 'a' },
};

describe('a body', () => {
  it('names its controller, once, beside the owners of the intent', () => {
    const type = { group: '', version: 'v1', kind: 'Sample', plural: 'samples', namespaced: true };
    const other = { apiVersion: 'v1', kind: 'Other', name: 'o', uid: 'other' };
    const before = {
      ...intent,
      metadata: { ...intent.metadata, ownerReferences: [other, { ...other, uid: 'u' }] },
    };
    const { ownerReferences } = withController(before, { type, object: live }).metadata;
    expect(ownerReferences).toMatchObject([{ uid: 'other' }, { uid: 'u', kind: 'Sample', controller: true }]);
  });

  it('that creates can only create, and one that corrects can only hit what was looked at', () => {
    expect(creationOf(intent).metadata).toEqual({ name: 'one', namespace: 'a', resourceVersion: '1' });
    expect(correctionOf(intent, live).metadata).toEqual({ name: 'one', namespace: 'a', uid: 'u' });
    expect(statusBody(live, { phase: 'x' })).toEqual({
      apiVersion: 'v1',
      kind: 'Sample',
      metadata: { name: 'one', namespace: 'a', resourceVersion: '7' },
      status: { phase: 'x' },
    });
  });

  it('that replaces has the content of the intent, and nothing of its metadata', () => {
    const withSpec = { ...intent, spec: { a: 1 } };
    expect(replacementOf(withSpec, live)).toEqual([
      { op: 'test', path: '/metadata/uid', value: 'u' },
      { op: 'add', path: '/spec', value: { a: 1 } },
    ]);
  });

  it('that removes tests each value first', () => {
    expect(
      removalOf(live, [
        { path: '/spec/a', live: 1 },
        { path: '/spec/b', live: 2 },
      ]),
    ).toEqual([
      { op: 'test', path: '/metadata/uid', value: 'u' },
      { op: 'test', path: '/spec/a', value: 1 },
      { op: 'remove', path: '/spec/a' },
      { op: 'test', path: '/spec/b', value: 2 },
      { op: 'remove', path: '/spec/b' },
    ]);
  });
});
