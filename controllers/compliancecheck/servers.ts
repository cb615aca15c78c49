/** The servers that there are, as checks see them: with the labels of their namespaces and what of them is judged. From the caches. */
import type { MCPServer } from '../../api/index.ts';
import type { ServerReference } from '../../checks/engine/record.ts';
import { NAMESPACE_INDEX, type KubernetesObject, type Store } from '../../operator/runtime/index.ts';
import { uidOf, type AnyCheck } from './kinds.ts';
import { isCovered, type NamespaceLabels } from './scope.ts';
import type { CoveredServer } from './server-evaluator.ts';
import { RestWatch, subjectHash } from './subject.ts';

export class Servers {
  readonly rest = new RestWatch();
  readonly #servers: Pick<Store<MCPServer>, 'get' | 'list' | 'byIndex'>;
  readonly #namespaces: Pick<Store<KubernetesObject>, 'get'>;

  constructor(
    servers: Pick<Store<MCPServer>, 'get' | 'list' | 'byIndex'>,
    namespaces: Pick<Store<KubernetesObject>, 'get'>,
  ) {
    this.#servers = servers;
    this.#namespaces = namespaces;
  }

  /** @returns every server that the check covers, in an order that does not depend on the cache. */
  coveredBy(check: AnyCheck): readonly CoveredServer[] {
    const candidates =
      check.kind === 'ComplianceCheck'
        ? this.#servers.byIndex(NAMESPACE_INDEX, check.metadata.namespace)
        : this.#servers.list();
    return candidates
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .map((server) => this.#labelled(server))
      .filter((server) => isCovered(check, server))
      .toSorted((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
  }

  /** Whether the check covers the server. */
  isCovered(check: AnyCheck, server: MCPServer): boolean {
    const { namespace } = server.metadata;
    return isCovered(check, { server, namespaceLabels: this.#labelsOf(namespace) });
  }

  /** @returns the server as it is now; nothing when it is gone, another of the same name, or suspended. */
  runnable({ namespace, name, uid }: ServerReference): CoveredServer | undefined {
    const server = this.#servers.get({ namespace, name });
    if (server === undefined || uidOf(server) !== uid || server.spec.suspend) return undefined;
    return server.metadata.deletionTimestamp === undefined ? this.#labelled(server) : undefined;
  }

  #labelled(server: MCPServer): CoveredServer {
    const namespaceLabels = this.#labelsOf(server.metadata.namespace);
    return { server, namespaceLabels, subject: subjectHash(server) };
  }

  /** A server may be seen before its namespace is: then only the label that every API server sets is known. */
  #labelsOf(name: string): NamespaceLabels {
    const labels = this.#namespaces.get({ namespace: '', name })?.metadata.labels;
    return labels ?? { 'kubernetes.io/metadata.name': name };
  }
}

function nameOf({ server }: CoveredServer): string {
  return `${server.metadata.namespace}/${server.metadata.name}`;
}
