/**
 * Configuration files and command lines of the node's programs. Pure: from an instance and file names to texts.
 */
import { join } from 'node:path';
import type { KeyPairFiles } from '../control-plane/files.ts';
import type { Instance } from '../instance.ts';

/** The node's name; a cluster has one node. */
export const NODE_NAME = 'node1';

/** The image of the container that holds each pod's namespaces. */
export const PAUSE_IMAGE = 'localhost/kilo-mcp/pause:1';

/** Folders and files of the node. */
export interface NodePaths {
  /** Images and containers. */
  readonly containerdRoot: string;
  /** Sockets and mounts; short, because a socket's path has at most 107 bytes, and on a file system that a reboot empties. */
  readonly runtime: string;
  readonly containerdSocket: string;
  readonly containerdConfig: string;
  readonly cniConfig: string;
  readonly cniData: string;
  readonly kubeletRoot: string;
  readonly kubeletConfig: string;
  readonly kubeletKubeconfig: string;
  readonly podLogs: string;
  readonly proxyConfig: string;
  readonly proxyKubeconfig: string;
}

/** Where an instance keeps them. */
export function nodePaths({ directory, network }: Instance): NodePaths {
  const inDirectory = (name: string): string => join(directory, 'node', name);
  const runtime = join('/run', network.name);
  return {
    containerdRoot: inDirectory('containerd'),
    runtime,
    containerdSocket: join(runtime, 'containerd.sock'),
    containerdConfig: inDirectory('containerd.toml'),
    cniConfig: inDirectory('cni'),
    cniData: inDirectory('cni-addresses'),
    kubeletRoot: inDirectory('kubelet'),
    kubeletConfig: inDirectory('kubelet.json'),
    kubeletKubeconfig: inDirectory('kubelet.kubeconfig'),
    podLogs: inDirectory('pod-logs'),
    proxyConfig: inDirectory('kube-proxy.json'),
    proxyKubeconfig: inDirectory('kube-proxy.kubeconfig'),
  };
}

/** containerd's configuration. Its format 2 is read by 1.6 as well as by 2.x. */
export function containerdToml(paths: NodePaths, cniPlugins: string): string {
  const text = (value: string): string => JSON.stringify(value);
  return `version = 2
root = ${text(paths.containerdRoot)}
state = ${text(join(paths.runtime, 'containerd'))}

[grpc]
  address = ${text(paths.containerdSocket)}

[plugins."io.containerd.internal.v1.opt"]
  path = ${text(join(paths.containerdRoot, 'opt'))}

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = ${text(PAUSE_IMAGE)}
  # Without CAP_SYS_RESOURCE a container could not be given a lower OOM score than containerd's, and no pod would start.
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true

  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = ${text(cniPlugins)}
    conf_dir = ${text(paths.cniConfig)}
`;
}

/**
 * The pods' network: a routed link for each pod. (On a bridge, the answer of a Service's pod to its neighbour would bypass the
 * address translation unless the kernel has br_netfilter.)
 */
export function cniConfig({ network }: Instance, paths: NodePaths): object {
  return {
    cniVersion: '0.4.0',
    name: network.name,
    plugins: [
      {
        type: 'ptp',
        ipam: {
          type: 'host-local',
          dataDir: paths.cniData,
          ranges: [[{ subnet: network.podRange }]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
    ],
  };
}

/** What the kubelet's configuration depends on besides the instance. */
export interface KubeletInputs {
  readonly authority: string;
  readonly server: KeyPairFiles;
  readonly resolvConf: string;
}

/** The kubelet's configuration. */
export function kubeletConfig(cluster: Instance, paths: NodePaths, inputs: KubeletInputs): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    containerRuntimeEndpoint: `unix://${paths.containerdSocket}`,
    authentication: { anonymous: { enabled: false }, x509: { clientCAFile: inputs.authority } },
    tlsCertFile: inputs.server.certificate,
    tlsPrivateKeyFile: inputs.server.key,
    clusterDNS: [cluster.dnsAddress],
    clusterDomain: 'cluster.local',
    resolvConf: inputs.resolvConf,
    podLogsDir: paths.podLogs,
    // Kubelets that shared a cgroup root would delete each other's pods as orphans.
    cgroupRoot: `/${cluster.network.name}`,
    cgroupDriver: 'cgroupfs',
    failCgroupV1: false,
    failSwapOn: false,
    enforceNodeAllocatable: [],
    makeIPTablesUtilChains: false,
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
    // 100 turns the collection of unused images off: what was loaded by hand cannot be pulled again.
    imageGCHighThresholdPercent: 100,
    readOnlyPort: 0,
  };
}

/** The kubelet's command line. */
export function kubeletArguments({ network }: Instance, paths: NodePaths): readonly string[] {
  return [
    `--config=${paths.kubeletConfig}`,
    `--kubeconfig=${paths.kubeletKubeconfig}`,
    `--root-dir=${paths.kubeletRoot}`,
    `--node-ip=${network.nodeAddress}`,
    `--hostname-override=${NODE_NAME}`,
  ];
}

/** kube-proxy's configuration. */
export function proxyConfig({ network }: Instance, paths: NodePaths): object {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'nftables',
    clusterCIDR: network.podRange,
    hostnameOverride: NODE_NAME,
    clientConnection: { kubeconfig: paths.proxyKubeconfig },
    // By default rules follow the endpoints a second late.
    nftables: { minSyncPeriod: '100ms' },
    // Sysctls that may not be writable; the kernel's defaults do for one node.
    conntrack: { maxPerCore: 0, min: 0 },
  };
}
