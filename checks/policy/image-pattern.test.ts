import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { imagePatternProblem, isImageAllowed } from './image-pattern.ts';
import { parseImageReference } from './image-reference.ts';

function allows(pattern: string, image: string): boolean {
  const reference = parseImageReference(image);
  if (reference === undefined) throw new Error(`${image} is no reference`);
  return isImageAllowed([pattern], reference);
}

describe('an image pattern', () => {
  it.each([
    { reason: 'itself', pattern: 'ghcr.io/org/server', image: 'ghcr.io/org/server:1' },
    {
      reason: 'whatever the digest',
      pattern: 'ghcr.io/org/server',
      image: `ghcr.io/org/server@sha256:${'a'.repeat(64)}`,
    },
    { reason: '* is one segment', pattern: 'ghcr.io/org/*', image: 'ghcr.io/org/server' },
    {
      reason: '* is a part of one',
      pattern: 'ghcr.io/org/mcp-*-server',
      image: 'ghcr.io/org/mcp-time-server',
    },
    { reason: 'a part may be nothing', pattern: 'ghcr.io/org/server*', image: 'ghcr.io/org/server' },
    { reason: '* in the middle', pattern: 'ghcr.io/*/server', image: 'ghcr.io/org/server' },
    { reason: '** is one segment', pattern: 'ghcr.io/**', image: 'ghcr.io/server' },
    { reason: '** is many segments', pattern: 'ghcr.io/**', image: 'ghcr.io/a/b/c/d' },
    { reason: '** in the middle may be none', pattern: 'ghcr.io/**/server', image: 'ghcr.io/server' },
    { reason: '** in the middle may be many', pattern: 'ghcr.io/**/server', image: 'ghcr.io/a/b/server' },
    { reason: '** is every image', pattern: '**', image: 'redis' },
    { reason: '** is every registry', pattern: '**/server', image: 'localhost:5000/server' },
    { reason: '* is every registry', pattern: '*/team/server', image: 'r.example.com/team/server' },
    { reason: 'Docker Hub is a registry', pattern: '*/team/server', image: 'team/server' },
    { reason: 'official images', pattern: 'redis', image: 'docker.io/library/redis:8' },
    { reason: 'a name that every object has', pattern: 'constructor', image: 'constructor' },
    { reason: 'official images in full', pattern: 'docker.io/library/redis', image: 'redis' },
    { reason: 'official images by registry', pattern: 'docker.io/redis', image: 'redis' },
    { reason: 'the old name of Docker Hub', pattern: 'index.docker.io/redis', image: 'redis' },
    { reason: 'all official images', pattern: 'docker.io/library/*', image: 'redis' },
    { reason: 'all official images, many', pattern: 'docker.io/library/**', image: 'redis' },
    { reason: 'an organisation of Docker Hub', pattern: 'org/*', image: 'docker.io/org/server' },
    { reason: 'all of Docker Hub', pattern: 'docker.io/**', image: 'org/server' },
    { reason: 'all of Docker Hub, official images too', pattern: 'index.docker.io/**', image: 'redis' },
    { reason: 'a port', pattern: 'localhost:5000/**', image: 'localhost:5000/server' },
    { reason: 'any port', pattern: 'registry.example.com:*/**', image: 'registry.example.com:8443/server' },
    { reason: 'the first labels of a host', pattern: '*.example.com/**', image: 'a.b.example.com/server' },
    { reason: 'upper case in a host', pattern: 'ghcr.io/org/*', image: 'GHCR.io/org/server' },
    { reason: 'an IPv6 registry', pattern: '[fc00::1]:5000/*', image: '[fc00::1]:5000/server' },
  ])('allows: $reason', ({ pattern, image }) => {
    expect(imagePatternProblem(pattern)).toBeUndefined();
    expect(allows(pattern, image)).toBe(true);
  });

  it.each([
    { reason: '* is not two segments', pattern: 'ghcr.io/org/*', image: 'ghcr.io/org/team/server' },
    { reason: '* is not none', pattern: 'ghcr.io/*/server', image: 'ghcr.io/server' },
    { reason: 'a part does not cross /', pattern: 'ghcr.io/org-*', image: 'ghcr.io/org-a/server' },
    { reason: 'another organisation', pattern: 'ghcr.io/org/*', image: 'ghcr.io/org2/server' },
    { reason: 'another registry', pattern: 'ghcr.io/org/*', image: 'evil.example/ghcr.io/org/server' },
    { reason: 'a repository is not below itself', pattern: 'ghcr.io/team/**', image: 'ghcr.io/team' },
    { reason: 'a longer name', pattern: 'ghcr.io/team/**', image: 'ghcr.io/team2/server' },
    { reason: 'a short name is Docker Hub', pattern: 'ghcr.io/**', image: 'ghcr/server' },
    { reason: 'official images alone', pattern: 'docker.io/library/**', image: 'org/redis' },
    { reason: 'an organisation is not official', pattern: 'docker.io/*', image: 'org/server' },
    {
      reason: 'a host of somebody else',
      pattern: '*.example.com/**',
      image: 'a.example.com.evil.example/server',
    },
    { reason: 'a host that only ends like it', pattern: '*.example.com/**', image: 'evilexample.com/server' },
    { reason: 'the host above', pattern: '*.example.com/**', image: 'example.com/server' },
    {
      reason: 'a port that was not named',
      pattern: 'registry.example.com/**',
      image: 'registry.example.com:8443/server',
    },
    { reason: 'no port', pattern: 'registry.example.com:*/**', image: 'registry.example.com/server' },
    { reason: 'a dot is a dot', pattern: 'ghcr.io/**', image: 'ghcrxio:80/server' },
  ])('does not allow: $reason', ({ pattern, image }) => {
    expect(imagePatternProblem(pattern)).toBeUndefined();
    expect(allows(pattern, image)).toBe(false);
  });

  it('allows nothing where it is empty, or has a problem', () => {
    expect(isImageAllowed([], { repository: 'ghcr.io/a', digest: undefined })).toBe(false);
    expect(isImageAllowed(['ghcr.io//a', 'GHCR.io/a'], { repository: 'ghcr.io/a', digest: undefined })).toBe(
      false,
    );
  });
});

describe('a problem of an image pattern', () => {
  it.each([
    ['https://ghcr.io/org/*', /is a URL/],
    [`ghcr.io/org/server@sha256:${'a'.repeat(64)}`, /holds a digest: remove it/],
    ['ghcr.io//server', /empty segment/],
    ['/server', /empty segment/],
    ['ghcr.io/org/', /empty segment/],
    ['', /empty segment/],
    ['ghcr.io/Org/*', /lower case/],
    ['GHCR.io/org/*', /lower case/],
    ['ghcr.io/org**', /\*\* stands alone between slashes/],
    ['ghcr.io/***', /\*\* stands alone between slashes/],
    ['ghcr.io/org/server:1', /holds a tag/],
    ['redis:8', /holds a tag/],
    ['ghcr.io/org/*:*', /holds a tag/],
    ['*', /matches nothing: write \*\*/],
    ['ghcr.io', /put \/\*\* behind it/],
    ['localhost', /put \/\*\* behind it/],
    ['registry.example.com*/server', /hosts of somebody else/],
    ['registry.*/server', /hosts of somebody else/],
    ['*registry.example.com/server', /hosts of somebody else/],
    ['*.*.example.com/server', /hosts of somebody else/],
    ['-a.example.com/server', /no registry/],
    ['[fc00::%1]/server', /no registry/],
    ['ghcr.io/a b', /can match no image/],
    ['ghcr.io/*-', /can match no image/],
    ['ghcr.io/.*', /can match no image/],
    ['ghcr.io/a..b', /can match no image/],
    ['ghcr.io/ü', /can match no image/],
  ])('%j %s', (pattern, message) => {
    expect(imagePatternProblem(pattern)).toMatch(message);
  });
});

it('means what the regular expression of the same meaning means', () => {
  const segment = fc.constantFrom('a', 'b', 'ab', '*', 'a*', '*b', '**');
  const pattern = fc.array(segment, { minLength: 1, maxLength: 5 });
  const repository = fc.array(fc.constantFrom('a', 'b', 'ab', 'aab', 'ba'), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(pattern, repository, (segments, path) => {
      const text = `r.io/${segments.join('/')}`;
      const expected = naive(segments).test(`r.io/${path.join('/')}`);
      expect(allows(text, `r.io/${path.join('/')}:1`)).toBe(expected);
    }),
    { numRuns: 5000 },
  );
});

/** One segment after the other, each with the slash before it. */
function naive(segments: readonly string[]): RegExp {
  const parts = segments.map((segment, index) => {
    if (segment === '**') return index === segments.length - 1 ? '(/[^/]+)+' : '(/[^/]+)*';
    return `/${segment.replaceAll('*', '[^/]*')}`;
  });
  return new RegExp(`^r\\.io${parts.join('')}$`);
}
