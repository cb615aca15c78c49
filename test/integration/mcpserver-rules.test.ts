/**
 * Every CEL rule of the CRD on a real API server: what it lets through, and what it refuses with which words. A rule that no
 * row refuses fails the last test.
 */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { mcpServerSchema } from '../../api/index.ts';
import { type AdmissionClient, admissionClient } from '../harness/admission.ts';
import {
  FULL_IMAGE_SPEC,
  FULL_REMOTE_SPEC,
  mcpServerManifest,
  mcpServersPath,
} from '../harness/mcp-server.ts';
import { celMessages } from '../harness/schema-agreement.ts';

const PATH = mcpServersPath('default');
const DIGEST = 'a'.repeat(64);
const TOKEN = { name: 'token', key: 'value' };
const VOLUME = { name: 'data', emptyDir: {} };
const MOUNT = { name: 'data', mountPath: '/data' };

const image = (spec: object = {}): object => ({
  source: { image: { ref: 'example.com/server:1' } },
  ...spec,
});
const remote = (spec: object = {}, url = 'https://mcp.example.com/mcp'): object => ({
  source: { remote: { url } },
  ...spec,
});
const ref = (text: string): object => ({ source: { image: { ref: text } } });
const url = (text: string): object => remote({}, text);
const pod = (spec: object, more: object = {}): object => image({ podTemplate: { spec }, ...more });
const labels = (map: object): object => image({ podTemplate: { metadata: { labels: map } } });
const annotations = (map: object): object => image({ podTemplate: { metadata: { annotations: map } } });
const header = (...names: string[]): object =>
  image({ probe: { headersFrom: names.map((name) => ({ name, secretKeyRef: TOKEN })) } });
const server = (fields: object): object => pod({ containers: [{ name: 'server', ...fields }] });

interface Row {
  readonly reason: string;
  readonly spec: object;
  /** Metadata, where the rule is about it. */
  readonly name?: string;
}

const ACCEPTED: readonly Row[] = [
  { reason: 'the least of an image', spec: image() },
  { reason: 'the least of a remote', spec: remote() },
  { reason: 'every field of an image', spec: FULL_IMAGE_SPEC },
  { reason: 'every field of a remote', spec: FULL_REMOTE_SPEC },
  ...['https://mcp.example.com/mcp', 'api://github', 'urn:example:mcp'].map((audience) => ({
    reason: `audience ${audience}`,
    spec: image({ auth: { audience } }),
  })),
  ...['https://login.example.com', 'https://login.example.com:8443/realms/a'].map((issuer) => ({
    reason: `issuer ${issuer}`,
    spec: image({ auth: { issuers: [issuer] } }),
  })),
  { reason: 'a name of one letter', spec: image(), name: 'a' },
  { reason: 'a name of 52 characters', spec: image(), name: `a${'-'.repeat(50)}b` },
  ...[
    'server',
    'server:1',
    'a/b/c',
    'localhost:5000/a',
    'Example.com/a__b/c--d:V1.2_3',
    `r.io/a@sha256:${DIGEST}`,
  ].map((text) => ({ reason: `image ${text}`, spec: ref(text) })),
  { reason: 'image with tag and digest', spec: ref(`r.io:65535/a:1@sha256:${DIGEST}`) },
  { reason: 'image of an IPv6 registry', spec: ref('[::1]:5000/a:1') },
  ...['http://a', 'https://a.b:65535', 'https://[::1]:80/x', 'https://a/?q=1@2:3', 'https://a/%20'].map(
    (text) => ({
      reason: `url ${text}`,
      spec: url(text),
    }),
  ),
  ...['/', '/sse', '/a/b.c~d'].map((path) => ({
    reason: `path ${path}`,
    spec: image({ transport: { path } }),
  })),
  {
    reason: 'a CA from a Secret',
    spec: image({ transport: { tls: { caBundle: { secretKeyRef: TOKEN } } } }),
  },
  { reason: 'TLS without a CA', spec: remote({ transport: { tls: {} } }) },
  { reason: 'eight headers', spec: header('A', 'B', 'C', 'D', 'E', 'F', 'G', "X-!#$%&'*+.^_`|~9") },
  { reason: 'Recreate', spec: image({ strategy: { type: 'Recreate' } }) },
  {
    reason: 'a timeout as long as the interval',
    spec: image({ probe: { intervalSeconds: 30, timeoutSeconds: 30 } }),
  },
  { reason: 'empty lists', spec: image({ env: [], volumes: [], network: { ingress: [], egress: [] } }) },
  {
    reason: 'a mount at /tmp',
    spec: image({ volumes: [VOLUME], volumeMounts: [{ name: 'data', mountPath: '/tmp' }] }),
  },
  {
    reason: 'a sidecar with a mount',
    spec: pod({ containers: [{ name: 'a', image: 'a', volumeMounts: [MOUNT] }] }, { volumes: [VOLUME] }),
  },
  { reason: 'a scale of zero', spec: image({ replicas: 0 }) },
];

/** By the message that refuses them. */
const REFUSED: Readonly<Record<string, readonly Row[]>> = {
  "metadata.name must be at most 52 lower-case letters, digits and '-', begin with a letter and end with a letter or digit: its children are named mcp-<name>":
    ['1a', 'a.b', `a${'b'.repeat(52)}`].map((name) => ({ reason: name, spec: image(), name })),
  'auth.audience must be an absolute URI without a fragment, such as https://mcp.example.com/mcp': [
    'mcp.example.com',
    '/mcp',
    'https://mcp.example.com/mcp#a',
    'https://mcp.example.com/a b',
  ].map((audience) => ({ reason: audience, spec: image({ auth: { audience } }) })),
  'an issuer must be an https URL without user, query and fragment, such as https://login.example.com/realms/mcp':
    [
      'http://login.example.com',
      'login.example.com',
      'https://a:b@login.example.com',
      'https://login.example.com/?a=b',
      'https://login.example.com/#a',
      'https://',
    ].map((issuer) => ({ reason: issuer, spec: image({ auth: { issuers: [issuer] } }) })),
  'source needs exactly one of image and remote': [
    { reason: 'none', spec: { source: {} } },
    { reason: 'both', spec: { source: { image: { ref: 'a' }, remote: { url: 'https://a' } } } },
  ],
  'write the image without a scheme, e.g. ghcr.io/example/server:1.2.3': [
    { reason: 'scheme', spec: ref('https://ghcr.io/a/b') },
    { reason: 'docker scheme', spec: ref('docker://a') },
  ],
  'not an image reference: lower-case repository, optional registry in front, optional :tag and @sha256:<digest> behind, e.g. ghcr.io/example/server:1.2.3':
    ['a b', 'UPPER', 'a:', 'a//b', '-a', 'r.io:99999/a', `a:${'t'.repeat(129)}`].map((text) => ({
      reason: text,
      spec: ref(text),
    })),
  'the digest after @ must be sha256: and 64 lower-case hexadecimal digits': [
    'a@sha256:1',
    `a@sha512:${DIGEST}`,
    'a@',
  ].map((text) => ({ reason: text, spec: ref(text) })),
  'url must begin with https:// or http://, e.g. https://mcp.example.com/mcp': [
    'mcp.example.com/mcp',
    'ftp://a',
    '//a',
    'HTTPS://a',
  ].map((text) => ({ reason: text, spec: url(text) })),
  'url needs a host after the scheme, and a port, if any, from 1 to 65535, e.g. https://mcp.example.com:8443/mcp':
    ['https://', 'https:///mcp', 'https://a:0', 'https://a:65536/', 'https://a:b/', 'https://-a'].map(
      (text) => ({ reason: text, spec: url(text) }),
    ),
  'url must not hold credentials: put them in a Secret and name it in headersFrom': [
    'https://u:p@a',
    'https://u@a/x',
  ].map((text) => ({
    reason: text,
    spec: url(text),
  })),
  'url holds a space or a character that is not ASCII: percent-encode it': [
    'https://a/b c',
    'https://a/ü',
    'https://a/\n',
  ].map((text) => ({ reason: text, spec: url(text) })),
  'url must not hold a fragment: remove # and what follows': [
    { reason: 'fragment', spec: url('https://a/#b') },
  ],
  'path must begin with / and hold no space, ? or #, e.g. /mcp': ['mcp', '', '/a b', '/a?b', '/a#b'].map(
    (path) => ({
      reason: `path "${path}"`,
      spec: image({ transport: { path } }),
    }),
  ),
  'caBundle needs exactly one of configMapKeyRef and secretKeyRef': [
    { reason: 'none', spec: image({ transport: { tls: { caBundle: {} } } }) },
    {
      reason: 'both',
      spec: image({ transport: { tls: { caBundle: { configMapKeyRef: TOKEN, secretKeyRef: TOKEN } } } }),
    },
  ],
  "a header name holds only letters, digits and -!#$%&'*+.^_|~`, e.g. Authorization (without a colon)": [
    { reason: 'colon', spec: header('Authorization:') },
    { reason: 'space', spec: header('X Y') },
    { reason: 'line break', spec: header('X\nY') },
  ],
  'the operator itself sets this header: remove it (reserved: accept, connection, content-length, content-type, host, mcp-protocol-version, mcp-session-id, transfer-encoding)':
    ['Host', 'MCP-Session-Id'].map((name) => ({ reason: name, spec: header(name) })),
  'two headers have the same name (letter case does not count): keep one': [
    { reason: 'by case', spec: header('X-Token', 'x-token') },
    {
      reason: 'of a remote',
      spec: {
        source: {
          remote: {
            url: 'https://a',
            headersFrom: ['A', 'a'].map((name) => ({ name, secretKeyRef: TOKEN })),
          },
        },
      },
    },
  ],
  'source.remote runs no pods: remove command, args, env, envFrom, volumes, volumeMounts, podTemplate, network':
    [
      { command: ['a'] },
      { args: ['a'] },
      { env: [{ name: 'A' }] },
      { envFrom: [{ secretRef: { name: 'a' } }] },
      { volumes: [VOLUME] },
      { volumes: [VOLUME], volumeMounts: [MOUNT] },
      { podTemplate: {} },
      { network: {} },
    ].map((fields) => ({ reason: Object.keys(fields).join(), spec: remote(fields) })),
  'with source.remote, move probe.headersFrom to source.remote.headersFrom': [
    { reason: 'headers', spec: remote({ probe: { headersFrom: [{ name: 'A', secretKeyRef: TOKEN }] } }) },
  ],
  'transport.tls needs a source.remote.url that begins with https://': [
    { reason: 'http', spec: remote({ transport: { tls: {} } }, 'http://a') },
  ],
  'probe.timeoutSeconds must not exceed probe.intervalSeconds': [
    { reason: 'both given', spec: image({ probe: { intervalSeconds: 10, timeoutSeconds: 11 } }) },
  ],
  'rollingUpdate needs type RollingUpdate: remove one of the two': [
    { reason: 'Recreate', spec: image({ strategy: { type: 'Recreate', rollingUpdate: { maxSurge: 1 } } }) },
  ],
  'the name of a variable must not contain =': [
    { reason: '=', spec: image({ env: [{ name: 'A=B', value: 'c' }] }) },
  ],
  'set value or valueFrom, not both': [
    { reason: 'both', spec: image({ env: [{ name: 'A', value: 'b', valueFrom: { secretKeyRef: TOKEN } }] }) },
  ],
  'valueFrom needs exactly one of secretKeyRef, configMapKeyRef, fieldRef, resourceFieldRef': [
    { reason: 'none', spec: image({ env: [{ name: 'A', valueFrom: {} }] }) },
    {
      reason: 'two',
      spec: image({ env: [{ name: 'A', valueFrom: { secretKeyRef: TOKEN, configMapKeyRef: TOKEN } }] }),
    },
  ],
  'secretKeyRef and configMapKeyRef need a name': [
    { reason: 'no name', spec: image({ env: [{ name: 'A', valueFrom: { secretKeyRef: { key: 'b' } } }] }) },
    {
      reason: 'empty name',
      spec: image({ env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: '', key: 'b' } } }] }),
    },
  ],
  'secretRef and configMapRef need a name': [
    { reason: 'no name', spec: image({ envFrom: [{ secretRef: {} }] }) },
  ],
  'an entry of envFrom needs exactly one of configMapRef and secretRef': [
    { reason: 'none', spec: image({ envFrom: [{}] }) },
    { reason: 'both', spec: image({ envFrom: [{ configMapRef: { name: 'a' }, secretRef: { name: 'b' } }] }) },
  ],
  'a volume needs exactly one of configMap, secret, emptyDir, persistentVolumeClaim, projected, csi; others, hostPath for one, are not offered':
    [
      { reason: 'none', spec: image({ volumes: [{ name: 'a' }] }) },
      { reason: 'two', spec: image({ volumes: [{ name: 'a', emptyDir: {}, secret: { secretName: 'b' } }] }) },
    ],
  "the volume name tmp is taken by the operator's own emptyDir: choose another": [
    { reason: 'tmp', spec: image({ volumes: [{ name: 'tmp', emptyDir: {} }] }) },
  ],
  'set secret.secretName': [{ reason: 'no name', spec: image({ volumes: [{ name: 'a', secret: {} }] }) }],
  'set configMap.name': [{ reason: 'no name', spec: image({ volumes: [{ name: 'a', configMap: {} }] }) }],
  'each of projected.sources needs exactly one of configMap, secret, downwardAPI; serviceAccountToken is not offered':
    [
      { reason: 'none', spec: image({ volumes: [{ name: 'a', projected: { sources: [{}] } }] }) },
      {
        reason: 'two',
        spec: image({ volumes: [{ name: 'a', projected: { sources: [{ secret: {}, configMap: {} }] } }] }),
      },
    ],
  'mountPath must begin with /': [
    {
      reason: 'relative',
      spec: image({ volumes: [VOLUME], volumeMounts: [{ name: 'data', mountPath: 'data' }] }),
    },
  ],
  'volumeMounts names a volume that spec.volumes does not have: add the volume or correct the name': [
    { reason: 'no volumes', spec: image({ volumeMounts: [MOUNT] }) },
    {
      reason: 'another volume',
      spec: image({ volumes: [{ name: 'a', emptyDir: {} }], volumeMounts: [MOUNT] }),
    },
  ],
  'a volumeMount in podTemplate.spec.containers names a volume that spec.volumes does not have: add the volume or correct the name':
    [{ reason: 'no volumes', spec: pod({ containers: [{ name: 'a', image: 'a', volumeMounts: [MOUNT] }] }) }],
  'a volumeMount in podTemplate.spec.initContainers names a volume that spec.volumes does not have: add the volume or correct the name':
    [
      {
        reason: 'no volumes',
        spec: pod({ initContainers: [{ name: 'a', image: 'a', volumeMounts: [MOUNT] }] }),
      },
    ],
  "labels under mcp.kilocode.ai/ are the operator's own: remove them (only mcp.kilocode.ai/client may be set)":
    [
      { reason: 'server', spec: labels({ 'mcp.kilocode.ai/server': 'other' }) },
      { reason: 'unknown', spec: labels({ 'mcp.kilocode.ai/new': 'a' }) },
    ],
  "annotations under mcp.kilocode.ai/ are the operator's own: remove them": [
    { reason: 'any', spec: annotations({ 'mcp.kilocode.ai/client': 'true' }) },
  ],
  "a key is not a valid label name: [prefix/]name with at most 63 letters, digits, '-', '_' and '.'": [
    { reason: 'space', spec: labels({ 'a b': 'c' }) },
    { reason: 'long', spec: labels({ ['a'.repeat(64)]: 'c' }) },
    { reason: 'slashes', spec: labels({ 'a/b/c': 'd' }) },
  ],
  "a key is not a valid annotation name: [prefix/]name with at most 63 letters, digits, '-', '_' and '.'": [
    { reason: 'space', spec: annotations({ 'a b': 'c' }) },
  ],
  'set image; only the container server takes its own from spec.source.image.ref': [
    { reason: 'no image', spec: pod({ containers: [{ name: 'a' }] }) },
  ],
  'the container server takes image, imagePullPolicy, command, args, ports, env, envFrom, resources, volumeMounts from spec.source.image, spec.transport and the fields of spec: set them there':
    [
      { image: 'a' },
      { command: ['a'] },
      { env: [] },
      { resources: {} },
      { ports: [] },
      { volumeMounts: [] },
    ].map((fields) => ({
      reason: Object.keys(fields).join(),
      spec: server(fields),
    })),
  "the name server is the MCP server's: choose another": [
    { reason: 'init', spec: pod({ initContainers: [{ name: 'server', image: 'a' }] }) },
  ],
  'set image': [{ reason: 'init', spec: pod({ initContainers: [{ name: 'a' }] }) }],
  'a name stands in both containers and initContainers: rename one': [
    {
      reason: 'same',
      spec: pod({ containers: [{ name: 'a', image: 'a' }], initContainers: [{ name: 'a', image: 'a' }] }),
    },
  ],
  'securityContext.capabilities.add may hold only AUDIT_WRITE, CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, MKNOD, NET_BIND_SERVICE, SETFCAP, SETGID, SETPCAP, SETUID, SYS_CHROOT':
    [
      { reason: 'server', spec: server({ securityContext: { capabilities: { add: ['SYS_ADMIN'] } } }) },
      {
        reason: 'init',
        spec: pod({
          initContainers: [{ name: 'a', image: 'a', securityContext: { capabilities: { add: ['ALL'] } } }],
        }),
      },
    ],
  'securityContext.seccompProfile.type must be RuntimeDefault or Localhost': [
    { reason: 'server', spec: server({ securityContext: { seccompProfile: { type: 'Unconfined' } } }) },
  ],
  'seccompProfile.type must be RuntimeDefault or Localhost': [
    { reason: 'pod', spec: pod({ securityContext: { seccompProfile: { type: 'Unconfined' } } }) },
  ],
};

describe('the rules of MCPServer', () => {
  let api: AdmissionClient;
  beforeAll(async () => {
    api = await admissionClient(inject('kubeconfigPath'));
  });
  afterAll(() => api.close());

  it.each(ACCEPTED)('accept $reason', async ({ spec, name = 'sample' }) => {
    const verdict = await api.create(PATH, mcpServerManifest(spec, { name }));
    expect(verdict).toEqual({ accepted: true, object: expect.anything() });
  });

  const rows = Object.entries(REFUSED).flatMap(([message, cases]) =>
    cases.map((row) => ({ message, ...row })),
  );
  it.each(rows)('refuse $reason: $message', async ({ message, spec, name = 'sample' }) => {
    const verdict = await api.create(PATH, mcpServerManifest(spec, { name }));
    if (verdict.accepted) throw new Error('was accepted');
    expect(verdict.causes.filter((cause) => cause.endsWith(`: ${message}`))).not.toHaveLength(0);
  });

  it('are all shown to refuse something', () => {
    expect(new Set(Object.keys(REFUSED))).toEqual(new Set(celMessages(mcpServerSchema)));
  });
});
