/**
 * The rights over certificates. `<fullname>` stands for the name of the chart's release: the chart puts it in. The operator reads
 * the Secret in any case; the rest it needs only where it makes the certificates itself.
 */
import type { Permission } from '../../operator/runtime/index.ts';

const SECRET_NAME = '<fullname>-webhook-certificates';
const CONFIGURATION_NAME = '<fullname>';

/** To serve what is in the Secret. */
export const SERVE_CERTIFICATE_PERMISSIONS: readonly Permission[] = [
  {
    apiGroups: [''],
    resources: ['secrets'],
    resourceNames: [SECRET_NAME],
    verbs: ['list', 'watch'],
    why: "Serves its webhooks with this Secret's certificate, and notices when it is renewed.",
  },
];

/** To make what is in the Secret. */
export const ISSUE_CERTIFICATE_PERMISSIONS: readonly Permission[] = [
  {
    apiGroups: [''],
    resources: ['secrets'],
    resourceNames: [SECRET_NAME],
    verbs: ['update'],
    why: "Renews its webhooks' certificate. Not with cert-manager.",
  },
  {
    apiGroups: [''],
    resources: ['secrets'],
    verbs: ['create'],
    why: "Stores its webhooks' first certificate; RBAC cannot bind a creation to a name. Not with cert-manager.",
  },
  {
    apiGroups: ['admissionregistration.k8s.io'],
    resources: ['validatingwebhookconfigurations', 'mutatingwebhookconfigurations'],
    resourceNames: [CONFIGURATION_NAME],
    verbs: ['list', 'watch', 'patch'],
    why: 'Tells the API server which CA vouches for its webhooks, and repairs that when somebody changes it. Not with cert-manager.',
  },
];
