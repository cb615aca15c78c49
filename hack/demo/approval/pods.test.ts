import { describe, expect, it } from 'vitest';
import { unlike, type PodView } from './pods.ts';

interface Case {
  readonly isReadOnly?: boolean;
  readonly isReady?: boolean;
  readonly isEnding?: boolean;
}

function pod({ isReadOnly = true, isReady = true, isEnding = false }: Case = {}): PodView {
  return {
    metadata: { name: 'mcp-clock-1', ...(isEnding && { deletionTimestamp: '2026-11-26T08:00:00Z' }) },
    spec: { containers: [{ name: 'server', securityContext: { readOnlyRootFilesystem: isReadOnly } }] },
    status: { conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }] },
  };
}

describe('pods', () => {
  it.each<[string, readonly PodView[], readonly string[]]>([
    ['that are as they must be', [pod()], []],
    ['that are not there', [], ['a pod']],
    ['of the old spec', [pod({ isReadOnly: false })], ['mcp-clock-1 with a root that is read-only']],
    ['that are not ready', [pod({ isReady: false })], ['mcp-clock-1 to be ready']],
    [
      'of the old spec that end',
      [pod(), pod({ isReadOnly: false, isEnding: true })],
      ['the end of mcp-clock-1'],
    ],
  ])('%s', (_reason, pods, left) => {
    expect(unlike(pods, true)).toEqual(left);
  });

  it('whose container says nothing have a root that can be written to', () => {
    const silent = { ...pod(), spec: { containers: [{ name: 'server' }] } };
    expect(unlike([silent], true)).toEqual(['mcp-clock-1 with a root that is read-only']);
    expect(unlike([silent], false)).toEqual([]);
  });
});
