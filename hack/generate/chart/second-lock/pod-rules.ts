/** The rules about what a server's pods are given: rights, identities, volumes, replicas. */
import { joined } from '../cel.ts';
import { IS_SCALE, hasPods, ofContainers, type ServerRule } from './server-rule.ts';

/** What a container `c` may not have under "restricted": the field, and CEL that says whether it has it. */
const UNRESTRICTED: readonly { readonly field: string; readonly is: string }[] = [
  { field: 'allowPrivilegeEscalation', is: 'c.?securityContext.?allowPrivilegeEscalation.orValue(false)' },
  { field: 'runAsUser', is: 'c.?securityContext.?runAsUser.orValue(1) == 0' },
  { field: 'runAsNonRoot', is: '!c.?securityContext.?runAsNonRoot.orValue(true)' },
  {
    field: 'capabilities.add',
    is: 'c.?securityContext.?capabilities.?add.orValue([]).exists(a, a != "NET_BIND_SERVICE")',
  },
  {
    field: 'capabilities.drop',
    is: '!("ALL" in c.?securityContext.?capabilities.?drop.orValue(["ALL"]))',
  },
];

/** "restricted", as far as a `podTemplate` can leave it. It cannot leave "baseline": there are no fields for that. */
const podSecurity: ServerRule = {
  id: 'podSecurity',
  asked: 'params.spec.?podSecurity.orValue("") == "restricted"',
  broken: (server) => {
    const pod = `${server}.spec.?podTemplate.?spec.?securityContext`;
    const field = 'spec.podTemplate.spec.securityContext';
    return joined(
      `${pod}.?runAsUser.orValue(1) == 0 ? ["${field}.runAsUser"] : []`,
      `${pod}.?runAsNonRoot.orValue(true) ? [] : ["${field}.runAsNonRoot"]`,
      ...UNRESTRICTED.map(({ field: name, is }) => ofContainers(server, is, `securityContext.${name}`)),
    );
  },
  fix: ' leaves the Pod Security Standard "restricted": remove it, and the operator fills in what keeps to it',
};

const serviceAccounts: ServerRule = {
  id: 'serviceAccounts',
  asked: 'has(params.spec.serviceAccounts)',
  broken: (server) => {
    const name = `${server}.spec.?podTemplate.?spec.?serviceAccountName.orValue("")`;
    return `[${name}].filter(n, n != "" && !(n in params.spec.serviceAccounts)).map(n, "spec.podTemplate.spec.serviceAccountName: " + n)`;
  },
  fix: ' is not one of the ServiceAccounts that the policy allows: remove it, and the operator makes one without rights',
};

const runtimeClasses: ServerRule = {
  id: 'runtimeClasses',
  asked: 'has(params.spec.runtimeClasses)',
  broken: (server) => {
    const name = `${server}.spec.?podTemplate.?spec.?runtimeClassName.orValue("")`;
    return `[${name}].filter(n, ${hasPods(server)} && !(n in params.spec.runtimeClasses)).map(n, "spec.podTemplate.spec.runtimeClassName: " + (n == "" ? "unset" : n))`;
  },
  fix: ' is not one of the RuntimeClasses that the policy asks for: name one of them',
};

/** As the schema of MCPServer offers them. */
const VOLUME_KINDS = ['configMap', 'csi', 'emptyDir', 'persistentVolumeClaim', 'projected', 'secret'];

const volumes: ServerRule = {
  id: 'volumes',
  asked: 'has(params.spec.volumes)',
  broken: (server) =>
    joined(
      ...VOLUME_KINDS.map(
        (kind) =>
          `${server}.spec.?volumes.orValue([]).filter(v, has(v.${kind}) && !("${kind}" in params.spec.volumes)).map(v, "spec.volumes[name=" + v.name + "]: ${kind}")`,
      ),
    ),
  fix: ' is not one of the kinds of volumes that the policy allows: use another kind',
};

const maxReplicas: ServerRule = {
  id: 'maxReplicas',
  asked: 'has(params.spec.maxReplicas)',
  broken: (server) =>
    `[${server}.spec.?replicas.orValue(0)].filter(n, (${IS_SCALE} || ${hasPods(server)}) && n > params.spec.maxReplicas).map(n, "spec.replicas: " + string(n))`,
  fix: ' is more than the policy allows: ask for fewer',
  holdsForScale: true,
};

const transports: ServerRule = {
  id: 'transports',
  asked: 'has(params.spec.transports)',
  broken: (server) =>
    `[${server}.spec.transport.type].filter(t, !(t in params.spec.transports)).map(t, "spec.transport.type: " + t)`,
  fix: ' is not one of the transports that the policy allows: use one of them',
};

const requiredLabels: ServerRule = {
  id: 'labels.required',
  asked: 'has(params.spec.labels) && has(params.spec.labels.required)',
  broken: (server) =>
    `params.spec.labels.required.filter(k, ${server}.metadata.?labels[?k].orValue("") == "").map(k, "metadata.labels[" + k + "]")`,
  fix: ' is missing: add the label with a value',
};

export const POD_RULES: readonly ServerRule[] = [
  podSecurity,
  serviceAccounts,
  runtimeClasses,
  volumes,
  maxReplicas,
  transports,
  requiredLabels,
];
