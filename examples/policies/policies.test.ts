import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import {
  DEFAULT_POLICY_SPEC,
  type MCPServerManifest,
  defaultMCPServer,
  mcpServerResource,
  validateMCPSecurityPolicy,
  validateMCPServer,
} from '../../api/index.ts';
import { type Violation, evaluatePolicies, policyProblems, subjectOf } from '../../checks/index.ts';
import { policyExamples } from '../../hack/generate/policy-examples.ts';
import { violationLine } from '../../hack/generate/security-policy.ts';
import { DEFAULT_RENDER_SETTINGS } from '../../render/index.ts';

const ROOT = new URL('../..', import.meta.url);
const examples = policyExamples();
const DIGITS = '0e1d2c3b4a5968778695a4b3c2d1e0f00f1e2d3c4b5a69788796a5b4c3d2e1f0';
const PINNED = `registry.example.com/mcp/weather@sha256:${DIGITS}`;

/** Without the fix, which the rules' own tests hold to its words. */
const lines = (violations: readonly Violation[]) =>
  violations.map((violation) => violationLine({ ...violation, fix: '' }).trim());

/** What each policy says of the server in `refused/`, word by word: whoever is refused has nothing else to go by. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  default: [
    'policy default, network.denyCIDRs: spec.network.egress[0] (no peers): A rule without `to` opens the way to every address, also to 169.254.169.254/32, which must stay closed here.',
    'policy default, secrets.denyLiterals: spec.env[name=WEATHER_API_KEY].value (literal under the name of a secret): This looks like a secret, and everybody who may read this object could read it.',
  ],
  'strict-production': [
    'policy strict-production, images.allowed: spec.source.image.ref (weather/mcp-server:latest): Images from docker.io/weather/mcp-server are not allowed here.',
    'policy strict-production, images.requireDigest: spec.source.image.ref (weather/mcp-server:latest): The image is not pinned by digest, so that another one may run under its name tomorrow.',
    'policy strict-production, transports: spec.transport.type (SSE): This transport is not allowed here.',
    'policy strict-production, podSecurity: spec.podTemplate.spec.containers[name=server].securityContext.allowPrivilegeEscalation (true): Pod Security Standard restricted (allowPrivilegeEscalation): A process of the container may gain more rights than its parent.',
    'policy strict-production, serviceAccounts: spec.podTemplate.spec.serviceAccountName (deployer): This ServiceAccount is not allowed here.',
    'policy strict-production, volumes: spec.volumes[name=driver] (csi): Volumes of the kind csi are not allowed here.',
    'policy strict-production, resources.max: spec.podTemplate.spec.containers[name=proxy].resources.limits.memory (4Gi): The limit for memory may be at most 2Gi here.',
    'policy strict-production, maxReplicas: spec.replicas (20): A server may have at most 10 replicas here.',
    'policy strict-production, network.denyEgressToAnywhere: spec.network.egress[1].to[0].ipBlock.cidr (0.0.0.0/0): This range holds every address.',
    'policy strict-production, network.denyCIDRs: spec.network.egress[0].to[0].ipBlock (10.20.0.0/16 except 10.20.30.0/24): 10.0.0.0/8 holds 10.20.0.0/16, which must stay closed here.',
    'policy strict-production, secrets.denyLiterals: spec.args[1] (literal under the name of a secret): This looks like a secret, and everybody who may read this object could read it.',
    'policy strict-production, labels.required: metadata.labels[example.com/data-classification] (unset): Servers need the label example.com/data-classification here.',
  ],
  'air-gapped': [
    `policy air-gapped, images.allowed: spec.source.image.ref (ghcr.io/example-org/weather@sha256:${DIGITS}): Images from ghcr.io/example-org/weather are not allowed here.`,
    'policy air-gapped, network.denyCIDRs: spec.network.egress[0].to[0].ipBlock (203.0.113.0/24): The range is inside 0.0.0.0/0, which must stay closed here.',
  ],
  'permissive-development': [
    'policy permissive-development, resources.max: spec.resources.limits.memory (16Gi): The limit for memory may be at most 4Gi here.',
    'policy permissive-development, maxReplicas: spec.replicas (5): A server may have at most 2 replicas here.',
    'policy production-preview, images.requireDigest: spec.source.image.ref (registry.example.com/mcp/weather:dev): The image is not pinned by digest, so that another one may run under its name tomorrow.',
    'policy production-preview, labels.required: metadata.labels[owner] (unset): Servers need the label owner here.',
  ],
};

const WEATHER = { source: { image: { ref: PINNED } }, transport: { port: 8080, path: '/mcp' } };
/** A server that each policy admits, so that none of them is impossible to keep. */
const ADMITTED: Readonly<Record<string, MCPServerManifest>> = {
  default: { metadata: { name: 'weather' }, spec: { source: { image: { ref: 'weather:latest' } } } },
  'strict-production': {
    metadata: {
      name: 'weather',
      labels: { owner: 'weather-team', 'example.com/data-classification': 'public' },
    },
    spec: {
      ...WEATHER,
      replicas: 10,
      network: { egress: [{ to: [{ ipBlock: { cidr: '203.0.113.0/24' } }] }] },
    },
  },
  'air-gapped': {
    metadata: { name: 'weather' },
    spec: {
      ...WEATHER,
      source: { image: { ref: PINNED.replace('registry.example.com', 'registry.internal.example') } },
      network: { egress: [{ to: [{ podSelector: { matchLabels: { app: 'database' } } }] }] },
    },
  },
  'permissive-development': {
    metadata: { name: 'weather', labels: { 'example.com/stage': 'prototype' } },
    spec: {
      source: { image: { ref: 'weather:dev' } },
      replicas: 2,
      env: [{ name: 'API_TOKEN', value: 'hunter2' }],
    },
  },
};

describe.each(examples)('$name', ({ name, policies, refused, violations }) => {
  it('can be evaluated', () => {
    expect(policies.map(({ metadata, spec }) => [metadata.name, policyProblems(spec)])).toEqual(
      policies.map(({ metadata }) => [metadata.name, []]),
    );
    expect(policies[0]?.metadata.name).toBe(name);
  });

  it('refuses the server in refused/, which lies in the namespace beside it, with these words', () => {
    expect(lines(violations)).toEqual(WORDS[name]);
    expect(violations.filter(({ policy }) => policy === name)).not.toEqual([]);
    expect(policies[0]?.spec.enforcement).toBe('Enforce');
    expect(refused.server.metadata.namespace).toBe(`refused-${name}`);
  });

  it('admits another server', () => {
    const admitted = ADMITTED[name];
    if (admitted === undefined) throw new Error(`ADMITTED has no server for ${name}`);
    const subject = subjectOf(defaultMCPServer(admitted), refused.namespace, DEFAULT_RENDER_SETTINGS);
    expect(validateMCPServer(subject.server).valid).toBe(true);
    expect(evaluatePolicies(policies, subject)).toEqual([]);
  });
});

it('there is a policy for each server in refused/', () => {
  expect(readdirSync(new URL('refused', import.meta.url))).toEqual(
    examples.map(({ name }) => `${name}.yaml`),
  );
});

describe('default.yaml', () => {
  const policies = examples.find(({ name }) => name === 'default')?.policies ?? [];

  it('is what the operator creates', () => {
    expect(policies.map(({ spec }) => spec)).toEqual([DEFAULT_POLICY_SPEC]);
  });

  it.each(readdirSync(new URL('examples', ROOT)).filter((file) => file.endsWith('.yaml')))(
    'admits examples/%s',
    (file) => {
      const objects = parseAllDocuments(readFileSync(new URL(`examples/${file}`, ROOT), 'utf8')).map(
        (document): unknown => document.toJS(),
      );
      const servers = objects
        .map(validateMCPServer)
        .flatMap((validation) => (validation.valid ? [validation.server] : []));
      const namespace = { name: 'mcp-examples', labels: { 'kubernetes.io/metadata.name': 'mcp-examples' } };
      const subjects = servers.map((server) => subjectOf(server, namespace, DEFAULT_RENDER_SETTINGS));
      expect(subjects.flatMap((subject) => evaluatePolicies(policies, subject))).toEqual([]);
      expect(servers).toHaveLength(
        JSON.stringify(objects).split(`"kind":"${mcpServerResource.kind}"`).length - 1,
      );
    },
  );
});

it('docs/security-policy.md shows valid policies', () => {
  const page = readFileSync(new URL('docs/security-policy.md', ROOT), 'utf8');
  const blocks = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, yaml = '']) => yaml);
  const validations = blocks.flatMap((yaml) =>
    parseAllDocuments(yaml).map((document) => validateMCPSecurityPolicy(document.toJS())),
  );
  expect(validations.length).toBeGreaterThan(0);
  expect(
    validations.flatMap((validation) =>
      validation.valid ? policyProblems(validation.policy.spec) : validation.errors,
    ),
  ).toEqual([]);
});
