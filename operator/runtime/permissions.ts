/**
 * What the runtime itself does at the API server, whatever its controllers do, as RBAC rules. Charts are generated from this and
 * from what each controller declares in the same form.
 */

/** One RBAC PolicyRule, and the reason for it. */
export interface Permission {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
  /** Whether it is needed in the operator's own namespace only, though the resource is used in others too. */
  readonly isOwnNamespace?: boolean;
  /** One sentence for the person who reviews the rights. */
  readonly why: string;
}

export const RUNTIME_PERMISSIONS: readonly Permission[] = [
  {
    apiGroups: ['coordination.k8s.io'],
    resources: ['leases'],
    verbs: ['get', 'create', 'update'],
    why: 'Elects the one replica that acts.',
  },
  {
    apiGroups: ['events.k8s.io'],
    resources: ['events'],
    verbs: ['create', 'patch'],
    why: 'Tells users what happened, for `kubectl describe`.',
  },
];
