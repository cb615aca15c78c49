/** Policies as a platform team would have them, a server that keeps them all, and one that breaks each of them in one place. */
import {
  GROUP,
  mcpServerResource,
  VERSION,
  type MCPSecurityPolicy,
  type MCPServerManifest,
} from '../../../api/index.ts';
import { policyExamples } from '../../../hack/generate/policy-examples.ts';

/** The label that every namespace has. */
const NAMESPACE_NAME = 'kubernetes.io/metadata.name';
const REPOSITORY = 'registry.example.com/mcp/server';
const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;
const MAX_REPLICAS = 2;
/** The example with the most rules: one policy is this one. */
const STRICTEST = 'strict-production';

/**
 * The rules of `examples/policies`, again and again under other names until there are `count`, all of them enforced in `namespace`. Each
 * also allows the images of {@link keepingServer}, and limits replicas.
 */
export function policiesFor(namespace: string, count: number): readonly MCPSecurityPolicy[] {
  const examples = policyExamples()
    .flatMap(({ policies }) => policies)
    .toSorted((one, other) => rank(one) - rank(other));
  return Array.from({ length: count }, (_, index) => {
    const example = examples[index % examples.length];
    if (example === undefined) throw new Error('examples/policies holds no policy');
    return policyLike(example, `bench-${String(index).padStart(2, '0')}`, namespace);
  });
}

function rank({ metadata }: MCPSecurityPolicy): number {
  return metadata.name === STRICTEST ? 0 : 1;
}

function policyLike(
  { apiVersion, kind, spec }: MCPSecurityPolicy,
  name: string,
  namespace: string,
): MCPSecurityPolicy {
  // Enforcement cannot depend on the labels of the server.
  const { serverSelector: _serverSelector, ...rules } = spec;
  const { images } = rules;
  return {
    apiVersion,
    kind,
    metadata: { name },
    spec: {
      ...rules,
      ...(images?.allowed !== undefined && {
        images: { ...images, allowed: [...images.allowed, REPOSITORY] },
      }),
      namespaceSelector: { matchLabels: { [NAMESPACE_NAME]: namespace } },
      enforcement: 'Enforce',
      maxReplicas: MAX_REPLICAS,
    },
  };
}

/** A server that keeps every policy of {@link policiesFor}. */
export function keepingServer(replicas = 1): MCPServerManifest {
  return {
    apiVersion: `${GROUP}/${VERSION}`,
    kind: mcpServerResource.kind,
    metadata: {
      name: 'server',
      labels: { owner: 'bench', 'example.com/data-classification': 'public' },
    },
    spec: {
      source: { image: { ref: `${REPOSITORY}@${DIGEST}` } },
      args: ['--verbose'],
      env: [{ name: 'LEVEL', value: 'info' }],
      replicas,
      resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '256Mi' } },
    },
  };
}

/** The same with more replicas than any of them allows: each policy finds one thing. */
export function breakingServer(): MCPServerManifest {
  return keepingServer(MAX_REPLICAS + 1);
}
