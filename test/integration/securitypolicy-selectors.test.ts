/**
 * Selectors of MCPSecurityPolicy mean what selectors mean in Kubernetes: the API server is asked the same, about the objects it selects and
 * about the selectors it refuses.
 */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { LabelSelector } from '../../api/index.ts';
import { isMet, requirementProblems, requirementsOf } from '../../checks/policy/selector.ts';
import { type AdmissionClient, admissionClient } from '../harness/admission.ts';
import { type TestNamespace, createNamespace } from '../harness/namespace.ts';
import { type PlainClient, connectPlainly } from '../harness/plain-client.ts';

const kubeconfig = inject('kubeconfigPath');
const requirements = (selector: LabelSelector) => requirementsOf(selector, 'spec.namespaceSelector');

describe('which objects are selected', () => {
  const OBJECTS: readonly Readonly<Record<string, string>>[] = [undefined, '', 'x', 'y'].flatMap((a) =>
    [undefined, 'x', 'z'].map((b) => ({
      ...(a !== undefined && { a }),
      ...(b !== undefined && { 'example.com/b': b }),
    })),
  );
  /** As a query of the API has it, and as a selector. */
  const CONDITIONS: readonly (readonly [
    query: string,
    condition: NonNullable<LabelSelector['matchExpressions']>[number],
  ])[] = [
    ['a in (x)', { key: 'a', operator: 'In', values: ['x'] }],
    ['a in (x,y)', { key: 'a', operator: 'In', values: ['x', 'y'] }],
    ['a in ()', { key: 'a', operator: 'In', values: [''] }],
    ['a notin (x)', { key: 'a', operator: 'NotIn', values: ['x'] }],
    ['a notin (x,y)', { key: 'a', operator: 'NotIn', values: ['x', 'y'] }],
    ['a', { key: 'a', operator: 'Exists' }],
    ['!a', { key: 'a', operator: 'DoesNotExist' }],
    ['example.com/b in (z)', { key: 'example.com/b', operator: 'In', values: ['z'] }],
    ['example.com/b notin (z)', { key: 'example.com/b', operator: 'NotIn', values: ['z'] }],
    ['!example.com/b', { key: 'example.com/b', operator: 'DoesNotExist' }],
  ];
  const PAIRS = CONDITIONS.flatMap((one, index) =>
    CONDITIONS.slice(index).map((other) => [one, other] as const),
  );

  let client: PlainClient;
  let namespace: TestNamespace;
  beforeAll(async () => {
    client = await connectPlainly(kubeconfig);
    namespace = await createNamespace(kubeconfig, 'selectors');
    await Promise.all(
      OBJECTS.map((labels, index) =>
        client.demand('POST', `/api/v1/namespaces/${namespace.name}/configmaps`, {
          metadata: { name: `object-${index}`, labels: { ...labels, test: 'yes' } },
        }),
      ),
    );
  });
  afterAll(async () => {
    await namespace.remove();
    await client.close();
  });

  async function selectedByServer(query: string): Promise<readonly string[]> {
    const selector = encodeURIComponent(`test=yes,${query}`);
    const list = await client.demand(
      'GET',
      `/api/v1/namespaces/${namespace.name}/configmaps?labelSelector=${selector}`,
    );
    const { items } = list as { items: readonly { metadata: { name: string } }[] };
    return items.map(({ metadata }) => metadata.name).toSorted();
  }

  it.each(PAIRS)('%s and %s', async ([oneQuery, one], [otherQuery, other]) => {
    const demands = requirements({ matchExpressions: [one, other] });
    const selected = OBJECTS.flatMap((labels, index) =>
      demands.every((demand) => isMet(demand, labels)) ? [`object-${index}`] : [],
    );
    expect(selected.toSorted()).toEqual(await selectedByServer(`${oneQuery},${otherQuery}`));
  });
});

describe('which selectors are refused', () => {
  const PATH = '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies';
  const KEYS = [
    'a',
    'A_b.c-1',
    'a.b/c',
    'a/b/c',
    '/a',
    'a/',
    '',
    'a b',
    '-a',
    'a-',
    'A.b/c',
    'a..b/c',
    'a_b/c',
    'ü',
    'a'.repeat(63),
    'a'.repeat(64),
    `${'a'.repeat(253)}/b`,
    `${'a'.repeat(254)}/b`,
  ];
  const VALUES = ['', 'a', 'A_b.c-1', 'a b', '-a', 'a-', 'a/b', 'ü', 'a'.repeat(63), 'a'.repeat(64)];
  const SELECTORS: readonly LabelSelector[] = [
    {},
    ...KEYS.map((key) => ({ matchExpressions: [{ key, operator: 'Exists' }] })),
    ...KEYS.map((key) => ({ matchLabels: { [key]: 'a' } })),
    ...VALUES.map((value) => ({ matchExpressions: [{ key: 'a', operator: 'NotIn', values: ['a', value] }] })),
    ...VALUES.map((value) => ({ matchLabels: { a: value } })),
    ...['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'exists', ''].flatMap((operator) =>
      [undefined, [], ['a']].map((values) => ({
        matchExpressions: [{ key: 'a', operator, ...(values && { values }) }],
      })),
    ),
  ];

  let api: AdmissionClient;
  beforeAll(async () => {
    api = await admissionClient(kubeconfig);
  });
  afterAll(() => api.close());

  it.each(SELECTORS)('%j', async (podSelector) => {
    const verdict = await api.create(PATH, {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'sample' },
      spec: { podSelector },
    });
    expect(requirements(podSelector).flatMap(requirementProblems).length === 0).toBe(verdict.accepted);
  });
});
