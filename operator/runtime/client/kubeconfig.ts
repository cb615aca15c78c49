/**
 * Where the API server is and who we are to it, from KUBECONFIG, `~/.kube/config` or the pod's service account. The file's
 * entries are read by `@kubernetes/client-node`'s own parser, imported by its path: its KubeConfig class would load the
 * generated models of every Kubernetes kind with it (measured: 0.6 s and 80 MiB; this way 5 MiB).
 */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import {
  newClusters,
  newContexts,
  newUsers,
  type Cluster,
  type Context,
  type User,
} from '@kubernetes/client-node/dist/config_types.js';
import { ConfigError, errorMessage } from '../../../core/errors.ts';
import { Secret } from '../../../core/secret.ts';

/** A PEM document: in a file that may be rotated, or given. */
export type PemSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'inline'; readonly pem: Secret<string> };

/** Who we are. Every member that is set is presented. */
export interface UserAccess {
  readonly clientCertificate?: PemSource;
  readonly clientKey?: PemSource;
  readonly token?: Secret<string>;
  /** Read again and again: the kubelet rotates it. */
  readonly tokenFile?: string;
  /** The kubeconfig user whose `exec` plugin yields credentials. */
  readonly execUser?: User;
}

/** Everything needed to open connections to one API server as one user. */
export interface ClusterAccess {
  /** Scheme, host, port and perhaps a path; no slash at the end. */
  readonly server: string;
  /** The namespace of the context or of the pod. */
  readonly namespace: string;
  readonly ca?: PemSource;
  readonly skipTLSVerify: boolean;
  readonly tlsServerName?: string;
  readonly proxyUrl?: string;
  readonly user: UserAccess;
}

/** Where to look; everything has the default that kubectl has. */
export interface LoadOptions {
  /** An explicit file, as given by a `--kubeconfig` flag. */
  readonly path?: string | undefined;
  readonly context?: string | undefined;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The pod's service account directory. */
  readonly serviceAccountDirectory?: string;
}

const SERVICE_ACCOUNT_DIRECTORY = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Finds the cluster: an explicit path, then `KUBECONFIG` (several files are merged, the first to name something wins), then the
 * pod's service account, then `~/.kube/config`.
 * @throws ConfigError naming the file and what is wrong with it.
 */
export async function loadClusterAccess(options: LoadOptions = {}): Promise<ClusterAccess> {
  const env = options.env ?? process.env;
  const explicit = options.path ?? env['KUBECONFIG'];
  if (explicit !== undefined && explicit !== '') {
    return fromFiles(explicit.split(delimiter).filter(Boolean), options.context);
  }
  if (env['KUBERNETES_SERVICE_HOST'] !== undefined) return fromServiceAccount(options, env);
  return fromFiles([join(homedir(), '.kube', 'config')], options.context);
}

interface KubeconfigFile {
  readonly clusters: readonly Cluster[];
  readonly users: readonly User[];
  readonly contexts: readonly Context[];
  readonly tokenFiles: ReadonlyMap<string, string>;
  readonly currentContext: string | undefined;
  readonly directory: string;
}

async function fromFiles(paths: readonly string[], contextName: string | undefined): Promise<ClusterAccess> {
  const files = await Promise.all(paths.map(readKubeconfig));
  const name = contextName ?? files.find((file) => file.currentContext !== undefined)?.currentContext;
  if (name === undefined) {
    throw new ConfigError(`kubeconfig ${paths.join(', ')} has no current-context: set one or name one`);
  }
  const [context] = find(files, 'contexts', name, paths);
  const [cluster, clusterFile] = find(files, 'clusters', context.cluster, paths);
  const [user, userFile] = find(files, 'users', context.user, paths);
  return accessOf(cluster, clusterFile, userAccess(user, userFile), context.namespace);
}

async function readKubeconfig(path: string): Promise<KubeconfigFile> {
  try {
    // The parser is needed only outside a pod, so a pod does not pay for it.
    const { parse } = await import('yaml');
    const document = parse(await readFile(path, 'utf8')) as RawKubeconfig | null;
    return {
      clusters: newClusters(document?.clusters),
      users: newUsers(document?.users),
      contexts: newContexts(document?.contexts),
      tokenFiles: tokenFilesOf(document?.users ?? []),
      currentContext: document?.['current-context'] || undefined,
      directory: dirname(resolve(path)),
    };
  } catch (cause) {
    throw new ConfigError(`kubeconfig ${path} cannot be used: ${errorMessage(cause)}`, { cause });
  }
}

/** The parts of the file that client-node's parser does not return. */
interface RawKubeconfig {
  readonly clusters?: unknown;
  readonly users?: readonly { readonly name: string; readonly user?: { readonly tokenFile?: string } }[];
  readonly contexts?: unknown;
  readonly 'current-context'?: string;
}

function tokenFilesOf(users: NonNullable<RawKubeconfig['users']>): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const { name, user } of users) if (user?.tokenFile !== undefined) files.set(name, user.tokenFile);
  return files;
}

function find<Section extends 'clusters' | 'users' | 'contexts'>(
  files: readonly KubeconfigFile[],
  section: Section,
  name: string,
  paths: readonly string[],
): [KubeconfigFile[Section][number], KubeconfigFile] {
  for (const file of files) {
    const entry = file[section].find((candidate) => candidate.name === name);
    if (entry !== undefined) return [entry, file];
  }
  throw new ConfigError(`kubeconfig ${paths.join(', ')} has no entry "${name}" in ${section}`);
}

function accessOf(
  cluster: Cluster,
  file: KubeconfigFile,
  user: UserAccess,
  namespace: string | undefined,
): ClusterAccess {
  const ca = pemSource(cluster.caFile, cluster.caData, file.directory);
  return {
    server: cluster.server,
    namespace: namespace ?? 'default',
    skipTLSVerify: cluster.skipTLSVerify,
    user,
    ...(ca !== undefined && { ca }),
    ...(cluster.tlsServerName !== undefined && { tlsServerName: cluster.tlsServerName }),
    ...(cluster.proxyUrl !== undefined && { proxyUrl: cluster.proxyUrl }),
  };
}

function userAccess(user: User, file: KubeconfigFile): UserAccess {
  if (user.authProvider) {
    throw new ConfigError(
      `user "${user.name}" uses auth-provider, which Kubernetes removed: use an exec plugin`,
    );
  }
  const clientCertificate = pemSource(user.certFile, user.certData, file.directory);
  const clientKey = pemSource(user.keyFile, user.keyData, file.directory);
  const tokenFile = file.tokenFiles.get(user.name);
  return {
    ...(clientCertificate !== undefined && { clientCertificate }),
    ...(clientKey !== undefined && { clientKey }),
    ...(user.token && { token: new Secret(user.token) }),
    ...(tokenFile !== undefined && { tokenFile: resolve(file.directory, tokenFile) }),
    ...(user.exec && { execUser: user }),
  };
}

/** Inline data wins over a file, as in kubectl; paths are relative to the kubeconfig. */
function pemSource(
  path: string | undefined,
  base64: string | undefined,
  directory: string,
): PemSource | undefined {
  if (base64) return { kind: 'inline', pem: new Secret(Buffer.from(base64, 'base64').toString('utf8')) };
  if (path) return { kind: 'file', path: resolve(directory, path) };
  return undefined;
}

async function fromServiceAccount(
  options: LoadOptions,
  env: Readonly<Record<string, string | undefined>>,
): Promise<ClusterAccess> {
  const directory = options.serviceAccountDirectory ?? SERVICE_ACCOUNT_DIRECTORY;
  const host = env['KUBERNETES_SERVICE_HOST'] ?? '';
  const port = env['KUBERNETES_SERVICE_PORT'] ?? '443';
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    namespace: await readNamespace(directory),
    ca: { kind: 'file', path: join(directory, 'ca.crt') },
    skipTLSVerify: false,
    user: { tokenFile: join(directory, 'token') },
  };
}

async function readNamespace(directory: string): Promise<string> {
  try {
    return (await readFile(join(directory, 'namespace'), 'utf8')).trim();
  } catch (cause) {
    throw new ConfigError(
      `no KUBECONFIG, and no service account in ${directory}: set automountServiceAccountToken on the operator's pod`,
      { cause },
    );
  }
}
