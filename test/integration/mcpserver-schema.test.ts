/**
 * The schema of the CRD on a real API server: it fills in what `defaultMCPServer` fills in, it judges as `validateMCPServer`
 * judges, and what has no field cannot be said.
 */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import {
  type MCPServerManifest,
  defaultMCPServer,
  mcpServerSchema,
  validateMCPServer,
} from '../../api/index.ts';
import { type AdmissionClient, admissionClient } from '../harness/admission.ts';
import {
  FULL_IMAGE_SPEC,
  FULL_REMOTE_SPEC,
  mcpServerManifest,
  mcpServersPath,
} from '../harness/mcp-server.ts';
import { disagreements, limitValues, oddValues } from '../harness/schema-agreement.ts';

const PATH = mcpServersPath('default');
const IMAGE = { image: { ref: 'example.com/server:1' } };
const JUDGES = {
  path: PATH,
  schema: mcpServerSchema,
  isValid: (manifest: unknown) => validateMCPServer(manifest).valid,
};
/** Some 1,000 questions: seconds on an idle machine. */
const TIMEOUT_MS = 300_000;

let api: AdmissionClient;
beforeAll(async () => {
  api = await admissionClient(inject('kubeconfigPath'));
});
afterAll(() => api.close());

/** Every policy calculates with amounts: a million digits would hold the operator up for as long as it has policies. */
it('an amount has at most 64 characters, here and there', async () => {
  const amount = (digits: number): MCPServerManifest => ({
    metadata: { name: 'sample' },
    spec: { source: IMAGE, resources: { requests: { cpu: `0.${'0'.repeat(digits - 3)}1` } } },
  });
  for (const [digits, accepted] of [
    [64, true],
    [65, false],
    [1_000_000, false],
  ] as const) {
    const manifest = mcpServerManifest(amount(digits).spec);
    expect((await api.create(PATH, manifest)).accepted).toBe(accepted);
    expect(validateMCPServer(manifest).valid).toBe(accepted);
  }
});

describe('defaults', () => {
  const specs: readonly { name: string; spec: MCPServerManifest['spec'] }[] = [
    { name: 'the least', spec: { source: IMAGE } },
    {
      name: 'half an object',
      spec: { source: IMAGE, transport: { type: 'SSE' }, probe: { intervalSeconds: 60 } },
    },
    { name: 'auth', spec: { source: IMAGE, auth: { required: true } } },
    {
      name: 'borrowed types',
      spec: {
        source: IMAGE,
        podTemplate: { spec: { containers: [{ name: 'a', image: 'a', ports: [{ containerPort: 1 }] }] } },
      },
    },
    { name: 'a remote', spec: { source: { remote: { url: 'https://mcp.example.com' } } } },
  ];
  it.each(specs)('are the same here and there: $name', async ({ spec }) => {
    const verdict = await api.create(PATH, mcpServerManifest(spec));
    if (!verdict.accepted) throw new Error(verdict.message);
    expect(verdict.object['spec']).toEqual(defaultMCPServer({ metadata: { name: 'sample' }, spec }).spec);
  });

  it('take null for absent', async () => {
    const manifest = mcpServerManifest({ source: IMAGE, replicas: null, transport: { port: null } });
    const verdict = await api.create(PATH, manifest);
    const validation = validateMCPServer(manifest);
    if (!verdict.accepted || !validation.valid) throw new Error('was refused');
    expect(verdict.object['spec']).toEqual(validation.server.spec);
  });
});

describe('validateMCPServer judges as the API server does', () => {
  it.each([
    { name: 'an image', spec: FULL_IMAGE_SPEC },
    { name: 'a remote', spec: FULL_REMOTE_SPEC },
  ])(
    'every odd value in every field of $name',
    async ({ spec }) => {
      const rows = oddValues(spec, (part) => mcpServerManifest(part as object));
      expect(rows.length).toBeGreaterThan(100);
      expect(await disagreements({ api, ...JUDGES }, rows)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it('every limit', async () => {
    const spec = mcpServerSchema.properties?.['spec'] ?? {};
    const rows = limitValues(spec, (part) => mcpServerManifest({ source: IMAGE, ...(part as object) }));
    expect(rows.length).toBeGreaterThan(100);
    expect(await disagreements({ api, ...JUDGES }, rows)).toEqual([]);
  });
});

describe('what has no field cannot be said', () => {
  const containers = (fields: object): object => ({
    podTemplate: { spec: { containers: [{ name: 'server', ...fields }] } },
  });
  const rows = [
    ...[
      'hostNetwork',
      'hostPID',
      'hostIPC',
      'hostUsers',
      'automountServiceAccountToken',
      'shareProcessNamespace',
    ].map((field) => ({
      field,
      spec: { podTemplate: { spec: { [field]: true } } },
    })),
    { field: 'nodeName', spec: { podTemplate: { spec: { nodeName: 'node1' } } } },
    { field: 'hostPath', spec: { volumes: [{ name: 'a', hostPath: { path: '/' } }] } },
    {
      field: 'serviceAccountToken',
      spec: {
        volumes: [{ name: 'a', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } }],
      },
    },
    { field: 'privileged', spec: containers({ securityContext: { privileged: true } }) },
    { field: 'procMount', spec: containers({ securityContext: { procMount: 'Unmasked' } }) },
    {
      field: 'hostPort',
      spec: {
        podTemplate: {
          spec: { containers: [{ name: 'a', image: 'a', ports: [{ containerPort: 1, hostPort: 1 }] }] },
        },
      },
    },
    {
      field: 'host',
      spec: containers({ livenessProbe: { httpGet: { port: 80, host: '169.254.169.254' } } }),
    },
    {
      field: 'mountPropagation',
      spec: {
        volumes: [{ name: 'a', emptyDir: {} }],
        volumeMounts: [{ name: 'a', mountPath: '/a', mountPropagation: 'Bidirectional' }],
      },
    },
    { field: 'package', spec: { source: { ...IMAGE, package: {} } } },
  ];
  it.each(rows)('$field', async ({ field, spec }) => {
    const verdict = await api.create(PATH, mcpServerManifest({ source: IMAGE, ...spec }));
    if (verdict.accepted) throw new Error('was accepted');
    expect(verdict.message).toMatch(new RegExp(`unknown field "spec\\.[^"]*${field}"`));
  });
});
