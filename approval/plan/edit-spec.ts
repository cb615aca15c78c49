/** Small copies with a change, of the parts of a spec that plans touch. Nothing that is not there is made, but for what a change sets. */
import type { MCPServerSpec } from '../../api/index.ts';

/** `spec.podTemplate.spec`. */
export type PodSpec = NonNullable<NonNullable<MCPServerSpec['podTemplate']>['spec']>;
/** An entry of its `containers` or `initContainers`. */
export type PodContainer = NonNullable<PodSpec['containers']>[number];
/** The fields alone: the client library's own types are classes. */
type Fields<T> = Pick<T, keyof T>;
/** `securityContext` of such an entry. */
export type ContainerSecurity = Fields<NonNullable<PodContainer['securityContext']>>;
/** `securityContext` of the pod. */
export type PodSecurity = Fields<NonNullable<PodSpec['securityContext']>>;

/** @returns the object without the key. */
export function without<T extends object, Key extends keyof T>(object: T, key: Key): Omit<T, Key> {
  const { [key]: _left, ...rest } = object;
  return rest;
}

/** @returns the spec with its pod's part changed; the same when there is none. */
export function editPod(spec: MCPServerSpec, edit: (pod: PodSpec) => PodSpec): MCPServerSpec {
  const pod = spec.podTemplate?.spec;
  return pod === undefined ? spec : { ...spec, podTemplate: { ...spec.podTemplate, spec: edit(pod) } };
}

/** @returns the spec with every container of the pod template changed, the server's own entry among them. */
export function editContainers(
  spec: MCPServerSpec,
  edit: <T extends PodContainer>(container: T) => T,
): MCPServerSpec {
  return editPod(spec, (pod) => ({
    ...pod,
    ...(pod.initContainers && { initContainers: pod.initContainers.map(edit) }),
    ...(pod.containers && { containers: pod.containers.map(edit) }),
  }));
}

/** @returns the spec with the security context of every container that has one changed. */
export function editSecurity(
  spec: MCPServerSpec,
  edit: (security: ContainerSecurity) => ContainerSecurity,
): MCPServerSpec {
  return editContainers(spec, (container) =>
    container.securityContext === undefined
      ? container
      : { ...container, securityContext: edit(container.securityContext) },
  );
}

/** @returns the spec with what the pod's and the containers' security contexts share changed in both. */
export function editBothSecurities(
  spec: MCPServerSpec,
  edit: <T extends PodSecurity | ContainerSecurity>(security: T) => T,
): MCPServerSpec {
  return editPod(editSecurity(spec, edit), (pod) =>
    pod.securityContext === undefined ? pod : { ...pod, securityContext: edit(pod.securityContext) },
  );
}
