import { rootCertificates } from 'node:tls';
import { describe, expect, it } from 'vitest';
import type { MCPServer } from '../../api/index.ts';
import { ForbiddenError, formatKey, type KubernetesObject } from '../../operator/runtime/index.ts';
import { aRemoteServer, aServer } from '../../render/testing/a-server.ts';
import { readReferences, type ReferenceReader } from './references.ts';

type Data = Readonly<Record<string, Readonly<Record<string, string>> | 'forbidden'>>;

/** Answers `get` from `data`, by `Kind namespace/name`. */
function reader(data: Data): ReferenceReader {
  return {
    operator: { namespace: 'mcp-system', name: 'mcp-operator' },
    client: {
      get: <T extends KubernetesObject>(
        type: { kind: string; version: string },
        key: { namespace: string; name: string },
      ) => {
        const found = data[`${type.kind} ${formatKey(key)}`];
        if (found === 'forbidden') {
          const status = {
            code: 403,
            reason: 'Forbidden',
            message: 'no',
            causes: [],
            retryAfterMs: undefined,
          };
          return Promise.reject(new ForbiddenError(status));
        }
        const object = { apiVersion: type.version, kind: type.kind, metadata: key, data: found };
        return Promise.resolve(found === undefined ? undefined : (object as KubernetesObject as T));
      },
    },
  };
}
const read = (server: MCPServer, data: Data = {}) =>
  readReferences(server, reader(data), new AbortController().signal);
const base64 = (text: string): string => Buffer.from(text).toString('base64');

const header = { name: 'Authorization', secretKeyRef: { name: 'github', key: 'token' } };
const withHeader = aServer({ probe: { headersFrom: [header] } });
const withCa = (caBundle: NonNullable<NonNullable<MCPServer['spec']['transport']['tls']>['caBundle']>) =>
  aServer({ transport: { tls: { caBundle } } });
const caInConfigMap = withCa({ configMapKeyRef: { name: 'ca', key: 'ca.crt' } });

/** Any certificate will do: one that Node trusts itself. */
const [PEM = ''] = rootCertificates;

describe('readReferences', () => {
  it('asks for nothing when nothing is referred to', async () => {
    expect(await read(aServer())).toMatchObject({ kind: 'read', ca: undefined });
  });

  it.each([
    ['probe.headersFrom', withHeader],
    [
      'source.remote.headersFrom',
      aServer({ source: { remote: { url: 'https://x.example', headersFrom: [header] } } }),
    ],
  ])('reads the headers of %s, without the newline that editors leave', async (_field, server) => {
    const result = await read(server, { 'Secret team-a/github': { token: base64('Bearer abc\n') } });
    expect(result.kind === 'read' && result.headers.reveal()).toEqual({ Authorization: 'Bearer abc' });
  });

  it('never shows a value, however the result is printed', async () => {
    const result = await read(withHeader, { 'Secret team-a/github': { token: base64('hunter2') } });
    expect(JSON.stringify(result)).not.toContain('hunter2');
  });

  it.each([
    ['ConfigMap', caInConfigMap, (text: string) => text],
    ['Secret', withCa({ secretKeyRef: { name: 'ca', key: 'ca.crt' } }), base64],
  ])('reads the CA bundle from a %s', async (kind, server, encode) => {
    expect(await read(server, { [`${kind} team-a/ca`]: { 'ca.crt': encode(PEM) } })).toMatchObject({
      kind: 'read',
      ca: PEM,
    });
  });

  it.each([
    {
      name: 'no Secret',
      server: withHeader,
      data: {},
      reason: 'ReferenceNotFound',
      message: 'spec.probe.headersFrom[0].secretKeyRef: Secret team-a/github does not exist',
    },
    {
      name: 'no key',
      server: withHeader,
      data: { 'Secret team-a/github': { other: '' } },
      reason: 'ReferenceNotFound',
      message: 'spec.probe.headersFrom[0].secretKeyRef: Secret team-a/github has no key token',
    },
    {
      name: 'no ConfigMap',
      server: caInConfigMap,
      data: {},
      reason: 'ReferenceNotFound',
      message: 'spec.transport.tls.caBundle.configMapKeyRef: ConfigMap team-a/ca does not exist',
    },
    {
      name: 'no right to read Secrets',
      server: withHeader,
      data: { 'Secret team-a/github': 'forbidden' as const },
      reason: 'NoSecretAccess',
      message:
        'spec.probe.headersFrom[0].secretKeyRef: the operator may not read Secret team-a/github; grant it with: ' +
        'kubectl create rolebinding mcp-operator-secret-reader -n team-a --clusterrole=mcp-operator-secret-reader --serviceaccount=mcp-system:mcp-operator',
    },
    {
      name: 'a header of two lines',
      server: withHeader,
      data: { 'Secret team-a/github': { token: base64('hunter2\r\nX-Evil: 1') } },
      reason: 'ReferenceInvalid',
      message:
        'spec.probe.headersFrom[0].secretKeyRef: key token of Secret github must be one line of printable ASCII characters',
    },
    {
      name: 'an empty header',
      server: withHeader,
      data: { 'Secret team-a/github': { token: '' } },
      reason: 'ReferenceInvalid',
      message:
        'spec.probe.headersFrom[0].secretKeyRef: key token of Secret github must be one line of printable ASCII characters',
    },
    {
      name: 'a CA that is no PEM',
      server: caInConfigMap,
      data: { 'ConfigMap team-a/ca': { 'ca.crt': 'hello' } },
      reason: 'ReferenceInvalid',
      message:
        'spec.transport.tls.caBundle.configMapKeyRef: key ca.crt of ConfigMap ca must hold certificates in PEM (-----BEGIN CERTIFICATE-----)',
    },
    {
      name: 'a CA that cannot be parsed',
      server: caInConfigMap,
      data: {
        'ConfigMap team-a/ca': { 'ca.crt': '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n' },
      },
      reason: 'ReferenceInvalid',
      message:
        'spec.transport.tls.caBundle.configMapKeyRef: key ca.crt of ConfigMap ca holds a certificate that cannot be parsed',
    },
  ])('says what is wrong: $name', async ({ server, data, reason, message }) => {
    expect(await read(server, data)).toEqual({ kind: 'unreadable', reason, message });
  });

  it('leaves it to the caller when the API server is away', async () => {
    const away: ReferenceReader = {
      ...reader({}),
      client: { get: () => Promise.reject(new Error('connection refused')) },
    };
    await expect(readReferences(withHeader, away, new AbortController().signal)).rejects.toThrow('refused');
  });

  it('does not read what a remote server without headers does not need', async () => {
    expect(await read(aRemoteServer(), { 'Secret team-a/github': 'forbidden' })).toMatchObject({
      kind: 'read',
    });
  });
});
