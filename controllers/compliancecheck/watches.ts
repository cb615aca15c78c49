/** Which changes make which checks and servers worth a look. */
import type { ComplianceProfile, MCPServer } from '../../api/index.ts';
import {
  keyOf,
  type Change,
  type Informer,
  type KubernetesObject,
  type ObjectKey,
} from '../../operator/runtime/index.ts';
import type { AnyCheck } from './kinds.ts';
import type { Servers } from './servers.ts';
import { isAtRest, subjectHash } from './subject.ts';

/** @returns the checks that name the profile. */
export function namingProfile(
  checks: Informer<AnyCheck>,
  { metadata }: ComplianceProfile,
): readonly ObjectKey[] {
  return checks.store
    .list()
    .filter(({ spec }) => spec.profileRef.name === metadata.name)
    .map(keyOf);
}

/** @returns the checks that cover the server. */
export function covering(
  checks: Informer<AnyCheck>,
  scope: Servers,
  server: MCPServer,
): readonly ObjectKey[] {
  return checks.store
    .list()
    .filter((check) => scope.isCovered(check, server))
    .map(keyOf);
}

/** @returns the servers of the namespace. */
export function serversIn(servers: Informer<MCPServer>, namespace: string): readonly ObjectKey[] {
  return servers.store
    .list()
    .filter(({ metadata }) => metadata.namespace === namespace)
    .map(keyOf);
}

/** Whether what is judged of the server changed, or whether it has come to rest. */
export function concerns(change: Change<MCPServer>): boolean {
  if (change.kind !== 'update') return true;
  const { object, previous } = change;
  return subjectHash(object) !== subjectHash(previous) || isAtRest(object) !== isAtRest(previous);
}

/** Also when somebody else wrote what is ours. */
export function verdictMayChange(change: Change<MCPServer>): boolean {
  if (change.kind !== 'update') return true;
  const { object, previous } = change;
  const own = ({ metadata, status }: MCPServer): string =>
    JSON.stringify([
      metadata.generation,
      metadata.labels,
      metadata.deletionTimestamp,
      status?.compliance,
      status?.conditions?.find(({ type }) => type === 'Compliant'),
    ]);
  return own(object) !== own(previous);
}

/** Nothing else of a check has a bearing on what it says of servers. */
export function specChanged(change: Change<AnyCheck>): boolean {
  return (
    change.kind !== 'update' || change.object.metadata.generation !== change.previous.metadata.generation
  );
}

/** Whether selectors may see another namespace. */
export function isRelabelled(change: Change<KubernetesObject>): boolean {
  return (
    change.kind !== 'update' ||
    JSON.stringify(change.object.metadata.labels) !== JSON.stringify(change.previous.metadata.labels)
  );
}
