/**
 * Image references as container runtimes read them: which registry and repository a text names, whatever it leaves out.
 * @see https://github.com/distribution/reference/blob/main/normalize.go, which containerd and Docker use. CRI-O can be configured to look
 * for a short name elsewhere; whoever does that writes references in full.
 */

/** A reference, taken apart. */
export interface ImageReference {
  /** Registry and repository in full, the registry in lower case: `docker.io/library/redis`. */
  readonly repository: string;
  /** With its algorithm, such as `sha256:...`; undefined where only a tag, or nothing, chooses the image. */
  readonly digest: string | undefined;
}

const DOCKER_HUB = 'docker.io';
const DOCKER_HUB_BEFORE = 'index.docker.io';
const OFFICIAL = 'library';

/** 255 for the name, 128 for the tag, and room for the longest digest: nothing longer can be a reference. */
const MAX_LENGTH = 1024;
const HOST =
  /^([a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?(\.[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?)*|\[[a-fA-F0-9:]+\])(:[0-9]+)?$/;
const COMPONENT = /^[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^[A-Za-z][A-Za-z0-9]*([-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9A-Fa-f]{32,}$/;
/** The id of an image on its node. */
const IDENTIFIER = /^[a-f0-9]{64}$/;

/** @returns undefined when no runtime would take the text for a reference. */
export function parseImageReference(text: string): ImageReference | undefined {
  if (text.length > MAX_LENGTH || IDENTIFIER.test(text)) return undefined;
  const [tagged = '', digest, ...surplus] = text.split('@');
  const { host, path } = splitHost(tagged);
  const [repository = '', tag, ...moreTags] = path.split(':');
  const isReference =
    [...surplus, ...moreTags].length === 0 &&
    HOST.test(host) &&
    repository.split('/').every(isRepositorySegment) &&
    (tag === undefined || TAG.test(tag)) &&
    (digest === undefined || DIGEST.test(digest));
  return isReference ? { repository: `${host.toLowerCase()}/${repository}`, digest } : undefined;
}

/** Whether the text can stand between two slashes of a repository. */
export function isRepositorySegment(text: string): boolean {
  return COMPONENT.test(text);
}

/**
 * Splits the registry off, and fills in what Docker Hub lets out.
 * @param isHost whether the first segment is a registry, and not an organisation on Docker Hub.
 */
export function splitHost(
  name: string,
  isHost: (segment: string) => boolean = namesHost,
): { readonly host: string; readonly path: string } {
  const slash = name.indexOf('/');
  const first = name.slice(0, Math.max(slash, 0));
  if (slash < 0 || !isHost(first)) return onDockerHub(name);
  const rest = name.slice(slash + 1);
  return first === DOCKER_HUB || first === DOCKER_HUB_BEFORE
    ? onDockerHub(rest)
    : { host: first, path: rest };
}

/** Upper case is not allowed in a repository, so that a segment with some must be a host. */
export function namesHost(segment: string): boolean {
  return segment === 'localhost' || /[.:A-Z]/.test(segment);
}

function onDockerHub(path: string): { readonly host: string; readonly path: string } {
  return { host: DOCKER_HUB, path: path.includes('/') ? path : `${OFFICIAL}/${path}` };
}
