/** `images`: which images may run. References and patterns are completed as container runtimes do it, and compared as one text. */
import { joined, type Variable } from '../cel.ts';
import { containerLists, hasPods, type ServerRule } from './server-rule.ts';

/**
 * CEL that replaces each text of a list by the reference in full, as docker.io/library/redis for redis. `**` is every image already.
 * @param registry regular expression of what stands before the first slash when it names a registry, and no organisation of Docker Hub.
 */
function inFull(names: string, registry: string): string {
  return (
    `${names}.map(n, n == "**" || n.matches("^(localhost|${registry})/") ? n : "docker.io/" + n)` +
    '.map(n, n.startsWith("index.docker.io/") ? n.substring(6) : n)' +
    '.map(n, n.matches("^docker[.]io/[^/]+$") && n != "docker.io/**" ? "docker.io/library/" + n.substring(10) : n)'
  );
}

/** The registry and repository of a reference `i.ref`: without digest and tag. */
const REPOSITORY = `${inFull('[i.ref.split("@")[0].find("^([^/]*/)*[^/:]*")]', '[^/]*[.:A-Z][^/]*')}[0].lowerAscii()`;

/** CEL of every image of a server, with the path of its field. */
function imagesOf(server: string): string {
  const references = joined(
    `${hasPods(server)} ? [{"path": "spec.source.image.ref", "ref": string(${server}.spec.source.image.ref)}] : []`,
    ...containerLists(server).map(
      ({ containers, path }) =>
        `${containers}.filter(c, has(c.image)).map(c, {"path": string(${path} + ".image"), "ref": string(c.image)})`,
    ),
  );
  return `(${references}).map(i, {"path": i.path, "ref": i.ref, "repository": ${REPOSITORY}})`;
}

/** From a pattern to a regular expression, in this order: % and # are in no pattern. */
const PATTERN_STEPS: readonly (readonly [from: string, to: string])[] = [
  ['[', String.raw`\[`],
  [']', String.raw`\]`],
  ['.', '[.]'],
  ['**/', '%'],
  ['**', '#'],
  ['*', '[^/]*'],
  ['%', '(.+/)?'],
  ['#', '.+'],
];

const TO_EXPRESSION = PATTERN_STEPS.map(
  ([from, to]) => `.replace(${JSON.stringify(from)}, ${JSON.stringify(to)})`,
).join('');

/** What the rules below share. A pattern that holds other characters than a reference can have allows nothing. */
export const IMAGE_VARIABLES: readonly Variable[] = [
  { name: 'images', expression: imagesOf('object') },
  { name: 'imagesBefore', expression: imagesOf('oldObject') },
  {
    name: 'allowedImages',
    expression: `${inFull('params.spec.images.allowed.filter(p, p.matches("^[a-z0-9._:/*\\\\[\\\\]-]+$"))', '[^/]*[.:*][^/]*')}.map(p, "^" + p${TO_EXPRESSION} + "$")`,
  },
];

/** Variable of the images of a server. */
function images(server: string): string {
  return server === 'object' ? 'variables.images' : 'variables.imagesBefore';
}

const allowed: ServerRule = {
  id: 'images.allowed',
  asked: 'has(params.spec.images) && has(params.spec.images.allowed)',
  broken: (server) =>
    `${images(server)}.filter(i, !variables.allowedImages.exists(a, i.repository.matches(a))).map(i, i.path + ": " + i.ref)`,
  fix: ' is not one of the images that the policy allows: use one that it names, or have it added',
};

const requireDigest: ServerRule = {
  id: 'images.requireDigest',
  asked: 'params.spec.?images.?requireDigest.orValue(false)',
  broken: (server) =>
    `${images(server)}.filter(i, !i.ref.matches("@sha256:[a-f0-9]{64}$")).map(i, i.path + ": " + i.ref)`,
  fix: ' is not pinned by digest: append @sha256: and the digest of the image',
};

export const IMAGE_RULES: readonly ServerRule[] = [allowed, requireDigest];
