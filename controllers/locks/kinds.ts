/** The kinds that make up the locks, with the fields that are looked at. All of them are cluster-scoped. */
import type { KubernetesObject, LabelSelector, ResourceType } from '../../operator/runtime/index.ts';

/** Which requests something is asked about. `*` stands for all. */
export interface ResourceRule {
  readonly apiGroups?: readonly string[];
  readonly apiVersions?: readonly string[];
  readonly operations?: readonly string[];
  readonly resources?: readonly string[];
  readonly scope?: string;
}

export interface ValidatingWebhook {
  readonly name: string;
  readonly failurePolicy?: string;
  readonly rules?: readonly ResourceRule[];
  readonly namespaceSelector?: LabelSelector;
  readonly objectSelector?: LabelSelector;
  readonly clientConfig?: {
    readonly caBundle?: string;
    readonly service?: { readonly namespace: string; readonly name: string };
  };
}

export interface ValidatingWebhookConfiguration extends KubernetesObject {
  readonly webhooks?: readonly ValidatingWebhook[];
}

/** What narrows the requests that a policy, or a binding of it, is asked about. */
export interface MatchResources {
  readonly namespaceSelector?: LabelSelector;
  readonly objectSelector?: LabelSelector;
  readonly resourceRules?: readonly ResourceRule[];
  readonly excludeResourceRules?: readonly ResourceRule[];
}

export interface ValidatingAdmissionPolicy extends KubernetesObject {
  readonly spec?: {
    readonly failurePolicy?: string;
    readonly paramKind?: { readonly apiVersion?: string; readonly kind?: string };
    readonly matchConstraints?: MatchResources;
    readonly validations?: readonly object[];
  };
}

export interface ValidatingAdmissionPolicyBinding extends KubernetesObject {
  readonly spec?: {
    readonly policyName?: string;
    readonly validationActions?: readonly string[];
    readonly matchResources?: MatchResources;
    readonly paramRef?: {
      readonly name?: string;
      readonly selector?: LabelSelector;
      readonly parameterNotFoundAction?: string;
    };
  };
}

export const WEBHOOK_CONFIGURATION: ResourceType<ValidatingWebhookConfiguration> = {
  ...ofAdmission('ValidatingWebhookConfiguration', 'validatingwebhookconfigurations'),
};
export const ADMISSION_POLICY: ResourceType<ValidatingAdmissionPolicy> = {
  ...ofAdmission('ValidatingAdmissionPolicy', 'validatingadmissionpolicies'),
};
export const ADMISSION_POLICY_BINDING: ResourceType<ValidatingAdmissionPolicyBinding> = {
  ...ofAdmission('ValidatingAdmissionPolicyBinding', 'validatingadmissionpolicybindings'),
};

function ofAdmission(kind: string, plural: string) {
  return { group: 'admissionregistration.k8s.io', version: 'v1', kind, plural, namespaced: false };
}
