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
import type { JsonSchema } from '../../api/schema/json-schema.ts';
import { type AdmissionClient, type Verdict, admissionClient } from '../harness/admission.ts';
import {
  FULL_IMAGE_SPEC,
  FULL_REMOTE_SPEC,
  mcpServerManifest,
  mcpServersPath,
} from '../harness/mcp-server.ts';

const PATH = mcpServersPath('default');
const IMAGE = { image: { ref: 'example.com/server:1' } };
const BATCH = 64;
/** Some 1,000 questions: seconds on an idle machine. */
const TIMEOUT_MS = 300_000;

let api: AdmissionClient;
beforeAll(async () => {
  api = await admissionClient(inject('kubeconfigPath'));
});
afterAll(() => api.close());

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

/** One change of a value that is accepted: what stands at `path` becomes `value`. */
interface Mutation {
  readonly path: string;
  readonly manifest: unknown;
}

// Numbers beyond int32 are not among them: only Kubernetes from 1.34 on refuses those by the format of a field.
const ODD_VALUES = [null, 'text', 1.5, [{}, {}]];

/** Every way to replace one value below `value`, and to add one unknown field to each object. */
function mutations(value: unknown, rebuild: (part: unknown) => unknown, path: string): Mutation[] {
  const replaced = ODD_VALUES.map((odd) => ({
    path: `${path} = ${JSON.stringify(odd)}`,
    manifest: rebuild(odd),
  }));
  return [...replaced, ...children(value, rebuild, path)];
}

function children(value: unknown, rebuild: (part: unknown) => unknown, path: string): Mutation[] {
  if (Array.isArray(value)) {
    const doubled = { path: `${path} doubled`, manifest: rebuild([...value, ...value]) };
    return [
      doubled,
      ...value.flatMap((item, index) =>
        mutations(item, (part) => rebuild(value.with(index, part)), `${path}[${index}]`),
      ),
    ];
  }
  if (typeof value !== 'object' || value === null) return [];
  const surplus = { path: `${path}.surplus`, manifest: rebuild({ ...value, surplus: 'x' }) };
  const below = Object.entries(value).flatMap(([name, field]) => [
    ...mutations(field, (part) => rebuild({ ...value, [name]: part }), `${path}.${name}`),
    {
      path: `${path}.${name} gone`,
      manifest: rebuild(Object.fromEntries(Object.entries(value).filter(([other]) => other !== name))),
    },
  ]);
  return [surplus, ...below];
}

/** Entries of a list have one schema, so what was done to one of them need not be done to the next. */
function oncePerField(rows: readonly Mutation[]): readonly Mutation[] {
  return [...new Map(rows.map((row) => [row.path.replaceAll(/\[\d+\]/g, '[]'), row])).values()];
}

/** Values at and beyond every limit that our own fields state. */
function limits(schema: JsonSchema, rebuild: (part: unknown) => unknown, path: string): Mutation[] {
  const own = boundaryValues(schema).map((value) => ({
    path: `${path} = ${JSON.stringify(value).slice(0, 60)}`,
    manifest: rebuild(value),
  }));
  const below = Object.entries(schema.properties ?? {}).flatMap(([name, property]) =>
    limits(property, (part) => rebuild({ [name]: part }), `${path}.${name}`),
  );
  return [...own, ...below];
}

function boundaryValues(schema: JsonSchema): readonly unknown[] {
  const { minimum, maximum, maxLength, maxItems, maxProperties, enum: words = [] } = schema;
  const numbers = [minimum, maximum]
    .filter((limit) => limit !== undefined)
    .flatMap((limit) => [limit - 1, limit, limit + 1]);
  const strings =
    maxLength === undefined
      ? []
      : [`/${'a'.repeat(maxLength - 1)}`, 'a'.repeat(maxLength), 'a'.repeat(maxLength + 1)];
  const lists = maxItems === undefined ? [] : [manyNamed(maxItems), manyNamed(maxItems + 1)];
  const maps = maxProperties === undefined ? [] : [manyKeys(maxProperties), manyKeys(maxProperties + 1)];
  return [...numbers, ...strings, ...lists, ...maps, ...words];
}

const manyNamed = (length: number): object[] => Array.from({ length }, (_, index) => ({ name: `N${index}` }));
const manyKeys = (length: number): object =>
  Object.fromEntries(Array.from({ length }, (_, index) => [`k${index}`, 'v']));

const RULES = new Set(ruleMessages(mcpServerSchema));

function ruleMessages(schema: JsonSchema): readonly string[] {
  const { properties = {}, items, additionalProperties } = schema;
  const below = [...Object.values(properties), items, additionalProperties].filter(
    (child) => typeof child === 'object',
  );
  return [
    ...(schema['x-kubernetes-validations'] ?? []).map(({ message }) => message),
    ...below.flatMap(ruleMessages),
  ];
}

/** A refusal by CEL rules alone says that the schema had nothing against the object. */
function schemaAccepts(verdict: Verdict): boolean {
  if (verdict.accepted) return true;
  return (
    verdict.causes.length > 0 &&
    verdict.causes.every((cause) => [...RULES].some((message) => cause.endsWith(`: ${message}`)))
  );
}

/** The rows on which the API server and `validateMCPServer` differ. */
async function disagreements(rows: readonly Mutation[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (let start = 0; start < rows.length; start += BATCH) {
    const batch = rows.slice(start, start + BATCH);
    const verdicts = await Promise.all(batch.map(({ manifest }) => api.create(PATH, manifest)));
    for (const [index, { path, manifest }] of batch.entries()) {
      const verdict = verdicts[index];
      if (verdict === undefined || schemaAccepts(verdict) === validateMCPServer(manifest).valid) continue;
      found.push(`${path}: ${verdict.accepted ? 'accepted by the API server' : verdict.message}`);
    }
  }
  return found;
}

describe('validateMCPServer judges as the API server does', () => {
  it.each([
    { name: 'an image', spec: FULL_IMAGE_SPEC },
    { name: 'a remote', spec: FULL_REMOTE_SPEC },
  ])(
    'every odd value in every field of $name',
    async ({ spec }) => {
      const rows = oncePerField(mutations(spec, (part) => mcpServerManifest(part as object), 'spec'));
      expect(rows.length).toBeGreaterThan(100);
      expect(await disagreements(rows)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it('every limit', async () => {
    const spec = mcpServerSchema.properties?.['spec'] ?? {};
    const rows = limits(spec, (part) => mcpServerManifest({ source: IMAGE, ...(part as object) }), 'spec');
    expect(rows.length).toBeGreaterThan(100);
    expect(await disagreements(rows)).toEqual([]);
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
