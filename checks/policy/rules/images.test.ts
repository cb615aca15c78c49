import { describe, expect, it } from 'vitest';
import { aPolicy, aRemoteSubject, aSubject } from '../../testing/subjects.ts';
import { evaluatePolicy } from '../evaluate.ts';

const PINNED = `ghcr.io/org/server@sha256:${'a'.repeat(64)}`;
const image = (ref: string) => aSubject({ source: { image: { ref } } });
const allowing = (...allowed: string[]) => aPolicy({ images: { allowed } });
const beside = (list: 'containers' | 'initContainers', ref: string) =>
  aSubject({
    source: { image: { ref: PINNED } },
    podTemplate: { spec: { [list]: [{ name: 'other', image: ref }] } },
  });

describe('images.allowed', () => {
  it.each([
    { reason: 'an image that a pattern allows', subject: image('ghcr.io/org/server:1') },
    { reason: 'an image beside the server', subject: beside('containers', 'ghcr.io/org/proxy:1') },
    { reason: 'a server elsewhere', subject: aRemoteSubject() },
  ])('admits $reason', ({ subject }) => {
    expect(evaluatePolicy(allowing('ghcr.io/org/*'), subject)).toEqual([]);
  });

  it('names image, repository and what is possible', () => {
    expect(
      evaluatePolicy(allowing('ghcr.io/org/*', 'registry.example.com/**'), image('evil/server:1')),
    ).toEqual([
      {
        policy: 'strict',
        rule: 'images.allowed',
        severity: 'high',
        path: 'spec.source.image.ref',
        value: 'evil/server:1',
        message: 'Images from docker.io/evil/server are not allowed here.',
        fix: 'Use an image from ghcr.io/org/* or registry.example.com/**, or ask the owner of the policy to allow this one.',
      },
    ]);
  });

  it.each([
    ['containers', 'spec.podTemplate.spec.containers[name=other].image'],
    ['initContainers', 'spec.podTemplate.spec.initContainers[name=other].image'],
  ] as const)('looks into %s', (list, path) => {
    expect(evaluatePolicy(allowing('ghcr.io/org/*'), beside(list, 'redis'))).toMatchObject([
      { path, value: 'redis', message: 'Images from docker.io/library/redis are not allowed here.' },
    ]);
  });

  it('allows nothing when it is empty', () => {
    expect(evaluatePolicy(allowing(), image(PINNED))).toMatchObject([
      {
        message: 'No image is allowed here.',
        fix: 'Use a server that runs elsewhere (source.remote), or ask the owner of the policy to allow the image.',
      },
    ]);
  });

  it.each(['GHCR.io/org/Server', 'https://ghcr.io/org/server', 'ghcr.io/org/server\u001B[2K', ''])(
    'refuses %j, which no runtime takes for a reference',
    (ref) => {
      expect(evaluatePolicy(allowing('**'), beside('containers', ref))).toMatchObject([
        { message: 'This is no reference of an image, so that nobody can say where it comes from.' },
      ]);
    },
  );
});

describe('images.requireDigest', () => {
  const policy = aPolicy({ images: { requireDigest: true } });

  it.each([PINNED, `ghcr.io/org/server:1@sha256:${'a'.repeat(64)}`])('admits %s', (ref) => {
    expect(evaluatePolicy(policy, image(ref))).toEqual([]);
  });

  it.each(['ghcr.io/org/server:1', 'ghcr.io/org/server'])('refuses %s', (ref) => {
    expect(evaluatePolicy(policy, image(ref))).toEqual([
      {
        policy: 'strict',
        rule: 'images.requireDigest',
        severity: 'high',
        path: 'spec.source.image.ref',
        value: ref,
        message: 'The image is not pinned by digest, so that another one may run under its name tomorrow.',
        fix: 'Append @sha256:<digest> of the image that was reviewed.',
      },
    ]);
  });

  it.each(['redis:8', `redis@sha512:${'a'.repeat(128)}`, `redis@sha256:${'A'.repeat(64)}`, 'redis@sha256:a'])(
    'looks into every container: %s',
    (ref) => {
      expect(evaluatePolicy(policy, beside('initContainers', ref))).toMatchObject([
        { path: 'spec.podTemplate.spec.initContainers[name=other].image', value: ref },
      ]);
    },
  );

  it('asks for nothing when it is false', () => {
    expect(evaluatePolicy(aPolicy({ images: { requireDigest: false } }), image('redis'))).toEqual([]);
  });
});
