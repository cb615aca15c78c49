/**
 * Clusters side by side: everything that two of them could fight over (addresses, ports, names of devices) follows from one
 * small number. Instance 0 is the everyday one.
 */
import { resolve } from 'node:path';
import { ConfigError } from '../../core/errors.ts';

/** Highest instance: the pod and service ranges below are divided into 16. */
export const LAST_INSTANCE = 15;

/** Where the control plane listens. */
export interface Endpoints {
  readonly host: string;
  readonly apiServer: number;
  readonly etcdClient: number;
  readonly etcdPeer: number;
}

/** Names and addresses of the node's network, which lives in a network namespace of its own. */
export interface NodeNetwork {
  /** Name of the network namespace, and of the device on the host that leads into it. */
  readonly name: string;
  /** The host's address on the link: where the control plane of a cluster with a node listens. */
  readonly hostAddress: string;
  /** The node's address on the link. */
  readonly nodeAddress: string;
  readonly linkPrefix: number;
  readonly podRange: string;
}

/** One cluster on this machine. */
export interface Instance {
  readonly number: number;
  /** Absolute; holds the kubeconfig, the state, the data and the logs. */
  readonly directory: string;
  readonly serviceRange: string;
  /** The cluster address of the `kubernetes` Service. */
  readonly apiServiceAddress: string;
  readonly dnsAddress: string;
  readonly network: NodeNetwork;
  /** For a control plane alone, which listens on the loopback. */
  readonly loopback: Endpoints;
  /** For a cluster with a node, which must be able to reach the control plane. */
  readonly link: Endpoints;
}

/** Derives an instance from its number. The directory defaults to `.cluster`, and `.cluster/N` for the others. */
export function instance(number: number, directory?: string): Instance {
  const share = number * 16;
  const hostAddress = `10.87.${number}.1`;
  return {
    number,
    directory: resolve(directory ?? (number === 0 ? '.cluster' : `.cluster/${number}`)),
    serviceRange: `10.96.${share}.0/20`,
    apiServiceAddress: `10.96.${share}.1`,
    dnsAddress: `10.96.${share}.10`,
    network: {
      name: `kilo-mcp-${number}`,
      hostAddress,
      nodeAddress: `10.87.${number}.2`,
      linkPrefix: 30,
      podRange: `10.88.${share}.0/20`,
    },
    loopback: {
      host: '127.0.0.1',
      apiServer: 6443 + number * 10,
      etcdClient: 2379 + number * 10,
      etcdPeer: 2380 + number * 10,
    },
    link: { host: hostAddress, apiServer: 6443, etcdClient: 2379, etcdPeer: 2380 },
  };
}

/** Reads an instance number as a user typed it; nothing means 0. */
export function parseInstanceNumber(text: string | undefined): number {
  if (text === undefined || text === '') return 0;
  const number = Number(text);
  if (Number.isInteger(number) && number >= 0 && number <= LAST_INSTANCE) return number;
  throw new ConfigError(`CLUSTER_INSTANCE is ${text}: give a whole number from 0 to ${LAST_INSTANCE}`);
}
