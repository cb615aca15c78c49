/**
 * The merge of `podTemplate` for random templates: nothing that a user declares is lost, nothing appears twice, what was merged
 * already merges to itself, and one template over another gives the same whether they are merged before or one by one.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { childName, type MCPServer } from '../api/index.ts';
import { DEFAULT_RENDER_SETTINGS, TEMPLATE_HASH_ANNOTATION, render } from './index.ts';
import { childLabels } from './metadata.ts';
import { aServer } from './testing/a-server.ts';

const OPTIONS = { seed: 4, numRuns: 300 };

type PodTemplate = NonNullable<MCPServer['spec']['podTemplate']>;
type PodSpec = NonNullable<PodTemplate['spec']>;
type Container = NonNullable<PodSpec['containers']>[number];
type SecurityContext = NonNullable<Container['securityContext']>;

const optional = { requiredKeys: [] };
const texts = fc.dictionary(
  fc.constantFrom('team', 'tier', 'mcp.kilocode.ai/server'),
  fc.constantFrom('x', 'y'),
);
const port = fc.integer({ min: 1, max: 65_535 });
const probe = fc.record({ tcpSocket: fc.record({ port }), periodSeconds: fc.integer({ min: 1, max: 60 }) });
const securityContext: fc.Arbitrary<SecurityContext> = fc.record(
  {
    readOnlyRootFilesystem: fc.boolean(),
    runAsUser: fc.integer({ min: 1, max: 65_535 }),
    allowPrivilegeEscalation: fc.boolean(),
    capabilities: fc.record(
      { add: fc.subarray(['CHOWN', 'SETUID']), drop: fc.subarray(['ALL', 'KILL']) },
      optional,
    ),
  },
  optional,
);
const serverOverride = fc
  .record({ livenessProbe: probe, readinessProbe: probe, startupProbe: probe, securityContext }, optional)
  .map((fields): Container => ({ name: 'server', ...fields }));
const sidecar = fc.record(
  { name: fc.constantFrom('proxy', 'cache', 'log'), image: fc.constantFrom('a:1', 'b:2'), securityContext },
  { requiredKeys: ['name', 'image'] },
);
const sidecars = fc.uniqueArray(sidecar, { selector: ({ name }) => name });
const podSpec = fc.record(
  {
    nodeSelector: fc.dictionary(fc.constantFrom('disk', 'zone'), fc.constantFrom('ssd', 'a')),
    priorityClassName: fc.constantFrom('high', 'low'),
    serviceAccountName: fc.constantFrom('own', 'other'),
    terminationGracePeriodSeconds: fc.integer({ min: 0, max: 300 }),
    securityContext: fc.record({ runAsNonRoot: fc.boolean(), fsGroup: port }, optional),
    containers: fc
      .tuple(fc.option(serverOverride), sidecars)
      .chain(([own, beside]) => fc.shuffledSubarray([...(own ? [own] : []), ...beside])),
  },
  optional,
);
const template = fc.record({
  metadata: fc.record({ labels: texts, annotations: texts }, optional),
  spec: podSpec,
});
const spec = fc.record({
  replicas: fc.nat({ max: 3 }),
  volumes: fc.uniqueArray(
    fc.constantFrom('data', 'cache').map((name) => ({ name, emptyDir: {} })),
    {
      selector: ({ name }) => name,
    },
  ),
  volumeMounts: fc.uniqueArray(
    fc.record({
      name: fc.constantFrom('data', 'cache'),
      mountPath: fc.constantFrom('/tmp', '/data', '/cache'),
    }),
    { selector: ({ mountPath }) => mountPath },
  ),
});

type Spec = NonNullable<Parameters<typeof aServer>[0]>;

function podTemplateOf(given: Spec, podTemplate: unknown) {
  const server = aServer({ ...given, podTemplate: podTemplate as NonNullable<Spec['podTemplate']> });
  const rendered = render(server, DEFAULT_RENDER_SETTINGS)?.deployment.spec.template;
  if (rendered?.spec === undefined) throw new Error('nothing was rendered');
  const { [TEMPLATE_HASH_ANNOTATION]: _hash, ...annotations } = rendered.metadata?.annotations ?? {};
  return { server, spec: rendered.spec, labels: rendered.metadata?.labels, annotations };
}
const containerOf = (given: Spec, override: unknown) =>
  podTemplateOf(given, { spec: { containers: [override] } }).spec.containers[0];

/** What `base` would be after a user wrote `top` over it, field by field. */
function over(base: object, top: object): object {
  return { ...base, ...top, securityContext: { ...contextOf(base), ...contextOf(top) } };
}
function contextOf(container: object): object {
  return 'securityContext' in container ? Object(container.securityContext) : {};
}

describe('the merge of podTemplate', () => {
  it('loses nothing that is declared', () => {
    fc.assert(
      fc.property(spec, template, (given, declared) => {
        const { server, spec: pod, labels, annotations } = podTemplateOf(given, declared);
        const { containers = [], securityContext: context, ...scheduling } = declared.spec;
        expect(pod).toMatchObject({ serviceAccountName: childName('github'), ...scheduling });
        expect(pod.securityContext).toMatchObject(context ?? {});
        expect(labels).toEqual({ ...declared.metadata.labels, ...childLabels(server) });
        expect(annotations).toEqual(declared.metadata.annotations ?? {});
        for (const { securityContext: own = {}, ...container } of containers) {
          const merged = pod.containers.find(({ name }) => name === container.name);
          expect(merged).toMatchObject({ ...container, securityContext: own });
        }
        for (const volume of given.volumes) expect(pod.volumes).toContainEqual(volume);
        for (const mount of given.volumeMounts) expect(pod.containers[0]?.volumeMounts).toContainEqual(mount);
      }),
      OPTIONS,
    );
  });

  it('has every name and every path once, the server first, and all capabilities dropped unless told otherwise', () => {
    fc.assert(
      fc.property(spec, template, (given, declared) => {
        const { containers, volumes = [] } = podTemplateOf(given, declared).spec;
        const names = (declared.spec.containers ?? [])
          .map(({ name }) => name)
          .filter((name) => name !== 'server');
        expect(containers.map(({ name }) => name)).toEqual(['server', ...names]);
        expect(new Set(volumes.map(({ name }) => name)).size).toBe(volumes.length);
        const paths = containers[0]?.volumeMounts?.map(({ mountPath }) => mountPath) ?? [];
        expect(new Set(paths).size).toBe(paths.length);
        expect(paths).toContain('/tmp');
        for (const { name, securityContext: merged } of containers) {
          const own = declared.spec.containers?.find((container) => container.name === name)?.securityContext;
          expect(merged?.capabilities?.drop).toEqual(own?.capabilities?.drop ?? ['ALL']);
          expect(merged?.allowPrivilegeEscalation).toBe(own?.allowPrivilegeEscalation ?? false);
        }
      }),
      OPTIONS,
    );
  });

  it('is idempotent: what was merged already merges to itself', () => {
    fc.assert(
      fc.property(spec, template, (given, declared) => {
        const once = podTemplateOf(given, declared);
        const { volumes: _volumes, ...pod } = once.spec;
        const { labels, annotations } = once;
        const twice = podTemplateOf(given, { metadata: { labels, annotations }, spec: pod });
        expect(twice).toMatchObject({ spec: once.spec, labels, annotations });
      }),
      OPTIONS,
    );
  });

  it('is associative: one override over another, before the merge or after it', () => {
    fc.assert(
      fc.property(spec, serverOverride, serverOverride, (given, lower, upper) => {
        const merged = containerOf(given, lower) ?? {};
        expect(containerOf(given, over(merged, upper))).toEqual(containerOf(given, over(lower, upper)));
      }),
      OPTIONS,
    );
  });
});
