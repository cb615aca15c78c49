/** Where the controllers of approval look: the caches, the store and the API server's authorizers. */
import type {
  ApprovalDecision,
  ApprovalPolicy,
  ApprovalRequest,
  ComplianceCheck,
  MCPServer,
} from '../../api/index.ts';
import type { ActionTarget, ObservedTarget } from '../../approval/index.ts';
import type { Informer, KubernetesObject } from '../../operator/runtime/index.ts';
import type { RenderSettings } from '../../render/index.ts';
import type { Authority } from '../decisions/index.ts';
import { CHECK_KIND, REQUEST_INDEX, requestId, type Target } from './kinds.ts';

export interface ApprovalSources {
  readonly requests: Informer<ApprovalRequest>;
  readonly decisions: Informer<ApprovalDecision>;
  readonly policies: Informer<ApprovalPolicy>;
  readonly servers: Informer<MCPServer>;
  readonly checks: Informer<ComplianceCheck>;
  readonly namespaces: Informer<KubernetesObject>;
  readonly authority: Authority;
  readonly rendering: RenderSettings;
  /** The setting `approval.personKey`. */
  readonly personKey: string;
  /** Username of the executor's ServiceAccount; empty when there is none. */
  readonly executor: string;
}

/** What a request says of its target. */
type Reference = Pick<ActionTarget, 'kind' | 'name'>;

/** @returns the object of that kind and name, and who wrote it. */
export function targetOf(
  { servers, checks }: ApprovalSources,
  namespace: string,
  { kind, name }: Reference,
): { readonly target: Target | undefined; readonly managers: readonly string[] } {
  const informer: Informer<Target> = kind === CHECK_KIND ? checks : servers;
  const key = { namespace, name };
  const ownership = informer.store.ownership(key) ?? [];
  const managers = ownership.filter(({ subresource }) => subresource === '').map(({ manager }) => manager);
  return { target: informer.store.get(key), managers };
}

/** The target as it is now. A cache that has not seen yet what the request was made for says nothing. */
export function observedTarget(
  sources: ApprovalSources,
  namespace: string,
  bound: ActionTarget,
): ObservedTarget {
  const { servers, checks } = sources;
  if (!servers.hasSynced() || !checks.hasSynced()) return 'unknown';
  const { target } = targetOf(sources, namespace, bound);
  if (target === undefined) return 'gone';
  const { uid = '', generation = 0 } = target.metadata;
  return uid === bound.uid && generation < bound.generation ? 'unknown' : { uid, generation };
}

/** Every decision that names the request. */
export function decisionsOn(
  { decisions }: ApprovalSources,
  namespace: string,
  requestUid: string,
): readonly ApprovalDecision[] {
  return decisions.store.byIndex(REQUEST_INDEX, requestId(namespace, requestUid));
}

/** A namespace may be seen later than what is in it: then only the label that every API server sets is known. */
export function labelsOf({ namespaces }: ApprovalSources, name: string): Readonly<Record<string, string>> {
  const labels = namespaces.store.get({ namespace: '', name })?.metadata.labels;
  return labels ?? { 'kubernetes.io/metadata.name': name };
}
