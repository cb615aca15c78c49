/**
 * `spec` of an MCPSecurityPolicy: which servers it speaks of, what happens to those that break it, and its rules, one field each.
 * An absent rule restricts nothing; an empty list allows nothing.
 */
import { Type } from 'typebox';
import { type LabelSelector, borrow } from '../kubernetes/index.ts';
import { type Static, oneOf, validations } from '../schema/build.ts';

/** What happens to a server that breaks a policy. */
const ENFORCEMENTS = ['Enforce', 'Warn', 'Audit'] as const;

/** The profiles of the Pod Security Standards. */
const POD_SECURITY_LEVELS = ['restricted', 'baseline', 'privileged'] as const;

/** Kinds of volumes that an MCPServer can have. */
export const VOLUME_TYPES = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'persistentVolumeClaim',
  'projected',
  'secret',
] as const;

interface WordsOptions {
  readonly description: string;
  readonly words: string;
  readonly maxItems?: number;
  readonly maxLength?: number;
}

/** A set of texts; not a map of objects, so that a policy reads as a list of words. */
function words({ description, words: each, maxItems = 256, maxLength = 253 }: WordsOptions) {
  const item = Type.String({ description: each, minLength: 1, maxLength });
  return Type.Array(item, { description, maxItems, 'x-kubernetes-list-type': 'set' });
}

const QUANTITY = String.raw`^[0-9]+(\.[0-9]+)?(m|k|Ki|M|Mi|G|Gi|T|Ti|P|Pi|E|Ei)?$`;

const Images = Type.Object(
  {
    allowed: Type.Optional(
      words({
        description:
          'Images that servers, and containers beside them, may run. References are compared in full: docker.io/library/ is put in front where it is left out.',
        words:
          'Repository without tag and digest, such as ghcr.io/org/server; * stands for one segment or part of one, ** for any number: registry.example.com/**.',
        maxLength: 512,
      }),
    ),
    requireDigest: Type.Optional(
      Type.Boolean({
        description: 'Whether every image must be pinned by digest, so that what was reviewed is what runs.',
      }),
    ),
  },
  { description: 'Which images may run.' },
);

const Remotes = Type.Object(
  {
    hosts: Type.Optional(
      words({
        description: 'Hosts that source.remote.url may name.',
        words: 'Host name, such as mcp.example.com; a leading *. stands for one label or more.',
      }),
    ),
    requireTLS: Type.Optional(Type.Boolean({ description: 'Whether source.remote.url must be https.' })),
    allowPrivateAddresses: Type.Optional(
      Type.Boolean({
        description:
          'Whether source.remote.url may be an IP address of a private, loopback or link-local range, or a name without a dot or under .local, .internal or .svc. Default: it may.',
      }),
    ),
  },
  { description: 'Which servers elsewhere may be used.' },
);

const Limits = Type.Unsafe<Readonly<Record<string, string | number>>>({
  type: 'object',
  description:
    "Most that one container may have as its limit, by resource: {cpu: '2', memory: 2Gi}. A container without that limit breaks the rule too, except for devices and huge pages, of which it then gets none.",
  additionalProperties: { 'x-kubernetes-int-or-string': true, pattern: QUANTITY },
  maxProperties: 16,
});

const Resources = Type.Object(
  {
    requireLimits: Type.Optional(
      Type.Boolean({
        description: 'Whether every container needs a memory limit, and requests for CPU and memory.',
      }),
    ),
    max: Type.Optional(Limits),
  },
  { description: 'How much one container may use.' },
);

const NetworkRules = Type.Object(
  {
    denyEgressToAnywhere: Type.Optional(
      Type.Boolean({
        description:
          'Whether network.egress may not open the way to any address: no rule without `to`, and no range with prefix length 0.',
      }),
    ),
    denyCIDRs: Type.Optional(
      words({
        description:
          'Addresses that network.egress may not open, the metadata service of a cloud for one. Take them out with ipBlock.except.',
        words: 'Range in CIDR notation, such as 169.254.169.254/32.',
        maxLength: 64,
      }),
    ),
  },
  { description: 'Where servers may connect to.' },
);

const Secrets = Type.Object(
  {
    denyLiterals: Type.Optional(
      Type.Boolean({
        description:
          'Whether env, command and args may hold no literal that looks like a secret, by the name of the variable or the shape of the value.',
      }),
    ),
  },
  { description: 'Where secrets may stand.' },
);

const Labels = Type.Object(
  {
    required: Type.Optional(
      words({
        description: 'Labels that every MCPServer must carry, with any value but an empty one.',
        words: 'Key of a label, such as owner or example.com/data-classification.',
        maxItems: 32,
        maxLength: 317,
      }),
    ),
  },
  { description: 'What an MCPServer must say about itself.' },
);

export const MCPSecurityPolicySpec = Type.Object(
  {
    namespaceSelector: borrow<LabelSelector>('LabelSelector', {
      description:
        'Namespaces whose servers this policy judges, by the labels of the namespace; {} selects all. kubernetes.io/metadata.name is the name of a namespace.',
      default: {},
    }),
    serverSelector: Type.Optional(
      borrow<LabelSelector>('LabelSelector', {
        description:
          'Servers that this policy judges, by the labels of the MCPServer. Not with Enforce: whoever writes the server writes those labels.',
      }),
    ),
    enforcement: oneOf(ENFORCEMENTS, {
      description:
        'Enforce refuses what breaks the policy, Warn admits it with a warning, Audit only reports. Servers that are already there are reported, never stopped.',
      default: 'Enforce',
    }),
    images: Type.Optional(Images),
    remotes: Type.Optional(Remotes),
    transports: Type.Optional(
      Type.Array(
        Type.Unsafe<'StreamableHTTP' | 'SSE'>({
          type: 'string',
          enum: ['StreamableHTTP', 'SSE'],
          description: 'One transport.',
        }),
        {
          description: 'Transports that servers may speak.',
          maxItems: 8,
          'x-kubernetes-list-type': 'set',
        },
      ),
    ),
    podSecurity: Type.Optional(
      oneOf(POD_SECURITY_LEVELS, {
        description:
          'Pod Security Standard that the pods must meet, as rendered: restricted, baseline or privileged (anything).',
      }),
    ),
    runtimeClasses: Type.Optional(
      words({
        description: 'RuntimeClasses that the pods must use one of.',
        words: 'Name of a RuntimeClass, such as gvisor; an empty list refuses every server with pods.',
      }),
    ),
    serviceAccounts: Type.Optional(
      words({
        description:
          'ServiceAccounts that podTemplate.spec.serviceAccountName may name. The account that the operator makes, which has no rights, is always allowed.',
        words: 'Name of a ServiceAccount.',
      }),
    ),
    volumes: Type.Optional(
      Type.Array(
        Type.Unsafe<(typeof VOLUME_TYPES)[number]>({
          type: 'string',
          enum: VOLUME_TYPES,
          description: 'One kind of volume.',
        }),
        {
          description:
            "Kinds of volumes that spec.volumes may have. The operator's own emptyDir at /tmp is always allowed.",
          maxItems: 16,
          'x-kubernetes-list-type': 'set',
        },
      ),
    ),
    resources: Type.Optional(Resources),
    maxReplicas: Type.Optional(
      Type.Integer({
        description: 'Most pods that one server may have, however it is scaled.',
        format: 'int32',
        minimum: 0,
        maximum: 2_147_483_647,
      }),
    ),
    network: Type.Optional(NetworkRules),
    secrets: Type.Optional(Secrets),
    labels: Type.Optional(Labels),
  },
  {
    description:
      'Which servers the policy judges, by which rules, and what happens to those that break one. An absent rule restricts nothing, an empty list allows nothing.',
    ...validations({
      rule: "!has(self.serverSelector) || self.enforcement != 'Enforce'",
      message:
        'serverSelector cannot be used with enforcement Enforce, because whoever writes an MCPServer writes its labels: use namespaceSelector, or enforcement Warn or Audit',
      fieldPath: '.serverSelector',
    }),
  },
);
/** Rules and reach of a policy, as the API server returns them: defaults are filled in. */
export type MCPSecurityPolicySpec = Static<typeof MCPSecurityPolicySpec>;
