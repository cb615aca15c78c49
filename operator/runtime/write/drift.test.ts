/**
 * Drift, row by row. Ownership is written as the API server records it; that it really does is shown by the integration tests.
 */
import { describe, expect, it } from 'vitest';
import { internOwnership, type FieldTree } from '../cache/ownership.ts';
import type { KubernetesObject } from '../object/object.ts';
import { findDrift, isClean } from './drift.ts';

type Json = Record<string, unknown>;

const OURS = 'ours';

const thing = (content: Json, metadata: object = {}, kind = 'Thing'): KubernetesObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name: 'one', ...metadata },
  ...content,
});
const leaf = {};
/** A field set with `.`, as the API server writes for maps and list items that are owned themselves. */
const node = (fields: FieldTree): FieldTree => ({ '.': leaf, ...fields });

interface Row {
  readonly name: string;
  readonly intent: Json;
  readonly live: Json;
  readonly owned: FieldTree;
  readonly changed?: readonly string[];
  readonly foreign?: readonly string[];
  readonly subresource?: string;
  readonly kind?: string;
}

const item = (name: string, rest: Json = {}): Json => ({ name, ...rest });
const keyed = (...names: readonly string[]): FieldTree =>
  Object.fromEntries(
    names.map((name) => [`k:{"name":"${name}"}`, node({ 'f:name': leaf, 'f:image': leaf })]),
  );

const rows: readonly Row[] = [
  {
    name: 'equal is clean',
    intent: { spec: { a: 1, b: { c: 'x' } } },
    live: { spec: { a: 1, b: { c: 'x' } } },
    owned: { 'f:spec': { 'f:a': leaf, 'f:b': { 'f:c': leaf } } },
  },
  {
    name: 'what nobody owns was filled in by the server',
    intent: { spec: { a: 1 } },
    live: { spec: { a: 1, strategy: { type: 'RollingUpdate' } }, status: { phase: 'x' } },
    owned: { 'f:spec': { 'f:a': leaf } },
  },
  {
    name: 'another value',
    intent: { spec: { a: 1 } },
    live: { spec: { a: 2 } },
    owned: { 'f:spec': { 'f:a': leaf } },
    changed: ['/spec/a'],
  },
  {
    name: 'a missing value',
    intent: { spec: { a: 1, b: true } },
    live: { spec: { a: 1 } },
    owned: { 'f:spec': { 'f:a': leaf } },
    changed: ['/spec/b'],
  },
  {
    name: 'a false that was taken away is not the same as a false that the server drops',
    intent: { spec: { token: false } },
    live: { spec: {} },
    owned: { 'f:spec': { 'f:other': leaf } },
    changed: ['/spec/token'],
  },
  {
    name: 'an empty value that the server drops, and still records as ours',
    intent: { spec: { hostNetwork: false, list: [], map: {}, text: '' } },
    live: { spec: {} },
    owned: { 'f:spec': { 'f:hostNetwork': leaf, 'f:list': leaf, 'f:map': leaf, 'f:text': leaf } },
  },
  {
    name: 'null and undefined say nothing',
    intent: { spec: { a: null, b: undefined } },
    live: { spec: { b: 1 } },
    owned: { 'f:spec': { 'f:other': leaf } },
  },
  {
    name: 'an owned path that the intent does not have',
    intent: { spec: { a: 1 } },
    live: { spec: { a: 1, hostNetwork: true } },
    owned: { 'f:spec': { 'f:a': leaf, 'f:hostNetwork': leaf } },
    foreign: ['/spec/hostNetwork'],
  },
  {
    name: 'a whole owned branch goes at its root',
    intent: { spec: { a: 1 } },
    live: { spec: { a: 1, security: { user: 0, group: 0 } } },
    owned: { 'f:spec': { 'f:a': leaf, 'f:security': { 'f:user': leaf } } },
    foreign: ['/spec/security'],
  },
  {
    name: 'what a subresource wrote is not an addition',
    intent: { spec: { a: 1 } },
    live: { spec: { a: 1, replicas: 3 } },
    owned: { 'f:spec': { 'f:a': leaf, 'f:replicas': leaf } },
    subresource: 'scale',
  },
  {
    name: 'an added item of a keyed list, by position, last first',
    intent: { spec: { containers: [item('server')] } },
    live: { spec: { containers: [item('spy'), item('server'), item('spy2')] } },
    owned: { 'f:spec': { 'f:containers': keyed('server', 'spy', 'spy2') } },
    foreign: ['/spec/containers/2', '/spec/containers/0'],
  },
  {
    name: 'an item that nobody owns stays',
    intent: { spec: { containers: [item('server')] } },
    live: { spec: { containers: [item('server'), item('injected')] } },
    owned: { 'f:spec': { 'f:containers': keyed('server') } },
  },
  {
    name: 'a missing item of a keyed list',
    intent: { spec: { containers: [item('server'), item('proxy')] } },
    live: { spec: { containers: [item('server')] } },
    owned: { 'f:spec': { 'f:containers': keyed('server') } },
    changed: ['/spec/containers'],
  },
  {
    name: 'items in another order',
    intent: { spec: { steps: [item('first'), item('second')] } },
    live: { spec: { steps: [item('second'), item('first')] } },
    owned: { 'f:spec': { 'f:steps': keyed('first', 'second') } },
    changed: ['/spec/steps'],
  },
  {
    name: 'a difference inside a keyed item, at its live position',
    intent: { spec: { containers: [item('server', { image: 'good' })] } },
    live: { spec: { containers: [item('spy'), item('server', { image: 'evil', pull: 'Always' })] } },
    owned: { 'f:spec': { 'f:containers': keyed('server', 'spy') } },
    changed: ['/spec/containers/1/image'],
    foreign: ['/spec/containers/0'],
  },
  {
    name: 'keys that the server fills in',
    intent: { spec: { ports: [{ port: 80 }] } },
    live: { spec: { ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }] } },
    owned: { 'f:spec': { 'f:ports': { 'k:{"port":80,"protocol":"TCP"}': node({ 'f:port': leaf }) } } },
  },
  {
    name: 'an added value of a set, and a missing one',
    intent: { spec: { finalizers: ['a', 'b'] } },
    live: { spec: { finalizers: ['a', 'x'] } },
    owned: { 'f:spec': { 'f:finalizers': { 'v:"a"': leaf, 'v:"x"': leaf } } },
    changed: ['/spec/finalizers'],
    foreign: ['/spec/finalizers/1'],
  },
  {
    name: 'an atomic list with one more',
    intent: { spec: { args: ['a'] } },
    live: { spec: { args: ['a', '--debug'] } },
    owned: { 'f:spec': { 'f:args': leaf } },
    changed: ['/spec/args'],
  },
  {
    name: 'an atomic map with one more key, whoever owns it',
    intent: { spec: { selector: { app: 'x' } } },
    live: { spec: { selector: { app: 'x', extra: 'y' } } },
    owned: { 'f:spec': { 'f:selector': leaf } },
    changed: ['/spec/selector'],
  },
  {
    name: 'defaults inside an atomic list',
    intent: { spec: { ingress: [{ ports: [{ port: 80 }] }] } },
    live: { spec: { ingress: [{ ports: [{ port: 80, protocol: 'TCP' }] }] } },
    owned: { 'f:spec': { 'f:ingress': leaf } },
  },
  {
    name: 'anything else inside an atomic list',
    intent: { spec: { ingress: [{ ports: [{ port: 80 }] }] } },
    live: { spec: { ingress: [{ ports: [{ port: 80, endPort: 9000 }] }] } },
    owned: { 'f:spec': { 'f:ingress': leaf } },
    changed: ['/spec/ingress'],
  },
  {
    name: 'an empty selector is everything, no selector is nothing',
    intent: { spec: { from: [{ namespaceSelector: {}, podSelector: { a: 'b' } }] } },
    live: { spec: { from: [{ podSelector: { a: 'b' } }] } },
    owned: { 'f:spec': { 'f:from': leaf } },
    changed: ['/spec/from'],
  },
  {
    name: 'an empty atomic map that somebody filled',
    intent: { spec: { podSelector: {} } },
    live: { spec: { podSelector: { matchLabels: { app: 'other' } } } },
    owned: { 'f:spec': { 'f:podSelector': leaf } },
    changed: ['/spec/podSelector'],
  },
  {
    name: 'quantities are amounts',
    intent: {
      spec: { resources: { limits: { cpu: 0.5, memory: '1024Mi' } }, emptyDir: { sizeLimit: '1000Ki' } },
    },
    live: {
      spec: { resources: { limits: { cpu: '500m', memory: '1Gi' } }, emptyDir: { sizeLimit: '1024000' } },
    },
    owned: {
      'f:spec': {
        'f:resources': { 'f:limits': { 'f:cpu': leaf, 'f:memory': leaf } },
        'f:emptyDir': { 'f:sizeLimit': leaf },
      },
    },
  },
  {
    name: 'other texts are not, even if they look like it',
    intent: { spec: { env: [item('LIMIT', { value: '1k' })] } },
    live: { spec: { env: [item('LIMIT', { value: '1000' })] } },
    owned: { 'f:spec': { 'f:env': { 'k:{"name":"LIMIT"}': node({ 'f:name': leaf, 'f:value': leaf }) } } },
    changed: ['/spec/env/0/value'],
  },
  {
    name: 'a text is not a number',
    intent: { spec: { port: 80 } },
    live: { spec: { port: '80' } },
    owned: { 'f:spec': { 'f:port': leaf } },
    changed: ['/spec/port'],
  },
  {
    name: 'a map where a list should be',
    intent: { spec: { list: ['a'], map: { a: 1 } } },
    live: { spec: { list: { a: 1 }, map: 'text' } },
    owned: { 'f:spec': { 'f:list': leaf, 'f:map': leaf } },
    changed: ['/spec/list', '/spec/map'],
  },
  {
    name: 'names that need escaping in a pointer',
    intent: { data: {} },
    live: { data: { 'a/b~c': '1' } },
    owned: { 'f:data': { 'f:a/b~c': leaf } },
    foreign: ['/data/a~1b~0c'],
  },
  {
    name: 'any root but status and metadata',
    intent: { rules: [{ verbs: ['get'] }] },
    live: { rules: [{ verbs: ['get'] }], aggregationRule: { x: 1 } },
    owned: { 'f:rules': leaf, 'f:aggregationRule': leaf },
    foreign: ['/aggregationRule'],
  },
  {
    name: 'credentials that OpenShift adds to service accounts',
    intent: { automountServiceAccountToken: false },
    live: {
      automountServiceAccountToken: false,
      secrets: [item('dockercfg')],
      imagePullSecrets: [item('dockercfg')],
    },
    owned: {
      'f:automountServiceAccountToken': leaf,
      'f:secrets': { 'k:{"name":"dockercfg"}': leaf },
      'f:imagePullSecrets': { 'k:{"name":"dockercfg"}': leaf },
    },
    kind: 'ServiceAccount',
  },
  {
    name: 'the mark of a rollout restart, alone',
    intent: { spec: { template: { metadata: { labels: { a: 'b' } } } } },
    live: {
      spec: {
        template: {
          metadata: { labels: { a: 'b' }, annotations: { 'kubectl.kubernetes.io/restartedAt': 'now' } },
        },
      },
    },
    owned: {
      'f:spec': {
        'f:template': {
          'f:metadata': {
            'f:labels': { 'f:a': leaf },
            'f:annotations': node({ 'f:kubectl.kubernetes.io/restartedAt': leaf }),
          },
        },
      },
    },
  },
  {
    name: 'the mark of a rollout restart, among annotations of ours',
    intent: { spec: { template: { metadata: { annotations: { mine: '1' } } } } },
    live: {
      spec: {
        template: { metadata: { annotations: { mine: '1', 'kubectl.kubernetes.io/restartedAt': 'now' } } },
      },
    },
    owned: {
      'f:spec': {
        'f:template': {
          'f:metadata': {
            'f:annotations': { 'f:mine': leaf, 'f:kubectl.kubernetes.io/restartedAt': leaf },
          },
        },
      },
    },
  },
  {
    name: 'the name of that mark where it means something else: no node has such a label',
    intent: { spec: { template: { spec: { a: 1 } } } },
    live: {
      spec: {
        template: { spec: { a: 1, nodeSelector: { 'kubectl.kubernetes.io/restartedAt': 'never' } } },
      },
    },
    owned: { 'f:spec': { 'f:template': { 'f:spec': { 'f:a': leaf, 'f:nodeSelector': leaf } } } },
    foreign: ['/spec/template/spec/nodeSelector'],
  },
  {
    name: 'additions whose record was wiped, where the defaults are known',
    intent: {
      spec: {
        template: {
          metadata: { labels: { a: 'b' } },
          spec: { containers: [item('server')], serviceAccountName: 'own' },
        },
      },
    },
    live: {
      spec: {
        replicas: 3,
        progressDeadlineSeconds: 600,
        template: {
          metadata: { labels: { a: 'b' }, creationTimestamp: null },
          spec: {
            containers: [item('server', { terminationMessagePolicy: 'File', tty: true }), item('spy')],
            serviceAccountName: 'own',
            serviceAccount: 'own',
            restartPolicy: 'Always',
            securityContext: {},
            hostNetwork: true,
          },
        },
      },
    },
    owned: {
      'f:spec': {
        'f:template': { 'f:spec': { 'f:containers': keyed('server'), 'f:serviceAccountName': leaf } },
      },
    },
    kind: 'Deployment',
    foreign: [
      '/spec/template/spec/hostNetwork',
      '/spec/template/spec/containers/1',
      '/spec/template/spec/containers/0/tty',
    ],
  },
  {
    name: 'a policy that selects nothing any more, its record wiped',
    intent: { spec: { podSelector: { matchLabels: { a: 'b' } } } },
    live: { spec: { podSelector: { matchLabels: { a: 'b' }, matchExpressions: [{ key: 'x' }] } } },
    owned: {},
    kind: 'NetworkPolicy',
    foreign: ['/spec/podSelector/matchExpressions'],
  },
];

describe('drift', () => {
  it.each(rows)('$name', ({ intent, live, owned, changed = [], foreign = [], subresource = '', kind }) => {
    const managers = ['somebody', OURS].map((manager) =>
      internOwnership([{ manager, operation: 'Update', subresource, fieldsV1: owned }]),
    );
    // Who owns a path makes no difference: our own name can be claimed by anybody.
    for (const ownership of managers) {
      const drift = findDrift(thing(intent, {}, kind), thing(live, {}, kind), ownership, OURS);
      expect(drift.changed.map(({ path }) => path)).toEqual(changed);
      expect(drift.foreign.map(({ path }) => path)).toEqual(foreign);
      expect(isClean(drift)).toBe(changed.length + foreign.length === 0);
    }
  });

  const own = (fields: FieldTree, manager = OURS) =>
    internOwnership([{ manager, operation: 'Apply', fieldsV1: { 'f:metadata': { 'f:labels': fields } } }]);

  it('of labels: ours must be there, those of others may be', () => {
    const intent = thing({}, { labels: { app: 'x' } });
    const live = thing({}, { labels: { app: 'x', theirs: 'y' } });
    expect(isClean(findDrift(intent, live, own({ 'f:theirs': leaf }, 'others'), OURS))).toBe(true);
    const changed = findDrift(intent, thing({}, { labels: { app: 'z' } }), [], OURS);
    expect(changed.changed).toEqual([{ path: '/metadata/labels/app', live: 'z' }]);
  });

  it('of labels: one that we once set and no longer want goes', () => {
    const live = thing({}, { labels: { app: 'x', old: 'y' } });
    const drift = findDrift(
      thing({}, { labels: { app: 'x' } }),
      live,
      own({ 'f:app': leaf, 'f:old': leaf }),
      OURS,
    );
    expect(drift).toEqual({ changed: [], foreign: [{ path: '/metadata/labels/old', live: 'y' }] });
  });

  it('of a list with tens of thousands of items is found in time, lest one object starve all others', () => {
    const names = Array.from({ length: 20_000 }, (_value, index) => `v${index}`);
    const env = names.map((name) => item(name));
    const owned = Object.fromEntries(names.map((name) => [`k:{"name":"${name}"}`, { 'f:name': leaf }]));
    const ownership = internOwnership([
      { manager: 'somebody', operation: 'Update', fieldsV1: { 'f:spec': { 'f:env': owned } } },
    ]);
    const startedAt = performance.now();
    const drift = findDrift(
      thing({ spec: { env: [item('v7')] } }),
      thing({ spec: { env } }),
      ownership,
      OURS,
    );
    expect(drift.foreign).toHaveLength(names.length - 1);
    // Comparing each with each took half a minute: longer than a leader may be silent.
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });

  it('of owners: ours must be there as it is, others may be', () => {
    const reference = { apiVersion: 'v1', kind: 'Owner', name: 'o', uid: '1', controller: true };
    const intent = thing({}, { ownerReferences: [reference] });
    const clean = thing({}, { ownerReferences: [{ ...reference, uid: '2', controller: false }, reference] });
    expect(isClean(findDrift(intent, clean, [], OURS))).toBe(true);
    for (const references of [[], [{ ...reference, controller: false }], [{ ...reference, uid: '2' }]]) {
      const drift = findDrift(intent, thing({}, { ownerReferences: references }), [], OURS);
      expect(drift.changed.map(({ path }) => path)).toEqual(['/metadata/ownerReferences']);
    }
  });
});
