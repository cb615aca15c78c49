import { defineCheck, type Breach } from '../check.ts';
import { UNSET } from '../finding.ts';
import type { Subject } from '../subject.ts';

const ENFORCE = 'pod-security.kubernetes.io/enforce';

/**
 * MCP-W10, as far as it can be seen from a server and its namespace: where it runs, and that its Service is reached inside the cluster
 * alone. Routes that others make to the Service, and whether callers must authenticate there, need live objects and a probe.
 */
export const namespace = defineCheck(
  {
    id: 'MCP-W10',
    severity: 'medium',
    title:
      'the namespace enforces the Pod Security Standard restricted and is not default, and nothing is exposed',
    references: ['CIS Kubernetes 5.7.4', 'Pod Security Standards: restricted'],
  },
  (subject) =>
    subject.workload === undefined
      ? []
      : [...label(subject), ...defaultNamespace(subject), ...exposure(subject)],
);

function label({ namespace: { labels } }: Subject): readonly Breach[] {
  const level = labels[ENFORCE];
  if (level === 'restricted') return [];
  return [
    {
      path: 'metadata.namespace',
      value: `${ENFORCE}: ${level ?? UNSET}`,
      message: 'The namespace admits pods that are not restricted, beside the server too.',
      fix: `Label the namespace ${ENFORCE}=restricted, or move the server to one that is.`,
    },
  ];
}

function defaultNamespace({ namespace: { name } }: Subject): readonly Breach[] {
  if (name !== 'default') return [];
  return [
    {
      path: 'metadata.namespace',
      value: name,
      message: 'Everything that names no namespace ends up beside the server.',
      fix: 'Create the server in a namespace of its team.',
    },
  ];
}

function exposure({ workload }: Subject): readonly Breach[] {
  const type = workload?.service.spec.type ?? 'ClusterIP';
  if (type === 'ClusterIP') return [];
  return [
    {
      path: 'spec.transport.port',
      value: type,
      message: 'The Service can be reached from outside of the cluster.',
      fix: 'Leave the Service a ClusterIP, and publish the server through a gateway that authenticates.',
    },
  ];
}
