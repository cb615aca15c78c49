/**
 * What we present to the API server right now. Files are read again once a minute (the kubelet rotates tokens and CAs) and at
 * once after a 401; exec plugins are asked again when their credential expires. `fingerprint` changes only when certificate
 * bytes do, so that connections outlive a rotation of the token.
 */
import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import { ExecAuth } from '@kubernetes/client-node/dist/exec_auth.js';
import type { Clock } from '../../../core/clock.ts';
import { errorMessage, TransientError } from '../../../core/errors.ts';
import { Secret } from '../../../core/secret.ts';
import { sha256Hex } from '../../../core/sha256.ts';
import type { ClusterAccess, PemSource } from './kubeconfig.ts';

/** One consistent set of credentials. */
export interface Credentials {
  readonly ca: string | undefined;
  readonly certificate: string | undefined;
  readonly key: Secret<string> | undefined;
  /** The value of the Authorization header. */
  readonly authorization: Secret<string> | undefined;
  /** Identifies ca, certificate and key. */
  readonly fingerprint: string;
}

/** Yields current credentials, from memory while they are fresh. */
export interface CredentialSource {
  current(): Promise<Credentials>;
  /** The credentials were refused: read them again next time. */
  invalidate(): void;
}

const FRESH_MS = 60_000;

/** A source for `access`. Concurrent callers share one read. */
export function createCredentialSource(access: ClusterAccess, clock: Clock): CredentialSource {
  let execAuth = new ExecAuth();
  let cached: { readonly value: Promise<Credentials>; readonly readAtMs: number } | undefined;

  const read = (): Promise<Credentials> => {
    const value = readCredentials(access, execAuth);
    cached = { value, readAtMs: clock.monotonicMs() };
    // A failed read must not be remembered; the caller that awaits `value` reports it.
    value.catch(() => (cached = undefined));
    return value;
  };
  return {
    current: () => {
      if (cached === undefined || clock.monotonicMs() - cached.readAtMs > FRESH_MS) return read();
      return cached.value;
    },
    invalidate: () => {
      cached = undefined;
      execAuth = new ExecAuth();
    },
  };
}

async function readCredentials(access: ClusterAccess, execAuth: ExecAuth): Promise<Credentials> {
  const [ca, certificate, key, exec] = await Promise.all([
    readPem(access.ca),
    readPem(access.user.clientCertificate),
    readPem(access.user.clientKey),
    runExec(access, execAuth),
  ]);
  const parts = { ca, certificate: exec.certificate ?? certificate, key: exec.key ?? key };
  return {
    ca: parts.ca,
    certificate: parts.certificate,
    key: parts.key === undefined ? undefined : new Secret(parts.key),
    authorization: exec.authorization ?? (await bearerToken(access)),
    fingerprint: sha256Hex(JSON.stringify(parts)),
  };
}

async function readPem(source: PemSource | undefined): Promise<string | undefined> {
  if (source === undefined) return undefined;
  return source.kind === 'inline' ? source.pem.reveal() : readText(source.path);
}

async function bearerToken(access: ClusterAccess): Promise<Secret<string> | undefined> {
  const { tokenFile, token } = access.user;
  if (tokenFile !== undefined) return new Secret(`Bearer ${(await readText(tokenFile)).trim()}`);
  return token === undefined ? undefined : new Secret(`Bearer ${token.reveal()}`);
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new TransientError(`credentials file ${path} cannot be read: ${errorMessage(cause)}`, { cause });
  }
}

interface ExecCredentials {
  readonly certificate?: string;
  readonly key?: string;
  readonly authorization?: Secret<string>;
}

async function runExec(access: ClusterAccess, execAuth: ExecAuth): Promise<ExecCredentials> {
  const user = access.user.execUser;
  if (user === undefined) return {};
  const headers: Record<string, string> = {};
  const filled: RequestOptions = { headers };
  try {
    await execAuth.applyAuthentication(user, filled);
  } catch (cause) {
    throw new TransientError(`exec plugin of user "${user.name}" failed: ${errorMessage(cause)}`, { cause });
  }
  const authorization = headers['Authorization'];
  return {
    ...(typeof filled.cert === 'string' && { certificate: filled.cert }),
    ...(typeof filled.key === 'string' && { key: filled.key }),
    ...(authorization !== undefined && { authorization: new Secret(authorization) }),
  };
}
