import { describe, expect, it } from 'vitest';
import { internOwnership } from './ownership.ts';

const entry = (manager: string, fieldsV1: object, change: object = {}) => ({
  manager,
  operation: 'Apply',
  time: new Date().toISOString(),
  fieldsV1,
  ...change,
});

describe('ownership', () => {
  it('is one object for all objects of one shape', () => {
    const fields = { 'f:spec': { 'f:replicas': {} } };
    const one = internOwnership([
      entry('m', { ...fields, 'f:metadata': { 'f:ownerReferences': { 'k:{"uid":"1"}': {} } } }),
    ]);
    const other = internOwnership([
      entry('m', { ...fields, 'f:metadata': { 'f:ownerReferences': { 'k:{"uid":"2"}': {} } } }),
    ]);
    expect(other).toBe(one);
    expect(one).toEqual([{ manager: 'm', operation: 'Apply', subresource: '', fields }]);
  });

  it('shares what is equal between lists that differ', () => {
    const ours = entry('ours', { 'f:spec': { 'f:a': {} } });
    const [alone] = internOwnership([ours]);
    const [together] = internOwnership([ours, entry('theirs', { 'f:spec': { 'f:b': {} } })]);
    expect(together).toBe(alone);
  });

  it('knows who wrote through which subresource, but nothing of status', () => {
    const ownership = internOwnership([
      entry('scaler', { 'f:spec': { 'f:replicas': {} } }, { subresource: 'scale', operation: 'Update' }),
      entry(
        'kubelet',
        { 'f:status': { 'f:phase': {} }, 'f:metadata': { 'f:annotations': { 'f:a': {} } } },
        { subresource: 'status' },
      ),
      entry('confused', { 'f:status': { 'f:phase': {} } }),
    ]);
    expect(ownership.map(({ manager, subresource }) => [manager, subresource])).toEqual([
      ['scaler', 'scale'],
    ]);
  });

  it('keeps labels and annotations of the metadata', () => {
    const fields = { 'f:metadata': { 'f:labels': { 'f:app': {} }, 'f:finalizers': {} } };
    expect(internOwnership([entry('m', fields)])[0]?.fields).toEqual({
      'f:metadata': { 'f:labels': { 'f:app': {} } },
    });
  });

  it('survives nesting without end, lest one object stop the watch of all', () => {
    let nested: object = {};
    for (let level = 0; level < 9_000; level++) nested = { 'f:a': nested };
    const ours = entry('ours', { 'f:spec': { 'f:a': {} } });
    expect(internOwnership([entry('intruder', { 'f:spec': nested }), ours])).toEqual(internOwnership([ours]));
  });

  it('does not remember every shape for ever: each may be as large as an object', () => {
    const shape = (id: number) =>
      entry('m', {
        'f:spec': Object.fromEntries(Array.from({ length: 50_000 }, (_, n) => [`f:${id}-${n}`, {}])),
      });
    const first = internOwnership([shape(0)]);
    expect(internOwnership([shape(0)])).toBe(first);
    for (let id = 1; id <= 20; id++) internOwnership([shape(id)]);
    expect(internOwnership([shape(0)])).not.toBe(first);
    expect(internOwnership([shape(0)])).toEqual(first);
  });

  it('of nothing is nothing', () => {
    expect(internOwnership(undefined)).toEqual([]);
    expect(internOwnership([])).toEqual([]);
    expect(internOwnership([{ manager: 'm' }])).toEqual([]);
  });
});
