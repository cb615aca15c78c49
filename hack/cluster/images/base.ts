/**
 * The image that others build on: a public one where a registry can be reached, else one assembled from this project's own Node in
 * the same layout (`/nodejs/bin/node`, user 65532, certificates), so that a Dockerfile does not notice the difference.
 */
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigError } from '../../../core/errors.ts';
import { isExecutable } from '../exec.ts';
import type { Progress } from '../report.ts';
import type { Engine } from './engine.ts';
import { copyInto, copyProgram } from './root-file-system.ts';

const REGISTRY = 'https://gcr.io/v2/';
const REGISTRY_DEADLINE_MS = 5_000;
const NODE_PACKAGE = `node-linux-${process.arch}`;
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';

/** Same ids as in the public base image. */
const PASSWD =
  'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n';
const GROUP = 'root:x:0:\nnonroot:x:65532:\n';

const DOCKERFILE = `FROM scratch
COPY root/ /
ENV PATH=/nodejs/bin:/usr/bin SSL_CERT_FILE=${CERTIFICATES}
USER 65532:65532
WORKDIR /home/nonroot
ENTRYPOINT ["/nodejs/bin/node"]
`;

/** The base to use for a build. */
export interface Base {
  /** Undefined: the one that the Dockerfile names. */
  readonly image: string | undefined;
  readonly reason: string;
}

/** Chooses the base: `$BASE` when set, the Dockerfile's where its registry answers, else one assembled here. */
export async function chooseBase(engine: Engine, progress: Progress): Promise<Base> {
  const explicit = process.env['BASE'] ?? '';
  if (explicit !== '') return { image: explicit, reason: 'BASE names it' };
  if (await registryAnswers())
    return { image: undefined, reason: `${new URL(REGISTRY).host} can be reached` };
  const image = await assembleBase(engine, progress);
  return { image, reason: `assembled here, because ${new URL(REGISTRY).host} cannot be reached` };
}

async function registryAnswers(): Promise<boolean> {
  try {
    // Any answer will do: registries answer 401 to strangers.
    await fetch(REGISTRY, { signal: AbortSignal.timeout(REGISTRY_DEADLINE_MS) });
    return true;
  } catch {
    // No route, no name, no answer in time.
    return false;
  }
}

async function assembleBase(engine: Engine, progress: Progress): Promise<string> {
  const tag = `localhost/kilo-mcp/base:node-${process.versions.node}`;
  if (await engine.has(tag)) return tag;
  const context = await mkdtemp(join(tmpdir(), 'kilo-mcp-base-'));
  try {
    await layOut(join(context, 'root'));
    const dockerfile = join(context, 'Dockerfile');
    await writeFile(dockerfile, DOCKERFILE);
    await engine.build({ context, dockerfile, tag }, progress);
    return tag;
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}

async function layOut(root: string): Promise<void> {
  await copyProgram(await nodeProgram(), root, '/nodejs/bin/node');
  await copyInto(CERTIFICATES, root, CERTIFICATES);
  for (const folder of ['tmp', 'home/nonroot']) {
    await mkdir(join(root, folder), { recursive: true });
    await chmod(join(root, folder), 0o1777);
  }
  await writeFile(join(root, 'etc/passwd'), PASSWD);
  await writeFile(join(root, 'etc/group'), GROUP);
  await writeFile(join(root, 'etc/nsswitch.conf'), 'hosts: files dns\n');
}

/** The Node binary that npm installed, whatever Node runs this. */
async function nodeProgram(): Promise<string> {
  const path = fileURLToPath(new URL(`../../../node_modules/${NODE_PACKAGE}/bin/node`, import.meta.url));
  if (await isExecutable(path)) return path;
  throw new ConfigError(
    `${path} is missing, and the base image is made of it: run npm ci on Linux, or set BASE to an image`,
  );
}
