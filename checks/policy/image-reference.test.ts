import { describe, expect, it } from 'vitest';
import { parseImageReference } from './image-reference.ts';

const HEX = '0123456789abcdef'.repeat(4);
const DIGEST = `sha256:${HEX}`;

describe('a reference in full', () => {
  it.each([
    // As the tests of distribution/reference have it.
    ['test.com/foo', 'test.com/foo'],
    ['test_com/foo', 'docker.io/test_com/foo'],
    ['docker/migrator', 'docker.io/docker/migrator'],
    ['test.com:8080/foo', 'test.com:8080/foo'],
    ['test-com:8080/foo', 'test-com:8080/foo'],
    ['foo', 'docker.io/library/foo'],
    ['xn--n3h.com:18080/foo', 'xn--n3h.com:18080/foo'],
    ['docker.io/foo', 'docker.io/library/foo'],
    ['index.docker.io/foo', 'docker.io/library/foo'],
    ['index.docker.io/docker/docker', 'docker.io/docker/docker'],
    ['docker.io/library/foo/bar', 'docker.io/library/foo/bar'],
    ['library/foo', 'docker.io/library/foo'],
    ['192.168.0.1', 'docker.io/library/192.168.0.1'],
    ['192.168.0.1:80', 'docker.io/library/192.168.0.1'],
    ['192.168.0.1:8/debian', '192.168.0.1:8/debian'],
    ['[fc00::1]:5000/docker', '[fc00::1]:5000/docker'],
    ['localhost/foo', 'localhost/foo'],
    ['localhost:5000', 'docker.io/library/localhost'],
    ['Foo/bar', 'foo/bar'],
    ['dock__er/docker---rules', 'docker.io/dock__er/docker---rules'],
    [`docker.io/${HEX}`, `docker.io/library/${HEX}`],
    // Registries are hosts, and hosts have no case.
    ['GHCR.IO/org/server:1', 'ghcr.io/org/server'],
    ['ghcr.io/org/server:1.2.3', 'ghcr.io/org/server'],
    ['localhost:5000/server:1', 'localhost:5000/server'],
  ])('%s is %s', (text, repository) => {
    expect(parseImageReference(text)).toEqual({ repository, digest: undefined });
  });

  it.each([
    [`busybox@${DIGEST}`, 'docker.io/library/busybox'],
    [`ghcr.io/org/server:1.2.3@${DIGEST}`, 'ghcr.io/org/server'],
    [`localhost:5000/server@${DIGEST}`, 'localhost:5000/server'],
  ])('%s keeps its digest', (text, repository) => {
    expect(parseImageReference(text)).toEqual({ repository, digest: DIGEST });
  });
});

it.each([
  '',
  'docker/Docker',
  'UPPER',
  '-docker',
  'docker-/docker',
  'dock..er/docker',
  'docker///docker',
  'docker/',
  '/docker',
  'https://github.com/docker/docker',
  '-docker.io/docker/docker',
  'ghcr.io./org/server',
  'fc00::1:5000/debian',
  '[fe80::1%eth0]:5000/debian',
  '[2001:db8:3:4::192.0.2.33]:5000/debian',
  HEX,
  'a:b:c',
  'a:',
  'a@',
  'a@sha256:1',
  `a@${DIGEST}@${DIGEST}`,
  'a b',
  'a\n',
  ' a',
  'a*',
  'a'.repeat(1025),
])('%j is no reference', (text) => {
  expect(parseImageReference(text)).toBeUndefined();
});
