/**
 * CoreDNS as the cluster's DNS server, under the names and labels that everybody expects: Service `kube-dns` in `kube-system`, pods
 * labelled `k8s-app: kube-dns`. The objects are plain data.
 */
import { COREDNS_IMAGE } from '../images/node-images.ts';

const NAMESPACE = 'kube-system';
const LABELS = { 'k8s-app': 'kube-dns' };

/** Name of the Deployment. */
export const DNS_DEPLOYMENT = 'coredns';

/** CoreDNS's configuration. Without a name server to forward to, it knows the cluster's names only. */
export function corefile(hasUpstream: boolean): string {
  return `.:53 {
    errors
    health
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        pods insecure
        fallthrough in-addr.arpa ip6.arpa
    }
${hasUpstream ? '    forward . /etc/resolv.conf\n' : ''}    cache 30
}
`;
}

/** Whether a resolv.conf(5) names a server. */
export function hasNameServer(resolvConf: string): boolean {
  return /^\s*nameserver\s+\S/m.test(resolvConf);
}

/** All objects, as one list for `kubectl apply`. */
export function dnsObjects(address: string, hasUpstream: boolean): object {
  return {
    apiVersion: 'v1',
    kind: 'List',
    items: [...rights(), configMap(hasUpstream), deployment(), service(address)],
  };
}

function metadata(name: string): object {
  return { name, namespace: NAMESPACE, labels: LABELS };
}

function rights(): readonly object[] {
  const name = 'system:coredns';
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: metadata(DNS_DEPLOYMENT) },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name },
      rules: [
        { apiGroups: [''], resources: ['services', 'pods', 'namespaces'], verbs: ['list', 'watch'] },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
      ],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', name: DNS_DEPLOYMENT, namespace: NAMESPACE }],
    },
  ];
}

function configMap(hasUpstream: boolean): object {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: metadata(DNS_DEPLOYMENT),
    data: { Corefile: corefile(hasUpstream) },
  };
}

function deployment(): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadata(DNS_DEPLOYMENT),
    spec: {
      replicas: 1,
      selector: { matchLabels: LABELS },
      template: { metadata: { labels: LABELS }, spec: podSpec() },
    },
  };
}

function podSpec(): object {
  return {
    serviceAccountName: DNS_DEPLOYMENT,
    priorityClassName: 'system-cluster-critical',
    // The node's own name servers: asking the cluster's DNS would be asking itself.
    dnsPolicy: 'Default',
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 65532,
      seccompProfile: { type: 'RuntimeDefault' },
      sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '53' }],
    },
    volumes: [{ name: 'config', configMap: { name: DNS_DEPLOYMENT } }],
    containers: [
      {
        name: DNS_DEPLOYMENT,
        image: COREDNS_IMAGE,
        imagePullPolicy: 'Never',
        args: ['-conf', '/etc/coredns/Corefile'],
        ports: [
          { name: 'dns', containerPort: 53, protocol: 'UDP' },
          { name: 'dns-tcp', containerPort: 53, protocol: 'TCP' },
        ],
        readinessProbe: { httpGet: { path: '/ready', port: 8181 }, periodSeconds: 1 },
        resources: { requests: { cpu: '50m', memory: '32Mi' }, limits: { memory: '128Mi' } },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        volumeMounts: [{ name: 'config', mountPath: '/etc/coredns', readOnly: true }],
      },
    ],
  };
}

function service(clusterIP: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadata('kube-dns'),
    spec: {
      clusterIP,
      selector: LABELS,
      ports: [
        { name: 'dns', port: 53, targetPort: 53, protocol: 'UDP' },
        { name: 'dns-tcp', port: 53, targetPort: 53, protocol: 'TCP' },
      ],
    },
  };
}
