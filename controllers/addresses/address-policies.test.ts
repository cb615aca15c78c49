import { describe, expect, it } from 'vitest';
import type { Informers, KubernetesObject, ResourceType } from '../../operator/runtime/index.ts';
import { createAddressPolicies } from './address-policies.ts';
import type { EndpointSlice, Node, ServiceCIDR } from './kinds.ts';

const object = <T>(kind: string, fields: T, namespace?: string) => ({
  apiVersion: 'v1',
  kind,
  metadata: { name: 'x', ...(namespace !== undefined && { namespace }) },
  ...fields,
});
const node = (...addresses: string[]): Node =>
  object('Node', {
    spec: { podCIDRs: ['10.244.0.0/24', 'nonsense'] },
    status: {
      addresses: [
        { type: 'Hostname', address: 'node-1' },
        ...addresses.map((address) => ({ type: 'InternalIP', address })),
      ],
    },
  });
const serviceCIDR: ServiceCIDR = object('ServiceCIDR', {
  spec: { cidrs: ['10.96.0.0/16', 'fd00:96::/112'] },
});
const slice = (address: string, namespace: string): EndpointSlice =>
  object('EndpointSlice', { endpoints: [{ addresses: [address] }] }, namespace);

/** Informers that hold what `objects` says, and tell of changes when told to. */
function informers(objects: Record<string, KubernetesObject[]>) {
  const handlers: (() => void)[] = [];
  const registry = {
    for: (type: ResourceType) => ({
      type,
      hasSynced: () => true,
      lastSyncResourceVersion: () => '1',
      store: { list: () => objects[type.kind] ?? [] },
      addHandler: (handler: () => void) => {
        handlers.push(handler);
        return () => undefined;
      },
    }),
  };
  return {
    registry: registry as unknown as Informers,
    changed: () => handlers.forEach((handler) => handler()),
  };
}

const OBJECTS = {
  Node: [node('192.168.1.10')],
  ServiceCIDR: [serviceCIDR],
  EndpointSlice: [slice('172.16.0.5', 'default'), slice('203.0.114.9', 'tenant')],
};
const NOTHING = { allowedCIDRs: [], refusedCIDRs: [] };

describe('address policies', () => {
  const { registry } = informers(OBJECTS);
  const { policies } = createAddressPolicies(registry, {
    allowedCIDRs: ['10.244.0.64/26'],
    refusedCIDRs: ['10.9.0.0/16'],
  });

  it.each([
    { name: 'a pod', address: '10.244.0.7', pod: 'allowed', remote: 'refused' },
    { name: 'a pod in a range that is opened', address: '10.244.0.70', pod: 'allowed', remote: 'allowed' },
    {
      name: 'a pod in a range that only the administrator knows',
      address: '10.9.0.1',
      pod: 'allowed',
      remote: 'refused',
    },
    { name: 'a Service', address: '10.96.3.4', pod: 'allowed', remote: 'refused' },
    { name: 'a Service, IPv6', address: 'fd00:96::1', pod: 'allowed', remote: 'refused' },
    { name: 'a node', address: '192.168.1.10', pod: 'refused', remote: 'refused' },
    { name: 'a node, as IPv6', address: '::ffff:192.168.1.10', pod: 'refused', remote: 'refused' },
    { name: 'the API server', address: '172.16.0.5', pod: 'refused', remote: 'refused' },
    {
      name: "what a tenant calls the API server's",
      address: '203.0.114.9',
      pod: 'allowed',
      remote: 'allowed',
    },
    { name: 'loopback', address: '127.0.0.1', pod: 'refused', remote: 'refused' },
    { name: 'the metadata service', address: '169.254.169.254', pod: 'refused', remote: 'refused' },
    { name: 'the internet', address: '140.82.121.6', pod: 'allowed', remote: 'allowed' },
    { name: "the company's network", address: '10.1.2.3', pod: 'allowed', remote: 'allowed' },
  ])('$name: as a pod $pod, as a remote server $remote', ({ address, pod, remote }) => {
    expect([policies.pod(address).kind, policies.remote(address).kind]).toEqual([pod, remote]);
  });

  it('follow the cluster', () => {
    const objects = { ...OBJECTS, Node: [...OBJECTS.Node] };
    const { registry: changing, changed } = informers(objects);
    const observed = createAddressPolicies(changing, NOTHING);
    for (const watch of observed.watches) watch.start(() => undefined);
    expect(observed.policies.remote('192.168.1.11').kind).toBe('allowed');
    objects.Node.push(node('192.168.1.11'));
    changed();
    expect(observed.policies.remote('192.168.1.11').kind).toBe('refused');
    expect(observed.policies.pod('192.168.1.11').kind).toBe('refused');
  });
});
