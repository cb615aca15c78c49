/**
 * Command lines of the control plane's programs. Pure: from addresses and file names to arguments.
 */
import type { Endpoints } from '../instance.ts';
import type { PkiFiles } from './files.ts';

/** What the arguments depend on. */
export interface ControlPlaneSettings {
  readonly endpoints: Endpoints;
  readonly pki: PkiFiles;
  readonly dataDirectory: string;
  readonly serviceRange: string;
  readonly podRange: string;
  /** Whether pods will look for the API server behind the `kubernetes` Service. */
  readonly hasNode: boolean;
  /** Files of an audit log; none when absent. */
  readonly audit?: { readonly policy: string; readonly log: string } | undefined;
  /** Path of an AdmissionConfiguration. */
  readonly admissionConfiguration?: string | undefined;
}

/** etcd of one member. It does not wait for the disk: a cluster for development is made anew, not recovered. */
export function etcdArguments({ endpoints, pki, dataDirectory }: ControlPlaneSettings): readonly string[] {
  const client = `https://${endpoints.host}:${endpoints.etcdClient}`;
  const peer = `https://${endpoints.host}:${endpoints.etcdPeer}`;
  return [
    '--name=default',
    `--data-dir=${dataDirectory}`,
    '--unsafe-no-fsync',
    '--log-level=warn',
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    ...['', 'peer-'].flatMap((prefix) => [
      `--${prefix}cert-file=${pki.server.certificate}`,
      `--${prefix}key-file=${pki.server.key}`,
      `--${prefix}trusted-ca-file=${pki.authority.certificate}`,
      `--${prefix}client-cert-auth`,
    ]),
  ];
}

/** The API server. PodSecurity and ValidatingAdmissionPolicy are on by default; namespaces choose their level by label. */
export function apiServerArguments(settings: ControlPlaneSettings): readonly string[] {
  const { endpoints, pki } = settings;
  return [
    `--bind-address=${endpoints.host}`,
    `--secure-port=${endpoints.apiServer}`,
    `--etcd-servers=https://${endpoints.host}:${endpoints.etcdClient}`,
    `--etcd-cafile=${pki.authority.certificate}`,
    `--etcd-certfile=${pki.server.certificate}`,
    `--etcd-keyfile=${pki.server.key}`,
    `--tls-cert-file=${pki.server.certificate}`,
    `--tls-private-key-file=${pki.server.key}`,
    `--client-ca-file=${pki.authority.certificate}`,
    `--service-account-issuer=https://kubernetes.default.svc.cluster.local`,
    `--service-account-key-file=${pki.serviceAccount.publicKey}`,
    `--service-account-signing-key-file=${pki.serviceAccount.privateKey}`,
    `--service-cluster-ip-range=${settings.serviceRange}`,
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    '--allow-privileged=true',
    '--profiling=false',
    ...nodeArguments(settings),
    ...auditArguments(settings),
    ...(settings.admissionConfiguration === undefined
      ? []
      : [`--admission-control-config-file=${settings.admissionConfiguration}`]),
  ];
}

function nodeArguments({ endpoints, pki, hasNode }: ControlPlaneSettings): readonly string[] {
  // The loopback cannot be an endpoint of the `kubernetes` Service, and without a node nobody asks for one.
  if (!hasNode) return ['--endpoint-reconciler-type=none'];
  return [
    `--advertise-address=${endpoints.host}`,
    `--kubelet-client-certificate=${pki.server.certificate}`,
    `--kubelet-client-key=${pki.server.key}`,
    `--kubelet-certificate-authority=${pki.authority.certificate}`,
    // By default `kubectl logs` and `exec` would look up the node's name, which no DNS server knows.
    '--kubelet-preferred-address-types=InternalIP',
  ];
}

function auditArguments({ audit }: ControlPlaneSettings): readonly string[] {
  return audit === undefined ? [] : [`--audit-policy-file=${audit.policy}`, `--audit-log-path=${audit.log}`];
}

/** The controller manager: garbage collection, namespaces, service accounts, deployments and the rest. */
export function controllerManagerArguments(settings: ControlPlaneSettings): readonly string[] {
  const { pki } = settings;
  return [
    `--kubeconfig=${pki.controllerManager}`,
    `--service-account-private-key-file=${pki.serviceAccount.privateKey}`,
    `--root-ca-file=${pki.authority.certificate}`,
    `--cluster-signing-cert-file=${pki.authority.certificate}`,
    `--cluster-signing-key-file=${pki.authority.key}`,
    '--use-service-account-credentials=true',
    '--leader-elect=false',
    '--secure-port=0',
    // The defaults (20 and 30) make the deletion of a namespace a matter of many seconds.
    '--kube-api-qps=200',
    '--kube-api-burst=400',
    ...podRangeArguments(settings),
  ];
}

/** Nodes of most clusters say in spec.podCIDRs which addresses their pods have; the one node here has all of them. */
function podRangeArguments({ hasNode, podRange }: ControlPlaneSettings): readonly string[] {
  if (!hasNode) return [];
  const size = podRange.split('/', 2)[1] ?? '';
  return ['--allocate-node-cidrs=true', `--cluster-cidr=${podRange}`, `--node-cidr-mask-size=${size}`];
}

/** The scheduler. */
export function schedulerArguments({ pki }: ControlPlaneSettings): readonly string[] {
  return [`--kubeconfig=${pki.scheduler}`, '--leader-elect=false', '--secure-port=0'];
}
