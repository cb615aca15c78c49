/**
 * Every setting of the operator process, once: the same schema gives the command line's flags, the configuration file's keys,
 * their defaults, their checks and the reference in docs/configuration.md.
 */
import { Type, type Static } from 'typebox';
import { LOG_LEVELS } from '../../core/logger.ts';
import { StoreSettingsSchema } from '../../stores/settings.ts';
import { NotificationSettingsSchema } from '../notifications/settings.ts';

const bindAddress = (text: string, defaultValue: string) =>
  Type.String({
    description: `${text} Host and port, such as \`:8080\` or \`127.0.0.1:8080\`; \`0\` turns it off.`,
    pattern: '^(0|[^\\s]*:[0-9]{1,5})$',
    default: defaultValue,
  });

const namespaceName = Type.String({
  description: 'Name of a namespace: lower-case letters, digits and hyphens, such as `team-a`.',
  pattern: '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$',
});

const cidrs = (description: string) =>
  Type.Array(Type.String({ minLength: 3 }), { description, default: [] });

const labels = (description: string, defaultValue: Record<string, string>) =>
  Type.Record(Type.String(), Type.String(), { description, default: defaultValue });

/** Settings that are flags too: scalars, and lists given with commas. */
const flagSettings = {
  kubeconfig: Type.String({
    description:
      'Path of a kubeconfig file. Empty: `$KUBECONFIG`, else the service account of the pod, else `~/.kube/config`.',
    default: '',
  }),
  metricsBindAddress: bindAddress('Where Prometheus metrics are served, at `/metrics`.', ':8080'),
  healthProbeBindAddress: bindAddress('Where `/healthz` and `/readyz` are served.', ':8081'),
  webhookBindAddress: bindAddress(
    'Where admission webhooks are served, over HTTPS. Leave it off where no webhook configuration leads to this process.',
    '0',
  ),
  leaderElect: Type.Boolean({
    description:
      'Elect one leader among the replicas; the others keep warm caches. Needed with more than one replica.',
    default: false,
  }),
  leaderElectionNamespace: Type.String({
    description:
      "Namespace of the Lease that leaders hold. Empty: the pod's own namespace (`$POD_NAMESPACE`), else `default`.",
    default: '',
  }),
  watchNamespaces: Type.Array(namespaceName, {
    description: 'Serve MCPServers in these namespaces only. Empty: in every namespace.',
    default: [],
    uniqueItems: true,
    maxItems: 100,
  }),
  defaultPolicy: Type.Boolean({
    description:
      'Create the MCPSecurityPolicy `default` where there is no policy yet. It is done once: who deletes it does not get it back.',
    default: true,
  }),
  logLevel: Type.Enum([...LOG_LEVELS], {
    description: 'The least severe log lines to write.',
    default: 'info',
  }),
  concurrency: Type.Integer({
    description: 'How many MCPServers are reconciled at the same time.',
    minimum: 1,
    maximum: 256,
    default: 16,
  }),
};

const objectName = (description: string, defaultValue: string) =>
  Type.String({
    description,
    pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$',
    maxLength: 63,
    default: defaultValue,
  });

/** Of the webhook server; the chart names everything after its release. */
const webhookCertificates = Type.Object(
  {
    issuer: Type.Enum(['Operator', 'CertManager'], {
      description:
        'Who makes them: the operator itself, or cert-manager. With `CertManager` the Secret is only read, and who fills it also tells the API server which CA to trust.',
      default: 'Operator',
    }),
    secretName: objectName(
      "Name of the Secret that holds them, in the operator's namespace.",
      'mcp-operator-webhook-certificates',
    ),
    serviceName: objectName(
      "Name of the Service before the webhooks, in the operator's namespace. Certificates are for `NAME.NAMESPACE.svc`.",
      'mcp-operator-webhook',
    ),
    configurationName: objectName(
      'Name of the ValidatingWebhookConfiguration and of the MutatingWebhookConfiguration that the CA is published to.',
      'mcp-operator',
    ),
    clientCAFile: Type.String({
      description:
        'PEM file of the authorities that sign the client certificate with which the API server asks webhooks; who asks without one is not answered. Read at start. Empty: whoever reaches the port is answered, and learns no more than an answer to what it asks.',
      default: '',
    }),
  },
  {
    description: "The webhooks' certificates. Used when webhookBindAddress is on.",
    default: {},
    additionalProperties: false,
  },
);

const username = (whose: string) =>
  Type.String({
    description: `Username of ${whose}: \`system:serviceaccount:NAMESPACE:NAME\`. Empty: nobody is taken for it.`,
    default: '',
    maxLength: 340,
  });

/** Settings with structure: keys of the configuration file only. */
const fileSettings = {
  probe: Type.Object(
    {
      allowedCIDRs: cidrs('Addresses in these ranges may be probed although they are in a cluster range.'),
      refusedCIDRs: cidrs(
        'Remote servers at addresses in these ranges are never probed, besides those that are always refused. Name the range of your pods here if nodes do not know it (their spec.podCIDRs is empty).',
      ),
      concurrency: Type.Integer({
        description: 'How many servers are probed at the same time.',
        minimum: 1,
        maximum: 1024,
        default: 32,
      }),
    },
    {
      description: 'What outbound probes may reach.',
      default: {},
      additionalProperties: false,
    },
  ),
  clusterDNS: Type.Object(
    {
      namespaceLabels: labels("Labels of the namespace that runs the cluster's DNS.", {
        'kubernetes.io/metadata.name': 'kube-system',
      }),
      podLabels: labels("Labels of the cluster's DNS pods.", { 'k8s-app': 'kube-dns' }),
    },
    {
      description: 'Which pods answer DNS: every MCP server may reach them.',
      default: {},
      additionalProperties: false,
    },
  ),
  store: StoreSettingsSchema,
  notifications: NotificationSettingsSchema,
  compliance: Type.Object(
    {
      concurrency: Type.Integer({
        description:
          'How many servers are checked at the same time. Of each host it is one, whatever this says.',
        minimum: 1,
        maximum: 64,
        default: 4,
      }),
    },
    { description: 'How compliance checks run.', default: {}, additionalProperties: false },
  ),
  approval: Type.Object(
    {
      personKey: Type.String({
        description:
          "Key of the authenticator's `extra` whose value tells one person from another, such as `example.com/employee-id`. Empty: the username does.",
        default: '',
        maxLength: 253,
        pattern: '^[-._/a-z0-9]*$',
      }),
      operatorServiceAccount: username("the operator's ServiceAccount, which asks for what its checks found"),
      executorServiceAccount: username("the executor's ServiceAccount, whose changes were approved"),
    },
    { description: 'Who is who in approvals.', default: {}, additionalProperties: false },
  ),
  webhookCertificates,
  operatorNamespace: Type.String({
    description:
      "Namespace of the operator: from which probes come, for the servers' NetworkPolicies, and where the webhooks' Service and certificates are. Empty: as for leaderElectionNamespace.",
    default: '',
  }),
  secondLock: Type.String({
    description:
      'What the names of the ValidatingAdmissionPolicies that refuse the worst without a webhook begin with; the operator tells when one is missing. Empty: the installation goes without them.',
    default: '',
  }),
  operatorPodLabels: labels("Labels of the operator's own pods, for the servers' NetworkPolicies.", {
    'app.kubernetes.io/name': 'mcp-operator',
  }),
};

/** The configuration file's schema. */
export const SettingsSchema = Type.Object(
  { ...flagSettings, ...fileSettings },
  { additionalProperties: false, description: 'Settings of `kilo-mcp operator`.' },
);

/** The keys that are flags as well, in the order of the help text. */
export const FLAG_KEYS = Object.keys(flagSettings) as readonly (keyof typeof flagSettings)[];

/** `watchNamespaces` is `--watch-namespaces`. */
export function flagName(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** What help texts and references show of a setting. */
export interface SettingDescription {
  readonly description: string;
  /** Absent for a group of settings. */
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, SettingDescription>>;
}

/** The settings by key, as the schema's JSON form describes them. */
export const SETTING_DESCRIPTIONS: Readonly<Record<string, SettingDescription>> = JSON.parse(
  JSON.stringify(SettingsSchema.properties),
);

/** Complete, checked settings. */
export type Settings = Readonly<Static<typeof SettingsSchema>>;
