/**
 * Certificates, keys and kubeconfigs of one control plane, as files that its programs read.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Instance, Endpoints } from '../instance.ts';
import { renderKubeconfig, writePrivate } from '../kubeconfig.ts';
import { createAuthority, createServiceAccountKey, issue, type KeyPair, type Subject } from '../pki.ts';

/** Paths of a certificate and its key. */
export interface KeyPairFiles {
  readonly certificate: string;
  readonly key: string;
}

/** Paths of everything that the programs read. */
export interface PkiFiles {
  readonly authority: KeyPairFiles;
  /** The API server's and etcd's certificate; the API server also shows it to etcd and the kubelet. */
  readonly server: KeyPairFiles;
  readonly serviceAccount: { readonly publicKey: string; readonly privateKey: string };
  /** Kubeconfig paths. */
  readonly controllerManager: string;
  readonly scheduler: string;
  readonly admin: string;
}

/** Somebody who talks to the API server. */
export interface Identity {
  readonly user: string;
  readonly groups?: readonly string[];
}

const ADMIN: Identity = { user: 'admin', groups: ['system:masters'] };

/** The URL under which clients on this machine reach the API server. */
export function apiServerUrl(endpoints: Endpoints): string {
  return `https://${endpoints.host}:${endpoints.apiServer}`;
}

/** Makes a new authority and all files that depend on it. `now` begins the certificates' validity. */
export async function writePki(cluster: Instance, endpoints: Endpoints, now: Date): Promise<PkiFiles> {
  const folder = pkiFolder(cluster.directory);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const authority = await createAuthority('kilo-mcp development cluster', now);
  const serviceAccount = createServiceAccountKey();
  const publicKey = join(folder, 'service-account.pub');
  const privateKey = join(folder, 'service-account.key');
  await Promise.all([
    writePrivate(publicKey, serviceAccount.publicKey),
    writePrivate(privateKey, serviceAccount.privateKey),
  ]);
  const kubeconfig = (name: string, identity: Identity): Promise<string> =>
    writeKubeconfig(join(folder, `${name}.kubeconfig`), identity, { authority, endpoints, now });
  return {
    authority: await writeKeyPair(folder, 'ca', authority),
    server: await writeKeyPair(
      folder,
      'server',
      await issue(authority, serverSubject(cluster, endpoints), now),
    ),
    serviceAccount: { publicKey, privateKey },
    controllerManager: await kubeconfig('controller-manager', { user: 'system:kube-controller-manager' }),
    scheduler: await kubeconfig('scheduler', { user: 'system:kube-scheduler' }),
    admin: await writeKubeconfig(join(cluster.directory, 'kubeconfig'), ADMIN, { authority, endpoints, now }),
  };
}

// `system:masters`: the API server shows the same certificate to the kubelet, which asks back who may use it.
function serverSubject(cluster: Instance, endpoints: Endpoints): Subject {
  return {
    commonName: 'kube-apiserver',
    organizations: ['system:masters'],
    hosts: [
      'localhost',
      '127.0.0.1',
      endpoints.host,
      cluster.apiServiceAddress,
      ...['', '.default', '.default.svc', '.default.svc.cluster.local'].map(
        (suffix) => `kubernetes${suffix}`,
      ),
    ],
  };
}

/** Who signs, for which API server, from when on. */
export interface KubeconfigContext {
  readonly authority: KeyPair;
  readonly endpoints: Endpoints;
  readonly now: Date;
}

/** Writes a kubeconfig with a client certificate for `identity` and returns its path. */
export async function writeKubeconfig(
  path: string,
  identity: Identity,
  { authority, endpoints, now }: KubeconfigContext,
): Promise<string> {
  const subject = { commonName: identity.user, organizations: identity.groups ?? [] };
  const credentials = await issue(authority, subject, now);
  const server = apiServerUrl(endpoints);
  await writePrivate(
    path,
    renderKubeconfig({ server, authority: authority.certificate, user: identity.user, credentials }),
  );
  return path;
}

/** Reads a cluster's authority back, to sign for further users. */
export async function readAuthority(clusterDirectory: string): Promise<KeyPair> {
  const folder = pkiFolder(clusterDirectory);
  const [certificate, key] = await Promise.all(
    ['ca.crt', 'ca.key'].map((name) => readFile(join(folder, name), 'utf8')),
  );
  return { certificate: certificate ?? '', key: key ?? '' };
}

/** Writes `NAME.crt` and `NAME.key`. */
export async function writeKeyPair(folder: string, name: string, pair: KeyPair): Promise<KeyPairFiles> {
  const files = { certificate: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) };
  await Promise.all([writePrivate(files.certificate, pair.certificate), writePrivate(files.key, pair.key)]);
  return files;
}

/** Where a cluster keeps its certificates and keys. */
function pkiFolder(clusterDirectory: string): string {
  return join(clusterDirectory, 'pki');
}
