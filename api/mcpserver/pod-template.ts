/**
 * `spec.podTemplate`: the part of a pod template that users may shape, at the paths where a PodTemplateSpec has it. Nothing
 * that fits here exceeds the Pod Security Standard "baseline": what does (host namespaces, privileged ...) has no field.
 */
import { Type } from 'typebox';
import {
  type Affinity,
  type Container,
  type InitContainer,
  type PodSecurityContext,
  type Toleration,
  type TopologySpreadConstraint,
  borrow,
} from '../kubernetes/index.ts';
import { GROUP, LABELS, SERVER_CONTAINER } from '../group.ts';
import { listAtomic, listMap, stringMap, validations } from '../schema/build.ts';
import type { ValidationRule } from '../schema/json-schema.ts';

/** What "baseline" allows a container to add. */
const CAPABILITIES = [
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
];

/** Fields of the server's own container that have their place elsewhere in the spec. */
const SET_ELSEWHERE = [
  'image',
  'imagePullPolicy',
  'command',
  'args',
  'ports',
  'env',
  'envFrom',
  'resources',
  'volumeMounts',
];

const CAPABILITY_RULE: ValidationRule = {
  rule:
    '!has(self.securityContext) || !has(self.securityContext.capabilities) || !has(self.securityContext.capabilities.add) || ' +
    `self.securityContext.capabilities.add.all(c, c in ${JSON.stringify(CAPABILITIES)})`,
  message: `securityContext.capabilities.add may hold only ${CAPABILITIES.join(', ')}`,
};

const SECCOMP_RULE: ValidationRule = {
  rule: "!has(self.securityContext) || !has(self.securityContext.seccompProfile) || self.securityContext.seccompProfile.type != 'Unconfined'",
  message: 'securityContext.seccompProfile.type must be RuntimeDefault or Localhost',
};

const NAME = {
  description: 'Name of the container, unique in the pod.',
  pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$',
  maxLength: 63,
};

const ContainerSchema = borrow<Container>('Container', {
  description: `One container. ${SERVER_CONTAINER} is the MCP server itself; every other name is a container of its own beside it.`,
  without: ['restartPolicy'],
  fields: { name: NAME },
  ...validations(
    {
      rule: `self.name == '${SERVER_CONTAINER}' || has(self.image)`,
      message: `set image; only the container ${SERVER_CONTAINER} takes its own from spec.source.image.ref`,
    },
    {
      rule: `self.name != '${SERVER_CONTAINER}' || !(${SET_ELSEWHERE.map((field) => `has(self.${field})`).join(' || ')})`,
      message: `the container ${SERVER_CONTAINER} takes ${SET_ELSEWHERE.join(', ')} from spec.source.image, spec.transport and the fields of spec: set them there`,
    },
    CAPABILITY_RULE,
    SECCOMP_RULE,
  ),
});

const InitContainerSchema = borrow<InitContainer>('Container', {
  description: 'One container that runs before the server.',
  fields: {
    name: NAME,
    restartPolicy: {
      description: 'Always makes it a sidecar, which runs on beside the server.',
      enum: ['Always'],
    },
  },
  ...validations(
    {
      rule: `self.name != '${SERVER_CONTAINER}'`,
      message: `the name ${SERVER_CONTAINER} is the MCP server's: choose another`,
    },
    { rule: 'has(self.image)', message: 'set image' },
    CAPABILITY_RULE,
    SECCOMP_RULE,
  ),
});

const QUALIFIED_NAME =
  '^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$';
const LABEL_VALUE = '^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$';

function keyRules(word: 'label' | 'annotation', allowed: readonly string[]): readonly ValidationRule[] {
  const exception = allowed.length === 0 ? '' : `k in ${JSON.stringify(allowed)} || `;
  return [
    {
      rule: `self.all(k, ${exception}!k.startsWith('${GROUP}/'))`,
      message: `${word}s under ${GROUP}/ are the operator's own: remove them${allowed.length === 0 ? '' : ` (only ${allowed.join(', ')} may be set)`}`,
    },
    {
      rule: `self.all(k, k.size() <= 317 && k.matches('${QUALIFIED_NAME}'))`,
      message: `a key is not a valid ${word} name: [prefix/]name with at most 63 letters, digits, '-', '_' and '.'`,
    },
  ];
}

const PodMetadata = Type.Object(
  {
    labels: Type.Optional(
      stringMap({
        description: `Labels of the pods. ${LABELS.client}: "true" lets the server call other MCP servers of its namespace.`,
        maxProperties: 32,
        values: { maxLength: 63, pattern: LABEL_VALUE },
        rules: keyRules('label', [LABELS.client]),
      }),
    ),
    annotations: Type.Optional(
      stringMap({
        description: 'Annotations of the pods.',
        maxProperties: 32,
        values: { maxLength: 65_536 },
        rules: keyRules('annotation', []),
      }),
    ),
  },
  { description: 'Labels and annotations that the pods get beside those of the operator.' },
);

const PodSpec = Type.Object(
  {
    serviceAccountName: Type.Optional(
      Type.String({
        description:
          'An existing ServiceAccount of this namespace, in place of the one the operator makes. No token is mounted either way.',
        pattern: '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$',
        maxLength: 253,
      }),
    ),
    securityContext: Type.Optional(
      borrow<PodSecurityContext>('PodSecurityContext', {
        description:
          'Merged field by field over the default: runAsNonRoot true, seccompProfile RuntimeDefault. An image that only works with a certain user needs runAsUser here.',
        ...validations({
          rule: "!has(self.seccompProfile) || self.seccompProfile.type != 'Unconfined'",
          message: 'seccompProfile.type must be RuntimeDefault or Localhost',
        }),
      }),
    ),
    containers: Type.Optional(
      listMap(ContainerSchema, ['name'], {
        description:
          `An entry named ${SERVER_CONTAINER} is merged field by field over the container of the MCP server: its securityContext, startupProbe, readinessProbe, livenessProbe and ` +
          'workingDir are set here. Entries of other names are added to the pod, without privilege escalation and capabilities unless their own securityContext says otherwise.',
        maxItems: 8,
      }),
    ),
    initContainers: Type.Optional(
      listMap(InitContainerSchema, ['name'], {
        description:
          'Containers that run to their end before the server starts; with restartPolicy Always, sidecars that start before it.',
        maxItems: 8,
      }),
    ),
    nodeSelector: Type.Optional(
      stringMap({
        description: 'Labels that a node must have to run the pods.',
        maxProperties: 32,
        values: { maxLength: 63, pattern: LABEL_VALUE },
      }),
    ),
    affinity: Type.Optional(
      borrow<Affinity>('Affinity', {
        description: 'Which nodes, and pods nearby, the scheduler prefers or demands.',
      }),
    ),
    tolerations: Type.Optional(
      listAtomic(borrow<Toleration>('Toleration', { description: 'A taint that the pods tolerate.' }), {
        description: 'Taints of nodes that the pods tolerate.',
        maxItems: 32,
      }),
    ),
    topologySpreadConstraints: Type.Optional(
      listMap(
        borrow<TopologySpreadConstraint>('TopologySpreadConstraint', {
          description: 'How evenly the pods spread.',
        }),
        ['topologyKey', 'whenUnsatisfiable'],
        {
          description:
            'How the pods spread over zones and nodes. Select them by the label mcp.kilocode.ai/server.',
          maxItems: 8,
        },
      ),
    ),
    runtimeClassName: Type.Optional(
      Type.String({
        description:
          'RuntimeClass of the pods, such as gvisor or kata: a sandbox for servers that you trust less.',
        maxLength: 253,
      }),
    ),
    priorityClassName: Type.Optional(
      Type.String({ description: 'PriorityClass of the pods.', maxLength: 253 }),
    ),
    terminationGracePeriodSeconds: Type.Optional(
      Type.Integer({
        description: 'Seconds from SIGTERM to SIGKILL when a pod stops. Kubernetes gives 30.',
        format: 'int64',
        minimum: 0,
        maximum: 3600,
      }),
    ),
  },
  {
    description:
      'A subset of PodSpec, at its own paths. What is not offered here cannot be set, host namespaces for one.',
    ...validations({
      rule: '!has(self.containers) || !has(self.initContainers) || self.initContainers.all(i, self.containers.all(c, c.name != i.name))',
      message: 'a name stands in both containers and initContainers: rename one',
    }),
  },
);

export const PodTemplate = Type.Object(
  { metadata: Type.Optional(PodMetadata), spec: Type.Optional(PodSpec) },
  {
    description:
      'Adjusts the pods that the operator renders. Not allowed with source.remote, which has none.',
  },
);
