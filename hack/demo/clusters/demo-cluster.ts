/**
 * What the demo needs from a cluster, whoever runs it.
 */
import type { ShowOptions } from '../command.ts';

/** A node that is this machine, on which volumes are folders. */
export interface NodeVolumes {
  /** The node's name. */
  readonly name: string;
  /** Folder for the operator's store, on this machine; goes with the cluster. */
  readonly directory: string;
}

/** A cluster that the demo can start, fill and leave. */
export interface DemoCluster {
  /** For the heading: what is about to happen. */
  readonly description: string;
  readonly kubeconfig: string;
  /** What stands before `mcp-operator:tag` and the sample images in references on this cluster. */
  readonly imagePrefix: string;
  /** The operator's image, when all images are there already and none is built here. */
  readonly operatorImage?: string;
  /** Where volumes are made by hand; absent when the cluster has a StorageClass for that. */
  readonly volumes?: NodeVolumes;
  /** Starts it, or finds it running. */
  start(signal: AbortSignal): Promise<void>;
  /** Builds the image of a folder with a Dockerfile, and makes it available under `reference`. */
  ship(context: string, reference: string, options: ShowOptions): Promise<void>;
  /** Undoes {@link start}; absent when the cluster is not the demo's to stop. */
  stop?(signal: AbortSignal): Promise<void>;
}
