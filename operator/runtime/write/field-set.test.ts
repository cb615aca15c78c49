import { describe, expect, it } from 'vitest';
import { internOwnership } from '../cache/ownership.ts';
import { contentTree, hasKey, isLeaf, itemNode, metadataTree } from './field-set.ts';

const entry = (manager: string, fieldsV1: object, subresource = '') => ({
  manager,
  operation: 'Update',
  subresource,
  fieldsV1,
});

describe('the content tree', () => {
  const ownership = internOwnership([
    entry('one', {
      'f:metadata': { 'f:labels': { 'f:app': {} } },
      'f:spec': {
        'f:list': { 'k:{"name":"a","port":1}': { '.': {}, 'f:name': {} } },
        'f:set': { 'v:"x"': {} },
      },
    }),
    entry('two', {
      'f:spec': {
        'f:list': { 'k:{"port":1,"name":"a"}': { 'f:image': {} } },
        'f:set': { 'v:"y"': {}, 'v:2': {} },
        'i:3': {},
      },
    }),
    entry('scaler', { 'f:spec': { 'f:replicas': {} } }, 'scale'),
  ]);
  const spec = contentTree(ownership).fields.get('spec');

  it('unites all managers, and leaves out metadata and subresources', () => {
    expect([...contentTree(ownership).fields.keys()]).toEqual(['spec']);
    expect([...(spec?.fields.keys() ?? [])]).toEqual(['list', 'set']);
  });

  it('knows items by their keys, values by themselves and positions', () => {
    const list = spec?.fields.get('list');
    expect(list?.items.size).toBe(1);
    const node = list && itemNode(list, { name: 'a', port: 1, image: 'i' });
    expect([...(node?.fields.keys() ?? [])]).toEqual(['name', 'image']);
    expect(list && itemNode(list, { name: 'a', port: 2 })).toBeUndefined();
    expect([...(spec?.fields.get('set')?.values ?? [])]).toEqual(['x', 'y', 2]);
    expect([...(spec?.positions.keys() ?? [])]).toEqual([3]);
  });

  it('tells leaves from branches', () => {
    const tree = contentTree(
      internOwnership([entry('m', { 'f:a': {}, 'f:b': { 'f:c': {} }, 'f:d': { '.': {} } })]),
    );
    const leaves = ['a', 'b', 'd'].filter((name) => {
      const node = tree.fields.get(name);
      return node !== undefined && isLeaf(node);
    });
    expect(leaves).toEqual(['a', 'd']);
  });

  it('is computed once for all objects of a shape', () => {
    expect(contentTree(internOwnership([entry('m', { 'f:a': {} })]))).toBe(
      contentTree(internOwnership([entry('m', { 'f:a': {} })])),
    );
  });
});

it('the metadata tree is of one manager alone', () => {
  const ownership = internOwnership([
    entry('one', { 'f:metadata': { 'f:labels': { 'f:a': {} } } }),
    entry('two', { 'f:metadata': { 'f:labels': { 'f:b': {} } } }),
  ]);
  expect([...(metadataTree(ownership, 'one').fields.get('labels')?.fields.keys() ?? [])]).toEqual(['a']);
  expect(metadataTree(ownership, 'three').fields.size).toBe(0);
});

it.each<[unknown, object, boolean]>([
  [{ name: 'a', port: 1 }, { name: 'a' }, true],
  [{ name: 'a' }, { name: 'a', port: 1 }, false],
  ['a', { name: 'a' }, false],
  [null, {}, false],
])('%j has key %j: %s', (item, key, expected) => {
  expect(hasKey(item, { ...key })).toBe(expected);
});
