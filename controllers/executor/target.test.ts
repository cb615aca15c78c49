import { describe, expect, it } from 'vitest';
import { aServer } from '../../render/testing/a-server.ts';
import { imageOf, ownerOf, preImageOf } from './target.ts';

const PATCH = [{ op: 'replace', path: '/spec/replicas', value: 3 }] as const;
const before = aServer({ replicas: 1 }, { resourceVersion: '7' });
const expected = aServer({ replicas: 3 });

describe('the pre-image', () => {
  it('holds what is put back, and how the target looks before and after', () => {
    const preImage = preImageOf(before, expected, PATCH);
    expect(preImage).toMatchObject({
      resourceVersion: '7',
      generation: 1,
      values: { '/spec/replicas': 1 },
      wasReady: false,
    });
    expect(preImage.specHash).not.toBe(preImage.expectedSpecHash);
  });
});

describe('the target beside its pre-image', () => {
  const row = {
    action: {
      kind: 'Remediate',
      target: {
        apiVersion: 'mcp.kilocode.ai/v1alpha1',
        kind: 'MCPServer',
        name: 'github',
        uid: 'uid-of-github',
        generation: 1,
      },
      parameters: {},
    },
    preImage: preImageOf(before, expected, PATCH),
  } as const;

  it.each([
    ['pre', before],
    ['post', expected],
    ['other', aServer({ replicas: 2 })],
    ['gone', undefined],
    ['gone', aServer({ replicas: 3 }, { uid: 'another' })],
  ] as const)('is %s', (image, target) => {
    expect(imageOf(row, target)).toBe(image);
  });
});

describe('who applies the target', () => {
  const managed = (manager: string, subresource = ''): object => ({
    managedFields: [{ manager, subresource }],
  });
  it.each<[string, object, string | undefined]>([
    ['a person', managed('kubectl-client-side-apply'), undefined],
    ['Argo CD, by its mark', { annotations: { 'argocd.argoproj.io/tracking-id': 'a' } }, 'Argo CD'],
    ['Flux, by its mark', { labels: { 'kustomize.toolkit.fluxcd.io/name': 'a' } }, 'Flux'],
    ['Helm, by its mark', { labels: { 'app.kubernetes.io/managed-by': 'Helm' } }, 'Helm'],
    ['Flux, by its field manager', managed('kustomize-controller'), 'Flux'],
    ['nobody: the status alone is written by it', managed('argocd-controller', 'status'), undefined],
  ])('is %s', (_who, metadata, tool) => {
    const server = aServer();
    expect(ownerOf({ metadata: { ...server.metadata, ...metadata } })?.tool).toBe(tool);
  });
});
