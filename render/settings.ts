/**
 * What rendering must know about the cluster and cannot read from an MCPServer: where DNS answers and where probes come from.
 */

/** Selects pods by the labels of their namespace and their own. */
export interface PodsByLabels {
  readonly namespaceLabels: Readonly<Record<string, string>>;
  readonly podLabels: Readonly<Record<string, string>>;
}

/** Settings of the installation, the same for every server. */
export interface RenderSettings {
  /** The pods that answer DNS. Every server may reach them. */
  readonly clusterDNS: PodsByLabels;
  /** The operator's own pods. They may reach every server, to probe it. */
  readonly operator: PodsByLabels;
}

/** kubeadm, kind, k3s, EKS, GKE and AKS run their DNS like this; the operator as its Helm chart installs it. */
export const DEFAULT_RENDER_SETTINGS: RenderSettings = {
  clusterDNS: {
    namespaceLabels: { 'kubernetes.io/metadata.name': 'kube-system' },
    podLabels: { 'k8s-app': 'kube-dns' },
  },
  operator: {
    namespaceLabels: { 'kubernetes.io/metadata.name': 'mcp-system' },
    podLabels: { 'app.kubernetes.io/name': 'mcp-operator' },
  },
};
