/**
 * The policy that a cluster begins with. Whether there is to be one is decided once: a marker in the operator's own namespace says that it
 * was, so that an administrator who deletes the policy has the last word. The marker comes after the policy: whoever is killed between
 * the two finds the policy at the next start, and only the marker is missing.
 */
import { DEFAULT_POLICY_SPEC } from '../../api/index.ts';
import {
  AlreadyExistsError,
  type KubernetesClient,
  type KubernetesObject,
  type ObjectKey,
  type ReconcileContext,
  type Reconciler,
  type ReconcileResult,
  type ResourceType,
  type Store,
} from '../../operator/runtime/index.ts';
import { SECURITY_POLICY } from './kinds.ts';

/** Name of the policy. */
export const DEFAULT_POLICY = 'default';

/** Name of the ConfigMap that remembers. */
export const DEFAULT_POLICY_MARKER = 'mcp-operator-default-policy';

const CONFIG_MAP: ResourceType = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
};

export interface DefaultPolicyOptions {
  readonly client: Pick<KubernetesClient, 'get' | 'create'>;
  readonly policies: Pick<Store<KubernetesObject>, 'size'>;
  /** The operator's own. */
  readonly namespace: string;
  readonly fieldManager: string;
}

/** Asked once a process; it is tried again until it has its answer. */
export class DefaultPolicyReconciler implements Reconciler {
  readonly #options: DefaultPolicyOptions;

  constructor(options: DefaultPolicyOptions) {
    this.#options = options;
  }

  async reconcile(_key: ObjectKey, { signal, logger }: ReconcileContext): Promise<ReconcileResult> {
    const { client, policies, namespace } = this.#options;
    const marker = { namespace, name: DEFAULT_POLICY_MARKER };
    if ((await client.get(CONFIG_MAP, marker, signal)) !== undefined) return { kind: 'done' };
    if (policies.size === 0 && (await this.#create(SECURITY_POLICY, defaultPolicy(), signal)))
      logger.info('default policy created', { policy: DEFAULT_POLICY });
    await this.#create(CONFIG_MAP, markerObject(marker), signal);
    return { kind: 'done' };
  }

  /** @returns whether it was not there yet. */
  async #create(type: ResourceType, object: KubernetesObject, signal: AbortSignal): Promise<boolean> {
    const { client, fieldManager } = this.#options;
    try {
      await client.create(type, object, { fieldManager }, signal);
      return true;
    } catch (error) {
      if (error instanceof AlreadyExistsError) return false;
      throw error;
    }
  }
}

function defaultPolicy(): KubernetesObject & { readonly spec: object } {
  const { group, version, kind } = SECURITY_POLICY;
  const annotations = {
    'kubernetes.io/description':
      'Made once by the operator, which never changes it and does not make it again: change or delete it as you like.',
  };
  return {
    apiVersion: `${group}/${version}`,
    kind,
    metadata: { name: DEFAULT_POLICY, annotations },
    spec: DEFAULT_POLICY_SPEC,
  };
}

function markerObject({ namespace, name }: ObjectKey): KubernetesObject & { readonly data: object } {
  return {
    apiVersion: 'v1',
    kind: CONFIG_MAP.kind,
    metadata: { name, namespace, labels: { 'app.kubernetes.io/managed-by': 'mcp-operator' } },
    data: {
      meaning: `It was decided whether this cluster begins with the MCPSecurityPolicy ${DEFAULT_POLICY}. Without this ConfigMap, the operator decides again when it starts.`,
    },
  };
}
