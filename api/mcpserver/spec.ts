/**
 * `spec` of an MCPServer: the fields in the order in which a reader wants them, and the rules that span several of them.
 */
import { Type } from 'typebox';
import { type Static, listAtomic, oneOf, validations } from '../schema/build.ts';
import type { ValidationRule } from '../schema/json-schema.ts';
import { Env, EnvFrom, Resources, VolumeMounts, Volumes } from './container.ts';
import { Auth, Network, Probe, Strategy } from './operation.ts';
import { PodTemplate } from './pod-template.ts';
import { Source } from './source.ts';
import { Transport } from './transport.ts';

/** Fields that shape pods and have no default. With a remote source they would be believed and do nothing. */
const POD_FIELDS = ['command', 'args', 'env', 'envFrom', 'volumes', 'volumeMounts', 'podTemplate', 'network'];

const MOUNTS_KNOW_THEIR_VOLUME =
  'c.volumeMounts.all(m, has(self.volumes) && self.volumes.exists(v, v.name == m.name))';

function extraContainerMounts(list: 'containers' | 'initContainers'): ValidationRule {
  return {
    rule:
      `!has(self.podTemplate) || !has(self.podTemplate.spec) || !has(self.podTemplate.spec.${list}) || ` +
      `self.podTemplate.spec.${list}.all(c, !has(c.volumeMounts) || ${MOUNTS_KNOW_THEIR_VOLUME})`,
    message: `a volumeMount in podTemplate.spec.${list} names a volume that spec.volumes does not have: add the volume or correct the name`,
  };
}

const RULES: readonly ValidationRule[] = [
  {
    rule: `!has(self.source.remote) || !(${POD_FIELDS.map((field) => `has(self.${field})`).join(' || ')})`,
    message: `source.remote runs no pods: remove ${POD_FIELDS.join(', ')}`,
  },
  {
    rule: '!has(self.source.remote) || !has(self.probe.headersFrom)',
    message: 'with source.remote, move probe.headersFrom to source.remote.headersFrom',
  },
  {
    rule: "!has(self.source.remote) || !has(self.transport.tls) || self.source.remote.url.startsWith('https://')",
    message: 'transport.tls needs a source.remote.url that begins with https://',
  },
  {
    rule: '!has(self.volumeMounts) || self.volumeMounts.all(m, has(self.volumes) && self.volumes.exists(v, v.name == m.name))',
    message:
      'volumeMounts names a volume that spec.volumes does not have: add the volume or correct the name',
  },
  {
    // Not a rule of probe itself: the API server judges the default `{}` of probe by its rules before it fills that in.
    rule: 'self.probe.timeoutSeconds <= self.probe.intervalSeconds',
    message: 'probe.timeoutSeconds must not exceed probe.intervalSeconds',
    fieldPath: '.probe.timeoutSeconds',
  },
  extraContainerMounts('containers'),
  extraContainerMounts('initContainers'),
];

const Argument = Type.String({ description: 'One argument.', maxLength: 8192 });

export const MCPServerSpec = Type.Object(
  {
    source: Source,
    transport: Transport,
    command: Type.Optional(
      listAtomic(Argument, {
        description: 'Program to run in place of the entry point of the image.',
        maxItems: 64,
      }),
    ),
    args: Type.Optional(
      listAtomic(Argument, {
        description: 'Arguments of the program, in place of those of the image.',
        maxItems: 256,
      }),
    ),
    env: Type.Optional(Env),
    envFrom: Type.Optional(EnvFrom),
    volumes: Type.Optional(Volumes),
    volumeMounts: Type.Optional(VolumeMounts),
    resources: Resources,
    replicas: Type.Integer({
      description:
        'Number of pods; 0 stops the server and keeps all else (Ready is False with reason ScaledToZero). Above 1 a PodDisruptionBudget keeps all but one during node drains. Ignored with source.remote.',
      format: 'int32',
      minimum: 0,
      // Kubernetes before 1.34 does not enforce the format of a custom resource's number.
      maximum: 2_147_483_647,
      default: 1,
    }),
    strategy: Strategy,
    sessionAffinity: oneOf(['Auto', 'ClientIP', 'None'], {
      description:
        'Whether the Service keeps a client on one pod: ClientIP, None, or Auto, which is ClientIP until the server is verified to speak a stateless (modern) protocol. ' +
        'status.sessionAffinity shows what is in effect. Ignored with source.remote.',
      default: 'Auto',
    }),
    podTemplate: Type.Optional(PodTemplate),
    network: Type.Optional(Network),
    auth: Type.Optional(Auth),
    probe: Probe,
    suspend: Type.Boolean({
      description:
        'Leaves everything as it is: no child is changed, no probe is sent, Ready is False with reason Suspended. The server itself goes on running.',
      default: false,
    }),
  },
  { description: 'What to run, how to reach it, and how to know that it works.', ...validations(...RULES) },
);
/** Desired state, as the API server returns it: defaults are filled in. */
export type MCPServerSpec = Static<typeof MCPServerSpec>;
