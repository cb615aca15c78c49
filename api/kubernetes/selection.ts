/**
 * Which types of Kubernetes' own API a user of ours may write, and which of their fields. A type without a row keeps every
 * field. What the rows leave out is left out on purpose: with them, nothing that can be written in an MCPServer exceeds
 * the Pod Security Standard "baseline" (no privileged container, host namespace, host path, host port or probe of a
 * foreign host), and no pod gets a token of its service account.
 */
export const SELECTION = {
  Container: [
    'name',
    'image',
    'imagePullPolicy',
    'command',
    'args',
    'workingDir',
    'ports',
    'env',
    'envFrom',
    'resources',
    'volumeMounts',
    'startupProbe',
    'readinessProbe',
    'livenessProbe',
    'securityContext',
    'restartPolicy',
  ],
  ContainerPort: ['name', 'containerPort', 'protocol'],
  EnvVarSource: ['fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef'],
  HTTPGetAction: ['path', 'port', 'scheme', 'httpHeaders'],
  PodSecurityContext: [
    'runAsUser',
    'runAsGroup',
    'runAsNonRoot',
    'fsGroup',
    'fsGroupChangePolicy',
    'supplementalGroups',
    'seccompProfile',
  ],
  ResourceRequirements: ['requests', 'limits'],
  SecurityContext: [
    'runAsUser',
    'runAsGroup',
    'runAsNonRoot',
    'readOnlyRootFilesystem',
    'allowPrivilegeEscalation',
    'capabilities',
    'seccompProfile',
  ],
  TCPSocketAction: ['port'],
  Volume: ['name', 'configMap', 'secret', 'emptyDir', 'persistentVolumeClaim', 'projected', 'csi'],
  VolumeMount: ['name', 'mountPath', 'subPath', 'subPathExpr', 'readOnly'],
  VolumeProjection: ['configMap', 'secret', 'downwardAPI'],
} as const;

/** The types our own schemas stand on; the generator follows their references. */
export const ROOTS = [
  'Affinity',
  'Container',
  'EnvFromSource',
  'EnvVar',
  'LabelSelector',
  'LocalObjectReference',
  'NetworkPolicyEgressRule',
  'NetworkPolicyIngressRule',
  'PodSecurityContext',
  'ResourceRequirements',
  'Toleration',
  'TopologySpreadConstraint',
  'Volume',
  'VolumeMount',
] as const;

/** Name of a Kubernetes type that our schemas use directly. */
export type RootType = (typeof ROOTS)[number];

/** The fields that the selection keeps of a type it has a row for. */
export type Selected<Name extends keyof typeof SELECTION> = (typeof SELECTION)[Name][number];
