/** The rights that knowing the cluster's addresses takes. */
import type { Permission } from '../../operator/runtime/index.ts';
import { KUBERNETES_SERVICE } from './kinds.ts';

export const ADDRESS_PERMISSIONS: readonly Permission[] = [
  {
    apiGroups: [''],
    resources: ['nodes'],
    verbs: ['list', 'watch'],
    why: 'Probes must not reach the addresses of nodes.',
  },
  {
    apiGroups: ['networking.k8s.io'],
    resources: ['servicecidrs'],
    verbs: ['list', 'watch'],
    why: 'Probes of remote servers must not reach Services of the cluster.',
  },
  {
    apiGroups: ['discovery.k8s.io'],
    resources: ['endpointslices'],
    resourceNames: [KUBERNETES_SERVICE],
    verbs: ['list', 'watch'],
    why: 'Probes must not reach the API server.',
  },
];
