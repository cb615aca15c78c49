import { defineCheck, type Breach } from '../check.ts';
import { UNSET } from '../finding.ts';
import { containersOf, type JudgedContainer } from '../containers.ts';

interface Bound {
  readonly kind: 'requests' | 'limits';
  readonly resource: string;
  /** What happens without it. */
  readonly message: string;
  readonly example: string;
}

const BOUNDS: readonly Bound[] = [
  {
    kind: 'requests',
    resource: 'cpu',
    message: 'The scheduler does not know what the container needs.',
    example: '50m',
  },
  {
    kind: 'requests',
    resource: 'memory',
    message: 'The scheduler does not know what the container needs.',
    example: '64Mi',
  },
  {
    kind: 'limits',
    resource: 'memory',
    message: 'The container can take all memory of its node.',
    example: '256Mi',
  },
  {
    kind: 'limits',
    resource: 'ephemeral-storage',
    message: 'The container can fill the disk of its node with its logs and files.',
    example: '1Gi',
  },
];

/** MCP-W07. A CPU limit is not asked for: it slows a server down and protects nobody that requests do not protect. */
export const resourceBounds = defineCheck(
  {
    id: 'MCP-W07',
    severity: 'medium',
    title: 'every container requests CPU and memory, and is limited in memory and ephemeral storage',
    references: ['AVD-KSV-0011', 'AVD-KSV-0015', 'AVD-KSV-0016', 'AVD-KSV-0018'],
  },
  (subject) =>
    containersOf(subject).flatMap((judged) =>
      BOUNDS.filter((bound) => !isBounded(judged, bound)).map((bound) => breach(judged, bound)),
    ),
);

/** A limit is also a request, where there is no other: the API server fills it in. Zero bounds nothing. */
function isBounded({ container }: JudgedContainer, { kind, resource }: Bound): boolean {
  const { requests = {}, limits = {} } = container.resources ?? {};
  const quantity = kind === 'limits' ? limits[resource] : (requests[resource] ?? limits[resource]);
  return quantity !== undefined && Number.parseFloat(quantity) !== 0;
}

function breach({ container, path }: JudgedContainer, { kind, resource, message, example }: Bound): Breach {
  return {
    path: path(`resources.${kind}.${resource}`),
    value: container.resources?.[kind]?.[resource] ?? UNSET,
    message,
    fix: `Set resources.${kind}.${resource}, such as ${example}.`,
  };
}
