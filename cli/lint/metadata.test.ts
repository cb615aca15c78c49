import { describe, expect, it } from 'vitest';
import { metadataErrors } from './metadata.ts';

describe('metadataErrors', () => {
  it.each([
    { reason: 'no metadata', value: {} },
    { reason: 'no object', value: 'text' },
    { reason: 'a name', value: { name: 'a.b-c', namespace: 'team-a' } },
    { reason: 'labels', value: { labels: { 'a.b/C_d': '', e: 'F-1' } } },
    { reason: 'null for nothing', value: { labels: null, annotations: { a: null } } },
    { reason: 'annotations of any text', value: { annotations: { 'A.b/c': 'any text\n{}' } } },
    { reason: 'what the API server writes', value: { uid: 'a', resourceVersion: '1', managedFields: [] } },
  ])('takes $reason', ({ value }) => {
    expect(metadataErrors({ metadata: value })).toEqual([]);
  });

  it.each([
    { reason: 'an unknown field', value: { lables: {} }, path: 'metadata.lables' },
    { reason: 'a name that is none', value: { name: 'A_b' }, path: 'metadata.name' },
    { reason: 'a name that is too long', value: { name: 'a'.repeat(254) }, path: 'metadata.name' },
    { reason: 'a namespace with a dot', value: { namespace: 'a.b' }, path: 'metadata.namespace' },
    { reason: 'labels that are a list', value: { labels: [] }, path: 'metadata.labels' },
    { reason: 'a label that is a number', value: { labels: { a: 1 } }, path: 'metadata.labels[a]' },
    { reason: 'a key that is none', value: { labels: { 'a b': 'c' } }, path: 'metadata.labels[a b]' },
    { reason: 'a value that is none', value: { labels: { a: 'b c' } }, path: 'metadata.labels[a]' },
    {
      reason: 'an annotation that is a boolean',
      value: { annotations: { a: true } },
      path: 'metadata.annotations[a]',
    },
    {
      reason: 'a key of an annotation that is none',
      value: { annotations: { 'a/b/c': '' } },
      path: 'metadata.annotations[a/b/c]',
    },
    {
      reason: 'too many bytes',
      value: { annotations: { a: 'é'.repeat(131_072) } },
      path: 'metadata.annotations',
    },
  ])('refuses $reason', ({ value, path }) => {
    expect(metadataErrors({ metadata: value }).map((error) => error.path)).toEqual([path]);
  });
});
