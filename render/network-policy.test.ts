import { describe, expect, it } from 'vitest';
import { LABELS } from '../api/index.ts';
import { renderNetworkPolicy } from './network-policy.ts';
import { DEFAULT_RENDER_SETTINGS } from './settings.ts';
import { aServer } from './testing/a-server.ts';
import { isConnectionAllowed, type Connection, type Endpoint } from './testing/network-policies.ts';

const namespace = (name: string) => ({ name, labels: { 'kubernetes.io/metadata.name': name } });
const pod = (namespaceName: string, labels: Record<string, string>): Endpoint => ({
  namespace: namespace(namespaceName),
  labels,
});

const server = pod('team-a', { [LABELS.server]: 'github' });
const otherServer = pod('team-a', { [LABELS.server]: 'jira' });
const client = pod('team-a', { [LABELS.client]: 'true' });
const foreignClient = pod('team-b', { [LABELS.client]: 'true' });
const neighbour = pod('team-a', { app: 'web' });
const operator = pod('mcp-system', { 'app.kubernetes.io/name': 'mcp-operator' });
const operatorsNeighbour = pod('mcp-system', { app: 'other' });
const impostor = pod('team-b', { 'app.kubernetes.io/name': 'mcp-operator' });
const dns = pod('kube-system', { 'k8s-app': 'kube-dns' });
const dnsNeighbour = pod('kube-system', { 'k8s-app': 'metrics-server' });
const internet: Endpoint = { address: '140.82.121.6' };
const metadataService: Endpoint = { address: '169.254.169.254' };

const closed = aServer();
const opened = aServer({
  network: {
    ingress: [{ from: [{ podSelector: { matchLabels: { app: 'web' } } }], ports: [{ port: 8080 }] }],
    egress: [
      { to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['169.254.0.0/16'] } }], ports: [{ port: 443 }] },
    ],
  },
});

const CASES: readonly (readonly [string, Connection, { closed: boolean; opened: boolean }])[] = [
  ['the operator probes', { from: operator, to: server, port: 8080 }, { closed: true, opened: true }],
  ['the operator, another port', { from: operator, to: server, port: 22 }, { closed: false, opened: false }],
  [
    "a neighbour in the operator's namespace",
    { from: operatorsNeighbour, to: server, port: 8080 },
    { closed: false, opened: false },
  ],
  [
    "the operator's labels elsewhere",
    { from: impostor, to: server, port: 8080 },
    { closed: false, opened: false },
  ],
  ['a labelled client', { from: client, to: server, port: 8080 }, { closed: true, opened: true }],
  [
    'a labelled client, another port',
    { from: client, to: server, port: 9 },
    { closed: false, opened: false },
  ],
  [
    'a client of another namespace',
    { from: foreignClient, to: server, port: 8080 },
    { closed: false, opened: false },
  ],
  ['another pod', { from: neighbour, to: server, port: 8080 }, { closed: false, opened: true }],
  ['the internet, inwards', { from: internet, to: server, port: 8080 }, { closed: false, opened: false }],
  [
    'another server (no client label)',
    { from: otherServer, to: server, port: 8080 },
    { closed: false, opened: false },
  ],
  ['DNS', { from: server, to: dns, port: 53, protocol: 'UDP' }, { closed: true, opened: true }],
  ['DNS over TCP', { from: server, to: dns, port: 53 }, { closed: true, opened: true }],
  ['the DNS pods, another port', { from: server, to: dns, port: 9153 }, { closed: false, opened: false }],
  [
    'port 53 elsewhere',
    { from: server, to: internet, port: 53, protocol: 'UDP' },
    { closed: false, opened: false },
  ],
  ['port 53 beside DNS', { from: server, to: dnsNeighbour, port: 53 }, { closed: false, opened: false }],
  ['the internet', { from: server, to: internet, port: 443 }, { closed: false, opened: true }],
  [
    'the metadata service',
    { from: server, to: metadataService, port: 443 },
    { closed: false, opened: false },
  ],
  ['the operator, outwards', { from: server, to: operator, port: 8080 }, { closed: false, opened: false }],
];

describe('NetworkPolicy', () => {
  it.each(CASES)('%s', (_name, connection, allowed) => {
    const judge = (which: typeof closed): boolean =>
      isConnectionAllowed([renderNetworkPolicy(which, DEFAULT_RENDER_SETTINGS)], connection);
    expect({ closed: judge(closed), opened: judge(opened) }).toEqual(allowed);
  });

  it('closes both directions even when nothing is declared', () => {
    expect(renderNetworkPolicy(closed, DEFAULT_RENDER_SETTINGS).spec.policyTypes).toEqual([
      'Ingress',
      'Egress',
    ]);
  });
});
