import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { aPlan, anAction, aRow } from '../../approval/testing/rows.ts';
import { requestOf, run, type Ended } from './testing/fake-cluster.ts';

const OPERATIONS = [
  { op: 'test', path: '/metadata/uid', value: 'uid-of-github' },
  { op: 'test', path: '/spec/replicas', value: 1 },
  { op: 'replace', path: '/spec/replicas', value: 2 },
] as const;

function exported(plan: Parameters<typeof aPlan>[0], format: string, kind = anAction().kind): Promise<Ended> {
  const row = aRow({
    plan: aPlan(plan),
    action: anAction({ kind, parameters: { check: 'MCP-W06', hash: 'h' } }),
  });
  return run(['approval', 'export', row.name, '--format', format], { objects: [requestOf(row)] });
}

const proposal = (value: unknown = 2) =>
  ({
    effect: {
      kind: 'Proposal',
      operations: [{ op: 'add', path: '/spec/replicas', value }],
      reason: 'Argo CD owns it',
    },
  }) as const;

describe('approval export', () => {
  it('prints a kustomization for the target', async () => {
    const { code, results } = await exported(proposal(), 'kustomize');
    expect(code).toBe(0);
    const { patches } = parse(results) as { patches: readonly { target: object; patch: string }[] };
    expect(patches).toHaveLength(1);
    expect(patches[0]?.target).toMatchObject({ kind: 'MCPServer', name: 'github', namespace: 'team-a' });
    expect(parse(patches[0]?.patch ?? '')).toMatchObject({ spec: { replicas: 2 } });
  });

  it('prints RFC 6902 without the tests of identity', async () => {
    const { results } = await exported({ effect: { kind: 'Patch', operations: OPERATIONS } }, 'json6902');
    expect(JSON.parse(results)).toEqual(OPERATIONS.slice(1));
  });

  it('names the object of a proposal that is about another one', async () => {
    const object = { apiVersion: 'v1', kind: 'Namespace', name: 'team-a' };
    const effect = { ...proposal().effect, object };
    const { results } = await exported({ effect }, 'kustomize');
    const { patches } = parse(results) as { patches: readonly { target: object }[] };
    expect(patches[0]?.target).toEqual({ version: 'v1', kind: 'Namespace', name: 'team-a' });
  });

  it('has nothing to export of a record', async () => {
    const ended = await exported(
      { effect: { kind: 'Baseline', hash: 'h' } },
      'kustomize',
      'AcceptDefinitions',
    );
    expect(ended).toMatchObject({ code: 1, results: '' });
    expect(ended.notes).toContain('no patch to export');
  });

  it('escapes what would move the cursor, where escaping changes nothing', async () => {
    const ended = await exported(proposal('\u202Eevil'), 'json6902');
    expect(JSON.parse(ended.results)).toEqual([{ op: 'add', path: '/spec/replicas', value: '\u202Eevil' }]);
    expect(ended.results).not.toContain('\u202E');
    expect(await exported(proposal('\u202Eevil'), 'kustomize')).toMatchObject({ code: 1, results: '' });
  });
});
