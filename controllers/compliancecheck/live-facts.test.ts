import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../core/testing/fake-clock.ts';
import { silentLogger } from '../../core/logger.ts';
import { DEFAULT_RENDER_SETTINGS, render, TEMPLATE_HASH_ANNOTATION } from '../../render/index.ts';
import type { Pod } from '../mcpserver/index.ts';
import { createLiveFacts } from './live-facts.ts';
import { isAtRest, REST_MS, RestWatch, subjectHash } from './subject.ts';
import { aServer } from './testing/objects.ts';
import { createVulnerabilityReader } from './vulnerabilities.ts';

const server = aServer('one');
const hash = render(server, DEFAULT_RENDER_SETTINGS)?.deployment.spec.template.metadata?.annotations?.[
  TEMPLATE_HASH_ANNOTATION
];
const { signal } = new AbortController();

function aPod(
  name: string,
  fields: { hash?: string | undefined; ready?: boolean; ip?: string; deleted?: boolean } = {},
): Pod {
  const { ready = true, ip = '10.0.0.1', deleted = false } = fields;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'team-a',
      annotations: { [TEMPLATE_HASH_ANNOTATION]: fields.hash ?? hash ?? '' },
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'mcp-one-abc', uid: 'rs', controller: true },
      ],
      ...(deleted && { deletionTimestamp: '2026-01-01T00:00:00Z' }),
    },
    status: {
      phase: 'Running',
      ...(ip !== '' && { podIP: ip }),
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
    },
  };
}

describe('the replicas of a server', () => {
  it('are ready pods of the current template with an address, in order', () => {
    const pods = [
      aPod('b', { ip: '10.0.0.2' }),
      aPod('a'),
      aPod('old', { hash: 'old' }),
      aPod('starting', { ready: false }),
      aPod('ending', { deleted: true }),
      aPod('nowhere', { ip: '' }),
    ];
    const facts = createLiveFacts({
      pods: { byIndex: (_index, value) => (value === 'team-a/one' ? pods : []) },
      rendering: DEFAULT_RENDER_SETTINGS,
      driftOf: () => undefined,
      vulnerabilities: { read: () => Promise.resolve(undefined) },
    });
    expect(facts.replicas(server)).toEqual([
      { name: 'a', address: '10.0.0.1' },
      { name: 'b', address: '10.0.0.2' },
    ]);
  });

  it('come with what is known, and without what nobody looked up', async () => {
    const drift = [{ object: 'Deployment', path: '/spec/replicas' }];
    const facts = (known: boolean) =>
      createLiveFacts({
        pods: { byIndex: () => [] },
        rendering: DEFAULT_RENDER_SETTINGS,
        driftOf: () => (known ? drift : undefined),
        vulnerabilities: { read: () => Promise.resolve(known ? [] : undefined) },
      });
    expect(await facts(true).read(server, signal)).toEqual({ drift, vulnerabilities: [] });
    expect(await facts(false).read(server, signal)).toEqual({});
  });
});

describe('vulnerabilities', () => {
  const report = {
    apiVersion: 'aquasecurity.github.io/v1alpha1',
    kind: 'VulnerabilityReport',
    metadata: { name: 'r' },
    report: {
      vulnerabilities: [
        {
          vulnerabilityID: 'CVE-1',
          severity: 'CRITICAL',
          resource: 'openssl',
          installedVersion: '1',
          fixedVersion: '2',
        },
      ],
    },
  };
  const reader = (served: readonly string[], items: readonly object[] | Error) => {
    const asked: unknown[] = [];
    const read = createVulnerabilityReader({
      client: {
        list: (_type, options) => {
          asked.push(options);
          return items instanceof Error
            ? Promise.reject(items)
            : Promise.resolve({ items: items as never, resourceVersion: '1' });
        },
      },
      discovery: { resources: () => Promise.resolve(new Set(served)) },
      clock: new FakeClock(),
      logger: silentLogger,
    });
    return { asked, read: (pods: readonly Pod[]) => read.read(pods, signal) };
  };

  it('are those of the ReplicaSet that runs', async () => {
    const { read, asked } = reader(['vulnerabilityreports'], [report]);
    expect(await read([aPod('a')])).toEqual([
      { id: 'CVE-1', severity: 'CRITICAL', package: 'openssl', installedVersion: '1', fixedVersion: '2' },
    ]);
    expect(asked).toEqual([
      expect.objectContaining({
        namespace: 'team-a',
        labelSelector: expect.stringContaining('trivy-operator.resource.name=mcp-one-abc'),
      }),
    ]);
  });

  it.each<[string, ReturnType<typeof reader>, readonly Pod[]]>([
    ['Trivy Operator is not installed', reader([], [report]), [aPod('a')]],
    ['it has no report yet', reader(['vulnerabilityreports'], []), [aPod('a')]],
    ['it may not be read', reader(['vulnerabilityreports'], new Error('forbidden')), [aPod('a')]],
    ['no pod runs', reader(['vulnerabilityreports'], [report]), []],
  ])('are not known where %s', async (_why, { read }, pods) => {
    expect(await read(pods)).toBeUndefined();
  });
});

describe('what a verdict rests on', () => {
  it('changes with generation, labels, image and definitions, and with nothing else', () => {
    const base = subjectHash(server);
    const { metadata } = server;
    const others = [
      { ...server, metadata: { ...metadata, generation: 2 } },
      { ...server, metadata: { ...metadata, labels: { a: 'b' } } },
      { ...server, status: { image: { ref: 'a', digest: 'sha256:a' } } },
      {
        ...server,
        status: {
          definitions: { tools: 1, prompts: 0, resourceTemplates: 0, hash: 'sha256:b', changedAt: '' },
        },
      },
    ].map(subjectHash);
    expect(new Set([base, ...others]).size).toBe(5);
    expect(subjectHash({ ...server, status: { readyReplicas: 3 } })).toBe(base);
  });

  it('is at rest when the server is ready at its generation, or has been the same for a minute', () => {
    const ready = (observedGeneration: number) => ({
      ...server,
      status: {
        conditions: [
          {
            type: 'Ready' as const,
            status: 'True' as const,
            reason: 'Ready' as const,
            message: '',
            observedGeneration,
            lastTransitionTime: '',
          },
        ],
      },
    });
    expect(isAtRest(ready(1))).toBe(true);
    expect(isAtRest(ready(0))).toBe(false);
    const rest = new RestWatch();
    expect(rest.restInMs(ready(1), 0)).toBe(0);
    expect(rest.restInMs(server, 1_000)).toBe(REST_MS);
    expect(rest.restInMs(server, 31_000)).toBe(REST_MS - 30_000);
    expect(rest.restInMs({ ...server, metadata: { ...server.metadata, generation: 2 } }, 32_000)).toBe(
      REST_MS,
    );
    expect(
      rest.restInMs({ ...server, metadata: { ...server.metadata, generation: 2 } }, 32_000 + REST_MS),
    ).toBe(0);
  });
});
