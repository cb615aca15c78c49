/**
 * What the controls of the Pod Security Standards have in common: the pod they judge, what they say of it, and how they walk through it.
 */
import type { V1Container, V1PodSpec, V1SecurityContext } from '@kubernetes/client-node';

/** A pod, or the template of one. */
export interface JudgedPod {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: V1PodSpec;
}

/** One field that breaks a control. */
export interface Breach {
  /** Of the pod, from its spec on: `containers[name=server].securityContext.privileged`; annotations: `metadata.annotations[key]`. */
  readonly path: string;
  /** What stands there; `unset` when nothing does. */
  readonly value: string;
  /** One sentence: what is wrong. */
  readonly message: string;
  /** One imperative sentence: what makes it right. */
  readonly fix: string;
}

/** One control, under the name that Kubernetes gives it. */
export interface Control {
  readonly id: string;
  /** The weaker control of `baseline` that this one of `restricted` stands for. */
  readonly overrides?: string;
  findBreaches(pod: JudgedPod): readonly Breach[];
}

/** One container and its path in the spec. */
interface PlacedContainer {
  readonly container: V1Container;
  readonly path: string;
}

/** @returns every container: those that initialise, run and debug. */
export function containersOf(spec: V1PodSpec): readonly PlacedContainer[] {
  const placed = (list: 'initContainers' | 'containers' | 'ephemeralContainers') =>
    (spec[list] ?? []).map((container) => ({ container, path: `${list}[name=${container.name}]` }));
  return [...placed('initContainers'), ...placed('containers'), ...placed('ephemeralContainers')];
}

/** The fields that a pod and a container both have. */
type SharedContext = Pick<
  V1SecurityContext,
  'appArmorProfile' | 'runAsNonRoot' | 'runAsUser' | 'seccompProfile' | 'seLinuxOptions' | 'windowsOptions'
>;

interface PlacedContext {
  readonly context: SharedContext;
  readonly path: string;
}

/** @returns the security contexts of the pod and its containers, empty where there is none. */
export function securityContextsOf(spec: V1PodSpec): {
  readonly pod: PlacedContext;
  readonly containers: readonly PlacedContext[];
} {
  const containers = containersOf(spec).map(({ container, path }) => ({
    context: container.securityContext ?? {},
    path: `${path}.securityContext`,
  }));
  return { pod: { context: spec.securityContext ?? {}, path: 'securityContext' }, containers };
}

/** Whether a field is there; `null` in YAML is a field that is not. */
export function isSet<T>(value: T | null | undefined): value is T {
  return value !== undefined && value !== null;
}

/** Windows has none of these mechanisms, and its API refuses their fields. */
export function runsOnWindows(spec: V1PodSpec): boolean {
  return spec.os?.name === 'windows';
}

/** Root in such a pod is nobody on the node (KEP-127), so some controls ask less of it. */
export function hasUserNamespace(spec: V1PodSpec): boolean {
  return spec.hostUsers === false;
}
