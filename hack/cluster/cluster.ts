/**
 * A whole cluster, control plane and node, as an object: for tests that need pods to run.
 */
import { ConfigError } from '../../core/errors.ts';
import { kubernetesVersion } from './binaries/index.ts';
import { takeDown } from './down.ts';
import { loadImage } from './images/load.ts';
import { instance } from './instance.ts';
import { freeInstance } from './node/free-instance.ts';
import { nodePaths } from './node/settings.ts';
import { silentReporter, type Reporter } from './report.ts';
import { bringUp, kubeconfigPath } from './up.ts';

/** How to start a cluster. */
export interface ClusterOptions {
  /** Receives data, certificates, logs and the kubeconfig. */
  readonly directory: string;
  /** Which of the clusters of this machine; by default one that is free. */
  readonly instanceNumber?: number;
  /** Of Kubernetes, such as `1.36.3`; by default `$KUBERNETES_VERSION`, else the project's default. */
  readonly version?: string | undefined;
  readonly report?: Reporter;
  readonly signal?: AbortSignal;
}

/** A running cluster. */
export interface Cluster {
  /** Of an administrator. */
  readonly kubeconfigPath: string;
  readonly version: string;
  /** Brings an image to the node: by the tag it was built under, or the path of an archive. */
  loadImage(image: string): Promise<void>;
  /** Ends everything and deletes the data. May be called again. */
  stop(): Promise<void>;
}

/** Starts a cluster with a node and DNS and waits until pods can run. Needs root on Linux. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { signal, report = silentReporter } = options;
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    throw new ConfigError('a cluster with a node needs root on Linux: run this as root');
  }
  const cluster = instance(options.instanceNumber ?? (await freeInstance()), options.directory);
  const version = kubernetesVersion(options.version);
  await bringUp({ cluster, kubernetesVersion: version, withNode: true, audit: false, report, signal });
  return {
    kubeconfigPath: kubeconfigPath(cluster),
    version,
    loadImage: (image) => loadImage(nodePaths(cluster).containerdSocket, image),
    stop: async () => {
      await takeDown(cluster, report);
    },
  };
}
