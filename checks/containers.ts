/**
 * The containers that would really run, each knowing where in the MCPServer its fields come from: rules look at what was rendered and
 * name what the user can change.
 */
import type { V1Container } from '@kubernetes/client-node';
import { SERVER_CONTAINER } from '../api/index.ts';
import { onceOn } from './once.ts';
import type { Subject } from './subject.ts';

/** One rendered container. */
export interface JudgedContainer {
  readonly container: V1Container;
  readonly list: 'containers' | 'initContainers';
  /** @returns the field of the MCPServer behind a field of this container, such as `securityContext.privileged`. */
  readonly path: (field: string) => string;
}

/** Where the fields of the MCP server's own container stand; all others are in its entry of `podTemplate`. */
const SERVER_FIELDS: Readonly<Record<string, string>> = {
  image: 'spec.source.image.ref',
  imagePullPolicy: 'spec.source.image.imagePullPolicy',
  command: 'spec.command',
  args: 'spec.args',
  env: 'spec.env',
  envFrom: 'spec.envFrom',
  resources: 'spec.resources',
  volumeMounts: 'spec.volumeMounts',
  ports: 'spec.transport.port',
};

/** @returns every container of the pod, init containers first, as they start. Empty without pods. */
export const containersOf: (subject: Subject) => readonly JudgedContainer[] = onceOn(
  ({ workload }: Subject) => {
    const { initContainers = [], containers = [] } = workload?.deployment.spec.template.spec ?? {};
    return [
      ...initContainers.map((container) => judged(container, 'initContainers')),
      ...containers.map((container) => judged(container, 'containers')),
    ];
  },
);

function judged(container: V1Container, list: JudgedContainer['list']): JudgedContainer {
  const entry = `spec.podTemplate.spec.${list}[name=${container.name}]`;
  if (container.name !== SERVER_CONTAINER) return { container, list, path: (field) => `${entry}.${field}` };
  return { container, list, path: (field) => serverPath(field) ?? `${entry}.${field}` };
}

/** `resources.limits` is `spec.resources.limits`. */
function serverPath(field: string): string | undefined {
  const [, head = '', rest = ''] = /^([A-Za-z]+)(.*)$/.exec(field) ?? [];
  const base = SERVER_FIELDS[head];
  return base && `${base}${rest}`;
}
