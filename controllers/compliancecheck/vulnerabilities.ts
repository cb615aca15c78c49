/**
 * What Trivy Operator found in the image that runs, where Trivy Operator is installed. It keeps one VulnerabilityReport for each container of a
 * ReplicaSet, labelled with its name.
 * @see https://aquasecurity.github.io/trivy-operator/latest/docs/crds/vulnerability-report/
 */
import { SERVER_CONTAINER } from '../../api/index.ts';
import type { VulnerabilityFacts } from '../../checks/engine/context.ts';
import type { Clock } from '../../core/clock.ts';
import { errorMessage } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import {
  controllerOf,
  type Discovery,
  type KubernetesClient,
  type KubernetesObject,
  type Permission,
  type ResourceType,
} from '../../operator/runtime/index.ts';
import type { Pod } from '../mcpserver/index.ts';

interface VulnerabilityReport extends KubernetesObject {
  readonly report?: {
    readonly vulnerabilities?: readonly {
      readonly vulnerabilityID?: string;
      readonly severity?: string;
      readonly resource?: string;
      readonly installedVersion?: string;
      readonly fixedVersion?: string;
    }[];
  };
}

const VULNERABILITY_REPORT: ResourceType<VulnerabilityReport> = {
  group: 'aquasecurity.github.io',
  version: 'v1alpha1',
  kind: 'VulnerabilityReport',
  plural: 'vulnerabilityreports',
  namespaced: true,
};

export const VULNERABILITY_PERMISSIONS: readonly Permission[] = [
  {
    apiGroups: [VULNERABILITY_REPORT.group],
    resources: [VULNERABILITY_REPORT.plural],
    verbs: ['list'],
    why: 'Compliance checks read what Trivy Operator found in the image of a server, where it is installed.',
  },
];

export interface VulnerabilityReader {
  /** @returns nothing where nobody looked: Trivy Operator is not installed, has no report yet, or may not be read. */
  read(pods: readonly Pod[], signal: AbortSignal): Promise<readonly VulnerabilityFacts[] | undefined>;
}

/** Whether Trivy is installed is asked again after this long. */
const DISCOVERY_MS = 5 * 60_000;
/** Of one image; more than this says the same. */
const MAX_VULNERABILITIES = 1_000;

export function createVulnerabilityReader(options: {
  readonly client: Pick<KubernetesClient, 'list'>;
  readonly discovery: Discovery;
  readonly clock: Clock;
  readonly logger: Logger;
}): VulnerabilityReader {
  const { client, discovery, clock, logger } = options;
  let asked: { readonly atMs: number; readonly isServed: boolean } | undefined;
  const isServed = async (signal: AbortSignal): Promise<boolean> => {
    if (asked !== undefined && clock.monotonicMs() - asked.atMs < DISCOVERY_MS) return asked.isServed;
    const { group, version, plural } = VULNERABILITY_REPORT;
    const resources = await discovery.resources(group, version, signal);
    asked = { atMs: clock.monotonicMs(), isServed: resources.has(plural) };
    return asked.isServed;
  };
  return {
    read: async (pods, signal) => {
      const labels = labelsOf(pods);
      if (labels === undefined) return undefined;
      try {
        if (!(await isServed(signal))) return undefined;
        const { items } = await client.list(VULNERABILITY_REPORT, labels, signal);
        const reports = items.filter(({ report }) => report !== undefined);
        return reports.length === 0 ? undefined : reports.flatMap(factsOf).slice(0, MAX_VULNERABILITIES);
      } catch (error) {
        signal.throwIfAborted();
        logger.warn('vulnerability reports could not be read', { error: errorMessage(error) });
        return undefined;
      }
    },
  };
}

/** The pods of one template are of one ReplicaSet. */
function labelsOf(
  pods: readonly Pod[],
): { readonly namespace: string; readonly labelSelector: string } | undefined {
  const [pod] = pods;
  const owner = pod && controllerOf(pod);
  if (pod === undefined || owner?.kind !== 'ReplicaSet') return undefined;
  return {
    namespace: pod.metadata.namespace ?? '',
    labelSelector: [
      'trivy-operator.resource.kind=ReplicaSet',
      `trivy-operator.resource.name=${owner.name}`,
      `trivy-operator.container.name=${SERVER_CONTAINER}`,
    ].join(','),
  };
}

function factsOf({ report }: VulnerabilityReport): readonly VulnerabilityFacts[] {
  return (report?.vulnerabilities ?? []).map((each) => ({
    id: each.vulnerabilityID ?? '',
    severity: each.severity ?? '',
    package: each.resource ?? '',
    installedVersion: each.installedVersion ?? '',
    fixedVersion: each.fixedVersion ?? '',
  }));
}
