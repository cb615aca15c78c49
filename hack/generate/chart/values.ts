/**
 * Every value of the chart: its type, its default and the sentence that explains it. `charts/mcp-operator/values.yaml`,
 * `values.schema.json` and the table in the chart's README are generated from this module.
 */
import { SettingsSchema } from '../../../operator/config/settings.ts';
import {
  flag,
  integer,
  kubernetesObject,
  list,
  oneOf,
  port,
  section,
  setting,
  strings,
  text,
  type ValueSchema,
} from './schema.ts';

const DURATION = '^([0-9]+(ms|s|m|h))+$';
/** Shapes only, so that what Helm prints can be read. The operator and the API server check the rest. */
const ADDRESS_OR_RANGE = { type: 'string', pattern: '^[0-9a-fA-F.:]+(/[0-9]{1,3})?$' };
const RANGE = { type: 'string', pattern: '^[0-9a-fA-F.:]+/[0-9]{1,3}$' };

const objects = (description: string, byDefault: readonly unknown[] = []): ValueSchema =>
  list(description, { type: 'object' }, byDefault);

const image = section("The operator's image.", {
  repository: text(
    'Image repository, registry included. There is no public image yet: `make image` builds one to push to a registry of yours.',
    'localhost/mcp-operator',
    { minLength: 1 },
  ),
  tag: text("Image tag; empty means the chart's appVersion. Not used when `digest` is set.", '', {
    pattern: '^([A-Za-z0-9_][A-Za-z0-9._-]{0,127})?$',
  }),
  digest: text(
    'Pins the image to exactly these bytes, for example `sha256:` and 64 hexadecimal digits.',
    '',
    {
      pattern: '^(sha256:[0-9a-f]{64})?$',
    },
  ),
  pullPolicy: oneOf('When the kubelet pulls the image.', 'IfNotPresent', ['Always', 'IfNotPresent', 'Never']),
});

const serviceAccount = section('The identity the operator runs as.', {
  create: flag('Create the ServiceAccount. When false, `name` must be one that exists.', true),
  name: text("Name of the ServiceAccount; empty means the release's full name.", ''),
  annotations: strings('Annotations of the ServiceAccount.'),
});

const rbac = section(
  "Rights. The operator's own rules are generated from its code and are not configurable.",
  {
    create: flag('Create the roles and bindings of the operator. When false, bind them yourself.', true),
    aggregateToDefaultRoles: flag(
      "Add rights on MCPServers, and the right to read MCPSecurityPolicies, to the cluster's own `view`, `edit` and `admin` ClusterRoles.",
      true,
    ),
    secretReader: flag(
      'Create the ClusterRole `mcp-operator-secret-reader`, bound to nobody: a namespace opts in with a RoleBinding. Set false in a second installation in the same cluster.',
      true,
    ),
  },
);

const settings = SettingsSchema.properties;

const probe = section('How the operator reaches the servers it verifies.', {
  allowedCIDRs: setting(settings.probe.properties.allowedCIDRs, { items: ADDRESS_OR_RANGE }),
  refusedCIDRs: setting(settings.probe.properties.refusedCIDRs, { items: ADDRESS_OR_RANGE }),
  concurrency: setting(settings.probe.properties.concurrency),
});

const clusterDNS = section("Where the cluster's DNS runs; opened in every NetworkPolicy.", {
  namespaceLabels: setting(settings.clusterDNS.properties.namespaceLabels),
  podLabels: setting(settings.clusterDNS.properties.podLabels),
});

const networkPolicy = section(
  'The NetworkPolicy around the operator itself. Needs a network plugin that enforces policies.',
  {
    enabled: flag('Create the NetworkPolicy.', true),
    metricsFrom: objects(
      'Who may read metrics: NetworkPolicyPeers, for example the namespace of Prometheus. Empty means every pod of the cluster.',
    ),
    apiServer: section('The way to the API server, which no label selector can name.', {
      cidrs: list(
        'Addresses of the API server after translation by the network plugin. Empty means any address, on the ports below.',
        RANGE,
      ),
      ports: list(
        'Ports of the API server, before and after translation.',
        { type: 'integer', minimum: 1, maximum: 65535 },
        [443, 6443],
      ),
    }),
    remoteServers: section('The way to servers outside the cluster (`source.remote`).', {
      to: objects('NetworkPolicyPeers that probes of remote servers may reach. Empty closes this way.', [
        { ipBlock: { cidr: '0.0.0.0/0', except: ['127.0.0.0/8', '169.254.0.0/16'] } },
        { ipBlock: { cidr: '::/0', except: ['::1/128', 'fe80::/10'] } },
      ]),
      ports: list('Ports of remote servers.', { type: 'integer', minimum: 1, maximum: 65535 }, [443]),
    }),
    extraEgress: objects('Further NetworkPolicyEgressRules, as Kubernetes spells them.'),
  },
);

const metrics = section('Prometheus metrics.', {
  port: port('Port of the metrics endpoint.', 8080),
  serviceMonitor: section('A ServiceMonitor for the Prometheus operator.', {
    enabled: flag('Create it. Needs the CustomResourceDefinitions of the Prometheus operator.', false),
    interval: text('How often Prometheus reads.', '30s', { pattern: DURATION }),
    scrapeTimeout: text('After how long a read is given up; must not exceed `interval`.', '10s', {
      pattern: DURATION,
    }),
    labels: strings('Labels that your Prometheus selects ServiceMonitors by.'),
  }),
  prometheusRule: section("Alerts on the operator's own health and on servers that are not Ready.", {
    enabled: flag(
      'Create the PrometheusRule. Needs the CustomResourceDefinitions of the Prometheus operator.',
      false,
    ),
    labels: strings('Labels that your Prometheus selects rules by.'),
    complianceMaxAgeHours: integer(
      'Alert when the last run of a ComplianceCheck is older than so many hours. Choose more than the longest time between two runs of your schedules.',
      192,
      1,
      8760,
    ),
  }),
  grafanaDashboard: section('A dashboard of compliance for Grafana, in a ConfigMap that its sidecar finds.', {
    enabled: flag('Create the ConfigMap.', false),
    labels: strings('Labels that the sidecar of your Grafana selects ConfigMaps by.', {
      grafana_dashboard: '1',
    }),
  }),
});

const reports = section('Findings of compliance checks as reports in the cluster.', {
  installCRDs: flag(
    'Install the CustomResourceDefinitions of openreports.io. Other tools share them, so they are left alone unless you ask; they outlive `helm uninstall`.',
    false,
  ),
});

const pod: Readonly<Record<string, ValueSchema>> = {
  resources: kubernetesObject(
    "Resources of the operator's container. Node.js sizes its heap to 75% of the memory limit.",
    {
      requests: { cpu: '50m', memory: '128Mi' },
      limits: { memory: '512Mi' },
    },
  ),
  podAnnotations: strings("Further annotations of the operator's pods."),
  podLabels: strings("Further labels of the operator's pods."),
  podSecurityContext: kubernetesObject(
    'Security context of the pod; satisfies the `restricted` Pod Security Standard. No user id is fixed, so that OpenShift can choose one.',
    { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
  ),
  containerSecurityContext: kubernetesObject('Security context of the container.', {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    readOnlyRootFilesystem: true,
  }),
  nodeSelector: strings('Labels that a node must have.'),
  tolerations: objects("Tolerations of the operator's pods."),
  affinity: kubernetesObject("Affinity of the operator's pods."),
  topologySpreadConstraints: objects('Replaces the default: one pod per node where possible.'),
  priorityClassName: text("PriorityClass of the operator's pods.", ''),
  terminationGracePeriodSeconds: integer(
    'Time to finish running reconciles and to give the lease back.',
    45,
    10,
  ),
};

const webhook = section(
  'Admission: the webhooks that judge servers by MCPSecurityPolicies and record who writes them.',
  {
    enabled: flag(
      'Serve them, and have the API server ask them. When false no MCPSecurityPolicy refuses anything, and nothing records who writes a server.',
      true,
    ),
    port: port(
      'Port of the webhooks in the pod. The API server must reach it: where a firewall stands between, as in private GKE clusters, open it or choose a port that is open already, such as 10250.',
      9443,
    ),
    certificates: oneOf(
      'Who makes their certificates. `Operator`: the operator makes, publishes and renews them. `CertManager`: the release has an Issuer and a Certificate for cert-manager, which must be installed, and the operator gets no right to write any of it.',
      'Operator',
      ['Operator', 'CertManager'],
    ),
    clientCAConfigMapName: text(
      'ConfigMap in the release namespace with the key `ca.crt`: the authorities that sign the client certificate with which the API server asks these webhooks (`kubeConfigFile` of its AdmissionConfiguration). Who asks without one is not answered. Empty: no certificate is asked for. Restart the operator after a change.',
      '',
    ),
  },
);

const stored = settings.store.properties;

const store = section('Where compliance history is kept. Without a store, compliance checks do not run.', {
  mode: setting(stored.mode),
  external: section('With mode External: your PostgreSQL, 15 or later.', {
    host: setting(stored.host),
    port: setting(stored.port),
    database: setting(stored.database),
    secretName: text(
      'Secret in the release namespace with the keys `username` and `password`; the operator takes up changes by itself.',
      '',
    ),
    migrationSecretName: text(
      'Another Secret with the same keys, of the role that owns the tables, so that the role for everyday work cannot change the ledger. Empty: one role does both.',
      '',
    ),
    tlsMode: setting(stored.tls.properties.mode),
    caConfigMapName: text(
      "ConfigMap with the key `ca.crt`: the authorities that sign the server's certificate. Empty: the system's.",
      '',
    ),
    poolMax: setting(stored.poolMax),
    to: objects(
      'NetworkPolicyPeers of the database, for the NetworkPolicy of the operator. Empty: any address, on its port.',
    ),
  }),
  embedded: section('With mode Embedded: a database inside of the operator, for evaluation. One replica.', {
    size: text('Size of the volume.', '2Gi', { pattern: '^[0-9]+(Mi|Gi|Ti)$' }),
    storageClassName: text("StorageClass of the volume; empty means the cluster's default.", ''),
    existingClaim: text('A PersistentVolumeClaim that is there already, instead of one of the release.', ''),
    memory: text(
      "Memory limit of the operator's container, in place of that in `resources`: the database takes 500 MB when it is made, and 100 MB from then on.",
      '1Gi',
      { pattern: '^[0-9]+(Mi|Gi)$' },
    ),
    fsGroup: integer(
      'Group that owns the volume. 0 leaves it out, as on OpenShift, which chooses one.',
      65_532,
      0,
    ),
  }),
});

const compliance = section('Compliance checks.', {
  concurrency: setting(settings.compliance.properties.concurrency),
});

const approval = section('Approval by people.', {
  personKey: setting(settings.approval.properties.personKey),
});

const told = settings.notifications.properties;

const notifications = section('Notifications about approval. They need a store.', {
  url: setting(told.url),
  secretName: text(
    'Secret in the release namespace with the key `secret`: what signs deliveries, `whsec_` and 24 to 64 bytes in base64; several, one a line, sign each. The operator takes up changes by itself.',
    '',
  ),
  caConfigMapName: text(
    "ConfigMap with the key `ca.crt`: the authorities that sign the receiver's certificate. Empty: the system's.",
    '',
  ),
  source: setting(told.source),
  to: objects(
    'NetworkPolicyPeers of the receiver, for the NetworkPolicy of the operator. Empty: any address, on the port of the URL.',
  ),
});

const executor = section(
  'The executor, which makes approved changes. With store.mode External it is a Deployment and an identity of its own; with Embedded the operator does its work.',
  {
    replicas: integer('Executor pods. One acts; others stand by.', 1, 1),
    resources: kubernetesObject("Resources of the executor's container.", {
      requests: { cpu: '10m', memory: '96Mi' },
      limits: { memory: '256Mi' },
    }),
    serviceAccount: section('The identity that it runs as, named after the release with `-executor`.', {
      annotations: strings('Annotations of the ServiceAccount.'),
    }),
  },
);

const FILLED = { type: 'string', minLength: 1 };

/** What a section alone cannot say: an embedded database has one user, and an external one an address and a role; notifications are signed, and wait in the store. */
const TOGETHER = [
  whereStoreIs('Embedded', { replicas: { type: 'integer', maximum: 1 } }),
  whereStoreIs('External', { store: object({ external: object({ host: FILLED, secretName: FILLED }) }) }),
  {
    anyOf: [
      object({ notifications: object({ url: { const: '' } }) }),
      object({
        notifications: object({ secretName: FILLED }),
        store: object({ mode: { enum: ['External', 'Embedded'] } }),
      }),
    ],
  },
];

/** Written as not (mode and not demands), since a key `then` makes something that looks like a promise. */
function whereStoreIs(mode: string, demands: object): object {
  const isSo = object({ store: { ...object({ mode: { const: mode } }), required: ['mode'] } });
  return { anyOf: [{ not: { ...isSo, required: ['store'] } }, object(demands)] };
}

function object(properties: object): object {
  return { type: 'object', properties };
}

/** The chart's values, in the order in which a user reads them. */
export const CHART_VALUES: ValueSchema = {
  ...section('Values of the mcp-operator chart.', {
    image,
    imagePullSecrets: list('Secrets to pull the image with, each `{name: …}`.', {
      type: 'object',
      additionalProperties: false,
      required: ['name'],
      properties: { name: { type: 'string', minLength: 1 } },
    }),
    replicas: integer('Operator pods. One leads; the others stand by with warm caches.', 2, 1),
    podDisruptionBudget: flag('Keep a node drain from taking more than one operator pod at a time.', true),
    watchNamespaces: setting(settings.watchNamespaces, {
      description:
        'Namespaces to serve; empty means all. With a list, the operator gets Roles in these namespaces instead of a ClusterRole, and they must exist.',
    }),
    logLevel: setting(settings.logLevel),
    concurrency: setting(settings.concurrency),
    probe,
    store,
    notifications,
    compliance,
    approval,
    executor,
    clusterDNS,
    crds: section('CustomResourceDefinitions.', {
      install: flag(
        'Install and upgrade them with the release. They outlive `helm uninstall`, and with them every MCPServer.',
        true,
      ),
    }),
    defaultPolicy: setting(settings.defaultPolicy),
    creatorAuthority: flag(
      'Create the ValidatingAdmissionPolicy that asks of whoever writes an MCPServer the rights the operator would use for it: `create pods`, and `get` on each Secret it would read.',
      true,
    ),
    webhook,
    secondLock: flag(
      'Create the ValidatingAdmissionPolicies that refuse the worst without a webhook: what MCPSecurityPolicies enforce, as far as the API server can judge it by itself, children that open the node, and approvals that are not what they say.',
      true,
    ),
    rbac,
    serviceAccount,
    networkPolicy,
    metrics,
    reports,
    healthPort: port('Port of the health endpoints `/healthz` and `/readyz`.', 8081),
    ...pod,
    nameOverride: text("Replaces the chart's name in object names.", '', { maxLength: 40 }),
    fullnameOverride: text("Replaces the whole name of the operator's objects.", '', { maxLength: 40 }),
    global: kubernetesObject('Set by Helm when this chart is part of another one; not read.'),
  }),
  allOf: TOGETHER,
};
