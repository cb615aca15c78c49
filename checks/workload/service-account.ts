import type { V1PodSpec } from '@kubernetes/client-node';
import { childName } from '../../api/index.ts';
import { defineCheck, type Breach } from '../check.ts';
import { UNSET } from '../finding.ts';
import type { Subject } from '../subject.ts';

/**
 * MCP-W08, as far as the objects of the server tell: no token is mounted, and the account is the one that the operator makes, to which
 * nobody gave rights. What an account may do is read from live RBAC objects, which this check does not see.
 */
export const serviceAccount = defineCheck(
  {
    id: 'MCP-W08',
    severity: 'high',
    title: 'the pods have a ServiceAccount of their own, and no token of it',
    references: ['CIS Kubernetes 5.1.3', 'CIS Kubernetes 5.1.6', 'CIS Kubernetes 5.1.8'],
  },
  (subject) => {
    const spec = subject.workload?.deployment.spec.template.spec;
    return spec === undefined
      ? []
      : [...mountedToken(spec), ...projectedTokens(spec), ...account(subject, spec)];
  },
);

function mountedToken({ automountServiceAccountToken }: V1PodSpec): readonly Breach[] {
  if (automountServiceAccountToken === false) return [];
  return [
    {
      path: 'spec.podTemplate.spec.automountServiceAccountToken',
      value: String(automountServiceAccountToken ?? UNSET),
      message: 'The pods can call the API server as their ServiceAccount.',
      fix: 'Remove automountServiceAccountToken.',
    },
  ];
}

function projectedTokens({ volumes = [] }: V1PodSpec): readonly Breach[] {
  return volumes
    .filter(({ projected }) => projected?.sources?.some((source) => source.serviceAccountToken !== undefined))
    .map(({ name }) => ({
      path: `spec.volumes[name=${name}].projected`,
      value: 'serviceAccountToken',
      message: 'The volume holds a token of the ServiceAccount.',
      fix: 'Remove serviceAccountToken from the sources.',
    }));
}

function account({ server }: Subject, { serviceAccountName = 'default' }: V1PodSpec): readonly Breach[] {
  if (serviceAccountName === childName(server.metadata.name)) return [];
  return [
    {
      path: 'spec.podTemplate.spec.serviceAccountName',
      value: serviceAccountName,
      message: "The account is not the server's own: others may use it, and it may have rights.",
      fix: 'Remove serviceAccountName; the operator then makes an account without rights.',
    },
  ];
}
