import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { addNamespaceLabels } from './flags.ts';

describe('addNamespaceLabels', () => {
  it('reads labels of several namespaces, and of one in several parts', () => {
    const first = addNamespaceLabels('team-a=tier=prod,example.com/owner=web');
    const second = addNamespaceLabels('team-b=empty=', first);
    expect(addNamespaceLabels('team-a=tier=dev', second)).toEqual({
      'team-a': { tier: 'dev', 'example.com/owner': 'web' },
      'team-b': { empty: '' },
    });
  });

  it.each(['', 'team-a', 'team-a=', 'team-a=tier', 'team-a=tier=prod,', '=tier=prod', 'team-a=a=b=c'])(
    'refuses %j',
    (text) => {
      expect(() => addNamespaceLabels(text)).toThrow(InvalidArgumentError);
    },
  );
});
