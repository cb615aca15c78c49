/** `runtimeClasses`, `serviceAccounts` and `volumes`: what the pods may be and have. A server elsewhere has none. */
import { UNSET } from '../../finding.ts';
import type { Subject } from '../../subject.ts';
import { type RuleGroup, oneOf, policyRule } from '../policy-rule.ts';

const ASK = 'ask the owner of the policy to allow it';

const runtimeClasses = policyRule({
  id: 'runtimeClasses',
  severity: 'high',
  title: 'pods run in a RuntimeClass that is allowed',
  judge: ({ workload }, { runtimeClasses: allowed }) => {
    if (allowed === undefined || workload === undefined) return [];
    const name = workload.deployment.spec.template.spec?.runtimeClassName ?? '';
    if (allowed.includes(name)) return [];
    return [
      {
        path: 'spec.podTemplate.spec.runtimeClassName',
        value: name === '' ? UNSET : name,
        message:
          allowed.length === 0 ? 'No pods are allowed here, whatever their RuntimeClass.' : notIn(name),
        fix:
          allowed.length === 0
            ? `Use a server that runs elsewhere (source.remote), or ${ASK}.`
            : `Set it to ${oneOf(allowed)}.`,
      },
    ];
  },
});

function notIn(name: string): string {
  return name === ''
    ? 'The pods would run without a RuntimeClass, and share the kernel of their node.'
    : 'This RuntimeClass is not allowed here.';
}

const serviceAccounts = policyRule({
  id: 'serviceAccounts',
  severity: 'high',
  title: 'pods have the ServiceAccount that the operator makes, or one that is allowed',
  judge: ({ workload }, { serviceAccounts: allowed }) => {
    // The account that the operator makes has no rights, so that nobody needs to allow it.
    if (allowed === undefined || workload === undefined || workload.serviceAccount !== undefined) return [];
    const name = workload.deployment.spec.template.spec?.serviceAccountName ?? '';
    if (allowed.includes(name)) return [];
    const others = allowed.length === 0 ? '' : ` Allowed: ${oneOf(allowed)}.`;
    return [
      {
        path: 'spec.podTemplate.spec.serviceAccountName',
        value: name,
        message: 'This ServiceAccount is not allowed here.',
        fix: `Remove the field, so that the operator makes an account without rights, or ${ASK}.${others}`,
      },
    ];
  },
});

const volumes = policyRule({
  id: 'volumes',
  severity: 'medium',
  title: 'volumes are of kinds that are allowed',
  judge: (subject, { volumes: allowed }) => {
    if (allowed === undefined) return [];
    const kinds: readonly string[] = allowed;
    return volumesOf(subject)
      .filter(({ kind }) => !kinds.includes(kind))
      .map(({ name, kind }) => ({
        path: `spec.volumes[name=${name}]`,
        value: kind,
        message: `Volumes of the kind ${kind} are not allowed here.`,
        fix:
          kinds.length === 0 ? `Remove the volume, or ${ASK}.` : `Remove the volume, or use ${oneOf(kinds)}.`,
      }));
  },
});

/** Those of the user: the operator's own emptyDir at /tmp is not theirs to change. A volume without a source is an emptyDir in Kubernetes. */
function volumesOf({ server }: Subject): readonly { readonly name: string; readonly kind: string }[] {
  return (server.spec.volumes ?? []).flatMap(({ name, ...sources }) => {
    const kinds = Object.entries(sources).filter(([, source]) => source !== undefined);
    return (kinds.length === 0 ? [['emptyDir']] : kinds).map(([kind = '']) => ({ name, kind }));
  });
}

export const podRules: RuleGroup = {
  rules: [runtimeClasses, serviceAccounts, volumes],
  problems: () => [],
};
