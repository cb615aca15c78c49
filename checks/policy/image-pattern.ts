/**
 * Patterns of `images.allowed`: a repository in which `*` stands for one segment or a part of one, and `**` for any number of segments.
 * They are completed in the same way as the references that they are held against, so that `redis` and `docker.io/library/redis` are one.
 */
import { type ImageReference, isRepositorySegment, namesHost, splitHost } from './image-reference.ts';
import { onceOn, oncePer } from '../once.ts';
import { ANY, type Wildcards, matchesWildcards } from './wildcard.ts';

/** One segment of a pattern, character by character. */
type Segment = Wildcards<string>;

const REGISTRY_HOST =
  /^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*(:([0-9]+|\*))?$/;
const IPV6_HOST = /^\[[a-f0-9:]+\](:([0-9]+|\*))?$/;

/** Whether one of the patterns allows the image. A pattern with a problem allows none. */
export function isImageAllowed(patterns: readonly string[], reference: ImageReference): boolean {
  const segments = segmentsOf(reference);
  return compiled(patterns).some((pattern) => matchesWildcards(pattern, segments, isSegment));
}

/** Every policy holds the same image against its patterns. */
const segmentsOf = onceOn(({ repository }: ImageReference) =>
  repository.split('/').map((segment) => Array.from(segment)),
);

const compiled = oncePer((patterns: readonly string[]) =>
  patterns.filter((pattern) => imagePatternProblem(pattern) === undefined).map(compile),
);

function isSegment(pattern: Segment, characters: readonly string[]): boolean {
  return matchesWildcards(pattern, characters, (step, character) => step === character);
}

function compile(pattern: string): Wildcards<Segment> {
  const segments = inFull(pattern).map((segment) =>
    segment === '**' ? ANY : Array.from(segment).map((step) => (step === '*' ? ANY : step)),
  );
  // A repository is not below itself: registry.example.com/team/** is what team contains, and not a repository team.
  return segments.at(-1) === ANY ? [...segments.slice(0, -1), [ANY], ANY] : segments;
}

/** Patterns that nothing may be filled in, because `**` stands for more than one segment: every image, and those of Docker Hub. */
const COMPLETE: ReadonlyMap<string, readonly string[]> = new Map([
  ['**', ['**']],
  ['docker.io/**', ['docker.io', '**']],
  ['index.docker.io/**', ['docker.io', '**']],
]);

function inFull(pattern: string): readonly string[] {
  const { host, path } = splitHost(pattern, namesRegistry);
  return COMPLETE.get(pattern) ?? [host, ...path.split('/')];
}

/** A wildcard at the place of the registry is one. */
function namesRegistry(segment: string): boolean {
  return namesHost(segment) || segment === '*' || segment === '**';
}

/** @returns what is wrong with the pattern, and what would be right; undefined when it can be used. */
export function imagePatternProblem(pattern: string): string | undefined {
  return PROBLEMS.find(([isWrong]) => isWrong(pattern))?.[1];
}

/** In the order in which they are asked: each may rely on the ones before. */
const PROBLEMS: readonly (readonly [isWrong: (pattern: string) => boolean, message: string])[] = [
  [(it) => it.includes('://'), 'is a URL: write the repository alone, such as registry.example.com/team/*'],
  [(it) => it.includes('@'), 'holds a digest: remove it, and set images.requireDigest to demand digests'],
  [(it) => it.split('/').includes(''), 'holds an empty segment: remove the surplus /'],
  [(it) => /[A-Z]/.test(it), 'holds upper case, which no repository has: write it in lower case'],
  [
    (it) => it.split('/').some((segment) => segment.includes('**') && segment !== '**'),
    'has ** beside other characters: ** stands alone between slashes, * for a part of a segment',
  ],
  [(it) => repositorySegments(it).some((segment) => segment.includes(':')), 'holds a tag: remove it'],
  [
    (it) => it === '*',
    'matches nothing: write ** for every image, docker.io/library/* for the official images of Docker Hub',
  ],
  [
    (it) => !it.includes('/') && it !== '**' && namesHost(it),
    'names a registry and no repository: put /** behind it for all of its images',
  ],
  [
    (it) => !isRegistryPattern(registryOf(it)),
    'is no registry with a repository behind it; in the registry, * stands alone (*/team/server), for the first labels (*.example.com/**) or for the port, ' +
      'because elsewhere it would allow hosts of somebody else',
  ],
  [
    (it) =>
      !repositorySegments(it).every(
        (segment) => segment === '**' || isRepositorySegment(segment.replaceAll('*', 'a')),
      ),
    "can match no image: a segment is letters and digits, with single '.', '_' or '-' between them",
  ],
];

function registryOf(pattern: string): string {
  return pattern === '**' ? '**' : splitHost(pattern, namesRegistry).host;
}

function repositorySegments(pattern: string): readonly string[] {
  return pattern === '**' ? [] : splitHost(pattern, namesRegistry).path.split('/');
}

function isRegistryPattern(host: string): boolean {
  return host === '*' || host === '**' || REGISTRY_HOST.test(host) || IPV6_HOST.test(host);
}
