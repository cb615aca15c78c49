/**
 * Kubernetes' own types inside our kinds: the API server's schema paired with the type that `@kubernetes/client-node`
 * publishes for it. A shape that is borrowed is documented, validated and understood as everywhere else in Kubernetes.
 */
import type {
  V1Affinity,
  V1Container,
  V1EnvFromSource,
  V1EnvVar,
  V1LabelSelector,
  V1LocalObjectReference,
  V1NetworkPolicyPort,
  V1PodSecurityContext,
  V1ResourceRequirements,
  V1Toleration,
  V1TopologySpreadConstraint,
  V1Volume,
  V1VolumeMount,
} from '@kubernetes/client-node';
import { type TUnsafe, Type } from 'typebox';
import type { JsonSchema } from '../schema/json-schema.ts';
import { inlineType } from './inline.ts';
import type { RootType, Selected } from './selection.ts';

export type Affinity = V1Affinity;
export type Container = Pick<V1Container, Exclude<Selected<'Container'>, 'restartPolicy'>>;
export type EnvFromSource = V1EnvFromSource;
export type EnvVar = V1EnvVar;
/** Like a container, and with `restartPolicy: Always` a sidecar that starts first. */
export type InitContainer = Pick<V1Container, Selected<'Container'>>;
export type LabelSelector = V1LabelSelector;
export type LocalObjectReference = V1LocalObjectReference;
export type PodSecurityContext = Pick<V1PodSecurityContext, Selected<'PodSecurityContext'>>;
export type ResourceRequirements = Pick<V1ResourceRequirements, Selected<'ResourceRequirements'>>;
export type Toleration = V1Toleration;
export type TopologySpreadConstraint = V1TopologySpreadConstraint;
export type Volume = Pick<V1Volume, Selected<'Volume'>>;
export type VolumeMount = Pick<V1VolumeMount, Selected<'VolumeMount'>>;

/** A peer of a NetworkPolicy rule. */
interface NetworkPolicyPeer {
  podSelector?: V1LabelSelector;
  namespaceSelector?: V1LabelSelector;
  ipBlock?: { cidr: string; except?: string[] };
}

/** As in JSON: the client library calls `from` `_from` in its own type. */
export interface NetworkPolicyIngressRule {
  from?: NetworkPolicyPeer[];
  ports?: V1NetworkPolicyPort[];
}

/** One egress rule of a NetworkPolicy. */
export interface NetworkPolicyEgressRule {
  to?: NetworkPolicyPeer[];
  ports?: V1NetworkPolicyPort[];
}

/** What is ours in a borrowed schema: its description, rules, and bounds on a field of it. */
interface Refinement extends Pick<
  JsonSchema,
  'description' | 'default' | 'required' | 'x-kubernetes-validations'
> {
  readonly fields?: Readonly<Record<string, JsonSchema>>;
  readonly without?: readonly string[];
}

/** @returns Kubernetes' schema of the type, refined, typed as `T` (the two are paired by hand, here and nowhere else). */
export function borrow<T>(name: RootType, refinement: Refinement = {}): TUnsafe<T> {
  const { fields = {}, without = [], ...own } = refinement;
  const schema = inlineType(name);
  const kept = Object.entries(schema.properties ?? {}).filter(([field]) => !without.includes(field));
  const properties = Object.fromEntries(
    kept.map(([field, property]) => [field, { ...property, ...fields[field] }]),
  );
  return Type.Unsafe<T>({ ...schema, ...own, properties, borrowed: name });
}
