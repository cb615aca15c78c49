import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { anAction } from '../testing/rows.ts';
import { exportJson6902, exportKustomize, objectOf } from './export.ts';
import { applyOperations } from './json-patch.ts';
import type { PatchOperation } from './plan.ts';

const GUARD: readonly PatchOperation[] = [
  { op: 'test', path: '/metadata/uid', value: 'uid-of-github' },
  { op: 'test', path: '/metadata/generation', value: 3 },
];
const OBJECT = {
  apiVersion: 'mcp.kilocode.ai/v1alpha1',
  kind: 'MCPServer',
  name: 'github',
  namespace: 'team-a',
};

function proposal(...operations: readonly PatchOperation[]) {
  return { kind: 'Proposal', operations, reason: 'Flux applies it' } as const;
}

describe('exportJson6902', () => {
  it('leaves out what only the cluster knows', () => {
    const change: PatchOperation = { op: 'replace', path: '/spec/replicas', value: 2 };
    const exported = exportJson6902({
      kind: 'Patch',
      operations: [...GUARD, { op: 'test', path: '/spec/replicas', value: 1 }, change],
    });
    expect(JSON.parse(exported)).toEqual([{ op: 'test', path: '/spec/replicas', value: 1 }, change]);
    expect(applyOperations({ spec: { replicas: 1 } }, JSON.parse(exported) as PatchOperation[])).toEqual({
      spec: { replicas: 2 },
    });
  });
});

describe('exportKustomize', () => {
  function patchesOf(text: string): readonly { readonly target: unknown; readonly patch: string }[] {
    return (parse(text) as { patches: readonly { target: unknown; patch: string }[] }).patches;
  }

  it('merges where it can, so that a file without defaults takes it', () => {
    const exported = exportKustomize(
      proposal(
        ...GUARD,
        { op: 'add', path: '/spec/resources/limits/ephemeral-storage', value: '1Gi' },
        { op: 'test', path: '/spec/podTemplate/spec/serviceAccountName', value: 'default' },
        { op: 'remove', path: '/spec/podTemplate/spec/serviceAccountName' },
      ),
      OBJECT,
    );
    const [patch] = patchesOf(exported);
    expect(patch?.target).toEqual({
      group: 'mcp.kilocode.ai',
      version: 'v1alpha1',
      kind: 'MCPServer',
      name: 'github',
      namespace: 'team-a',
    });
    expect(parse(patch?.patch ?? '')).toEqual({
      apiVersion: OBJECT.apiVersion,
      kind: OBJECT.kind,
      metadata: { name: 'github' },
      spec: {
        resources: { limits: { 'ephemeral-storage': '1Gi' } },
        podTemplate: { spec: { serviceAccountName: null } },
      },
    });
  });

  it.each([
    [
      'into lists',
      proposal({ op: 'add', path: '/spec/podTemplate/spec/containers/0/securityContext', value: {} }),
      OBJECT,
    ],
    [
      'into metadata',
      proposal({ op: 'add', path: '/metadata/labels/a~1b', value: 'c' }),
      { apiVersion: 'v1', kind: 'Namespace', name: 'team-a' },
    ],
  ])('uses the operations %s', (_where, effect, object) => {
    const [patch] = patchesOf(exportKustomize(effect, object));
    expect(parse(patch?.patch ?? '')).toEqual(effect.operations);
  });

  it('names no group and no namespace where there is none', () => {
    const [patch] = patchesOf(
      exportKustomize(proposal(), { apiVersion: 'v1', kind: 'Namespace', name: 'team-a' }),
    );
    expect(patch?.target).toEqual({ version: 'v1', kind: 'Namespace', name: 'team-a' });
  });
});

describe('objectOf', () => {
  it('is the target, unless the proposal is about another object', () => {
    const namespace = { apiVersion: 'v1', kind: 'Namespace', name: 'team-a' };
    expect(objectOf(proposal(), anAction().target, 'team-a')).toEqual(OBJECT);
    expect(objectOf({ ...proposal(), object: namespace }, anAction().target, 'team-a')).toEqual(namespace);
  });
});
