/**
 * What a probe needs from Secrets and ConfigMaps of the server's namespace: header values and certificate authorities. They are
 * read with `get` at the moment of the probe, and never watched: a watch would need `list` on every Secret of a namespace,
 * and would keep in memory what is used for a second in five minutes. A change is found by the next probe.
 */
import { X509Certificate } from 'node:crypto';
import type { HeaderFrom, MCPServer } from '../../api/index.ts';
import { Secret } from '../../core/secret.ts';
import { apiStatusOf, type KubernetesClient, type ResourceType } from '../../operator/runtime/index.ts';
import { CONFIG_MAP, SECRET, type KeyedData } from './kinds.ts';
import type { Unreadable } from './probe-memory.ts';

/** A namespace and a name. */
export interface ServiceAccountName {
  readonly namespace: string;
  readonly name: string;
}

/** What was read. */
export interface ReadReferences {
  readonly kind: 'read';
  readonly headers: Secret<Readonly<Record<string, string>>>;
  /** PEM. */
  readonly ca: string | undefined;
}

/** What reading needs: `operator` is named in the command that grants the right to read Secrets. */
export interface ReferenceReader {
  readonly client: Pick<KubernetesClient, 'get'>;
  readonly operator: ServiceAccountName;
}

interface KeyReference {
  readonly type: ResourceType<KeyedData>;
  /** Path of the field that holds the reference. */
  readonly field: string;
  readonly name: string;
  readonly key: string;
}

/** The ClusterRole that lets the operator read the Secrets of the namespaces that bind it. */
const SECRET_READER_ROLE = 'mcp-operator-secret-reader';

/**
 * Reads every reference of the server's probe.
 * @throws what the API server answers, except that something is missing or may not be read.
 */
export async function readReferences(
  server: MCPServer,
  reader: ReferenceReader,
  signal: AbortSignal,
): Promise<ReadReferences | Unreadable> {
  const { field, headersFrom } = headerReferences(server);
  const headers: Record<string, string> = {};
  for (const [index, { name, secretKeyRef }] of headersFrom.entries()) {
    const reference = { type: SECRET, field: `${field}[${index}].secretKeyRef`, ...secretKeyRef };
    const value = await readKey(server, reference, reader, signal);
    if (typeof value !== 'string') return value;
    const header = value.replace(/\r?\n$/, '');
    if (!HEADER_VALUE.test(header))
      return invalid(reference, 'must be one line of printable ASCII characters');
    headers[name] = header;
  }
  const ca = await readCa(server, reader, signal);
  if (typeof ca === 'object') return ca;
  return { kind: 'read', headers: new Secret(headers), ca };
}

const HEADER_VALUE = /^[\t\x20-\x7e]+$/;

function headerReferences(server: MCPServer): {
  readonly field: string;
  readonly headersFrom: readonly HeaderFrom[];
} {
  const { source, probe } = server.spec;
  return source.remote === undefined
    ? { field: 'spec.probe.headersFrom', headersFrom: probe.headersFrom ?? [] }
    : { field: 'spec.source.remote.headersFrom', headersFrom: source.remote.headersFrom ?? [] };
}

async function readCa(
  server: MCPServer,
  reader: ReferenceReader,
  signal: AbortSignal,
): Promise<string | undefined | Unreadable> {
  const reference = caReference(server);
  if (reference === undefined) return undefined;
  const pem = await readKey(server, reference, reader, signal);
  if (typeof pem !== 'string') return pem;
  const problem = certificateProblem(pem);
  return problem === undefined ? pem : invalid(reference, problem);
}

function caReference(server: MCPServer): KeyReference | undefined {
  const field = 'spec.transport.tls.caBundle';
  const { configMapKeyRef, secretKeyRef } = server.spec.transport.tls?.caBundle ?? {};
  if (configMapKeyRef !== undefined) {
    return { type: CONFIG_MAP, field: `${field}.configMapKeyRef`, ...configMapKeyRef };
  }
  return secretKeyRef && { type: SECRET, field: `${field}.secretKeyRef`, ...secretKeyRef };
}

function certificateProblem(pem: string): string | undefined {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) return 'must hold certificates in PEM (-----BEGIN CERTIFICATE-----)';
  try {
    for (const block of blocks) void new X509Certificate(block);
    return undefined;
  } catch {
    // The parser says which byte of the encoding it disliked: nothing that a reader of the status could use.
    return 'holds a certificate that cannot be parsed';
  }
}

async function readKey(
  server: MCPServer,
  reference: KeyReference,
  reader: ReferenceReader,
  signal: AbortSignal,
): Promise<string | Unreadable> {
  const { type, field, name, key } = reference;
  const { namespace } = server.metadata;
  const object = await readObject(namespace, reference, reader, signal);
  if (object === 'forbidden') return forbidden(namespace, reference, reader.operator);
  const place = `${type.kind} ${namespace}/${name}`;
  if (object === undefined) return missing(`${field}: ${place} does not exist`);
  const value = object.data?.[key];
  if (value === undefined) return missing(`${field}: ${place} has no key ${key}`);
  return type === SECRET ? Buffer.from(value, 'base64').toString('utf8') : value;
}

async function readObject(
  namespace: string,
  { type, name }: KeyReference,
  { client }: ReferenceReader,
  signal: AbortSignal,
): Promise<KeyedData | 'forbidden' | undefined> {
  try {
    return await client.get(type, { namespace, name }, signal);
  } catch (error) {
    if (apiStatusOf(error)?.code === 403) return 'forbidden';
    throw error;
  }
}

function forbidden(
  namespace: string,
  { type, field, name }: KeyReference,
  operator: ServiceAccountName,
): Unreadable {
  const command =
    `kubectl create rolebinding ${SECRET_READER_ROLE} -n ${namespace} ` +
    `--clusterrole=${SECRET_READER_ROLE} --serviceaccount=${operator.namespace}:${operator.name}`;
  return {
    kind: 'unreadable',
    reason: 'NoSecretAccess',
    message: `${field}: the operator may not read ${type.kind} ${namespace}/${name}; grant it with: ${command}`,
  };
}

function missing(message: string): Unreadable {
  return { kind: 'unreadable', reason: 'ReferenceNotFound', message };
}

function invalid({ type, field, name, key }: KeyReference, demand: string): Unreadable {
  const message = `${field}: key ${key} of ${type.kind} ${name} ${demand}`;
  return { kind: 'unreadable', reason: 'ReferenceInvalid', message };
}
