/**
 * The node's network: a network namespace with one link to the host. kube-proxy, the CNI plugins and the pods live in it, so
 * two clusters on one machine do not overwrite each other's rules, and deleting the namespace deletes all of them.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../exec.ts';
import type { Instance, NodeNetwork } from '../instance.ts';

type Command = readonly [program: string, ...args: string[]];

const NAMESPACES = '/run/netns';
/** The link's name inside of the namespace. */
const NODE_DEVICE = 'eth0';

/** Puts a command line into the node's network namespace. The process id stays that of the command. */
export function inNamespace(network: NodeNetwork, command: string, args: readonly string[]): Command {
  return ['nsenter', `--net=${join(NAMESPACES, network.name)}`, command, ...args];
}

/** Commands that make the network, in order. */
function setUpCommands({ network, serviceRange }: Instance): readonly Command[] {
  const { name, hostAddress, nodeAddress, linkPrefix, podRange } = network;
  const inside = (...args: [string, ...string[]]): Command => inNamespace(network, args[0], args.slice(1));
  return [
    ['ip', 'netns', 'add', name],
    ['ip', 'link', 'add', name, 'type', 'veth', 'peer', 'name', NODE_DEVICE, 'netns', name],
    ['ip', 'address', 'add', `${hostAddress}/${linkPrefix}`, 'dev', name],
    ['ip', 'link', 'set', name, 'up'],
    inside('ip', 'link', 'set', 'lo', 'up'),
    inside('ip', 'address', 'add', `${nodeAddress}/${linkPrefix}`, 'dev', NODE_DEVICE),
    inside('ip', 'link', 'set', NODE_DEVICE, 'up'),
    inside('ip', 'route', 'add', 'default', 'via', hostAddress),
    inside('sysctl', '-q', '-w', 'net.ipv4.ip_forward=1'),
    // The host reaches pods (webhooks, port-forward) and Services through the node.
    ['ip', 'route', 'add', podRange, 'via', nodeAddress],
    ['ip', 'route', 'add', serviceRange, 'via', nodeAddress],
  ];
}

/** nftables rules on the host that let pods reach the world outside in the host's name. */
export function masqueradeRules({ name, podRange, nodeAddress }: NodeNetwork): string {
  return [
    `table ip ${name} {`,
    '  chain postrouting {',
    '    type nat hook postrouting priority srcnat;',
    `    ip saddr { ${podRange}, ${nodeAddress} } oifname != "${name}" masquerade`,
    '  }',
    '}',
    '',
  ].join('\n');
}

/** Makes the network. Rejects with what `ip` or `nft` said. */
export async function setUpNetwork(cluster: Instance): Promise<void> {
  for (const [program, ...args] of setUpCommands(cluster)) await run(program, args);
  await run('nft', ['-f', '-'], { input: masqueradeRules(cluster.network) });
  await run('sysctl', ['-q', '-w', 'net.ipv4.ip_forward=1']);
}

/** Deletes the network and everything in it. Parts that are not there are passed over. */
export async function tearDownNetwork(network: NodeNetwork): Promise<void> {
  await run('nft', ['-f', '-'], { input: `add table ip ${network.name}\ndelete table ip ${network.name}\n` });
  if (await namespaceExists(network.name)) await run('ip', ['netns', 'delete', network.name]);
  // The kernel deletes the link with the namespace, but in its own time.
  if (await deviceExists(network.name))
    await run('ip', ['link', 'delete', network.name]).catch(ignoreIfGone(network.name));
}

function ignoreIfGone(device: string): (error: unknown) => Promise<void> {
  return async (error) => {
    if (await deviceExists(device)) throw error;
  };
}

/** Whether the node's network namespace is there. */
export async function namespaceExists(name: string): Promise<boolean> {
  return (await entries(NAMESPACES)).includes(name);
}

async function deviceExists(name: string): Promise<boolean> {
  return (await entries('/sys/class/net')).includes(name);
}

async function entries(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch {
    // The folder appears with the first namespace.
    return [];
  }
}
