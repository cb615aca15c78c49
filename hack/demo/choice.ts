/**
 * Which cluster the demo uses, decided from the environment and the machine alone. In order: one the user names, kind when it is asked
 * for or when it is all there is, else one of the demo's own on this machine.
 */
import { ConfigError } from '../../core/errors.ts';

/** What the decision looks at. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly isRoot: boolean;
  /** Docker answers and `kind` is installed. */
  readonly hasKind: boolean;
}

/** A registry to push to, or images that somebody has already pushed, all three under one prefix. */
export type ImageOrigin =
  | { readonly kind: 'push'; readonly prefix: string }
  | { readonly kind: 'pushed'; readonly prefix: string; readonly operator: string };

/** The cluster of the demo. */
export type Choice =
  | { readonly kind: 'local' }
  | { readonly kind: 'kind' }
  | { readonly kind: 'existing'; readonly kubeconfig: string; readonly images: ImageOrigin };

type Environment = Readonly<Record<string, string | undefined>>;

const REMEDY =
  'run it as root on Debian or Ubuntu (sudo make demo), or with Docker and kind installed, or on a cluster of yours: ' +
  'KUBECONFIG=file REGISTRY=registry.example.com/team make demo';

const KIND_MISSING =
  'CLUSTER is kind, and Docker with kind is not to be had here: install kind (https://kind.sigs.k8s.io) and start Docker, or leave CLUSTER out';

/** Throws a {@link ConfigError} that lists the three ways when none of them is open. */
export function chooseCluster(env: Environment, machine: Machine): Choice {
  const { KUBECONFIG: kubeconfig = '', CLUSTER: wanted = '' } = env;
  const images = imageOrigin(env);
  if (images !== undefined) {
    if (kubeconfig !== '') return { kind: 'existing', kubeconfig, images };
    throw new ConfigError('IMAGE and REGISTRY are for a cluster of yours: set KUBECONFIG as well');
  }
  if (wanted !== '') return namedCluster(wanted, machine);
  if (machine.platform === 'linux' && machine.isRoot) return { kind: 'local' };
  if (machine.hasKind) return { kind: 'kind' };
  throw new ConfigError(`the demo needs a Kubernetes with a node: ${REMEDY}`);
}

function namedCluster(wanted: string, { hasKind }: Machine): Choice {
  if (wanted === 'kind' && !hasKind) throw new ConfigError(KIND_MISSING);
  if (wanted === 'kind' || wanted === 'local') return { kind: wanted };
  throw new ConfigError(`CLUSTER is ${wanted}: use local or kind`);
}

/** The command that takes the demo away again: with the settings that led to its cluster. */
export function cleanUpCommand(env: Environment): string {
  const names = ['CLUSTER', 'CLUSTER_INSTANCE', 'CLUSTER_DIRECTORY', 'IMAGE', 'REGISTRY'];
  if (imageOrigin(env) !== undefined) names.push('KUBECONFIG');
  const settings = names.filter((name) => (env[name] ?? '') !== '').map((name) => `${name}=${env[name]}`);
  return ['make demo-down', ...settings].join(' ');
}

function imageOrigin({ IMAGE = '', REGISTRY = '' }: Environment): ImageOrigin | undefined {
  if (REGISTRY !== '') return { kind: 'push', prefix: REGISTRY.replace(/\/+$/, '') };
  if (IMAGE === '') return undefined;
  const slash = IMAGE.lastIndexOf('/');
  if (slash > 0) return { kind: 'pushed', prefix: IMAGE.slice(0, slash), operator: IMAGE };
  throw new ConfigError(
    `IMAGE is ${IMAGE}: name it with its registry, and push the sample servers' images beside it`,
  );
}
