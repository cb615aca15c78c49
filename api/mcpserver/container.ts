/**
 * The fields of `spec` that become the server's container: environment, volumes, resources.
 */
import {
  type EnvFromSource,
  type EnvVar,
  type ResourceRequirements,
  type Volume,
  type VolumeMount,
  borrow,
} from '../kubernetes/index.ts';
import type { ValidationRule } from '../schema/json-schema.ts';
import { listAtomic, listMap, validations } from '../schema/build.ts';
import { TMP_VOLUME } from '../group.ts';

/** @returns CEL that counts which of the members are set, and demands exactly one. */
function exactlyOne(object: string, members: readonly string[]): string {
  return `${members.map((member) => `(has(${object}.${member}) ? 1 : 0)`).join(' + ')} == 1`;
}

/** @returns CEL that demands the name of a reference, which Kubernetes' own schema leaves optional for reasons of history. */
function named(object: string, reference: string): string {
  return `(!has(${object}.${reference}) || (has(${object}.${reference}.name) && ${object}.${reference}.name != ''))`;
}

const VALUE_SOURCES = ['secretKeyRef', 'configMapKeyRef', 'fieldRef', 'resourceFieldRef'];
const VOLUME_SOURCES = ['configMap', 'secret', 'emptyDir', 'persistentVolumeClaim', 'projected', 'csi'];
const PROJECTIONS = ['configMap', 'secret', 'downwardAPI'];

const EnvVarSchema = borrow<EnvVar>('EnvVar', {
  description: 'One environment variable.',
  fields: { name: { description: 'Name of the variable.', minLength: 1, maxLength: 256 } },
  ...validations(
    {
      rule: "!self.name.contains('=')",
      message: 'the name of a variable must not contain =',
      fieldPath: '.name',
    },
    {
      rule: '!(has(self.value) && has(self.valueFrom))',
      message: 'set value or valueFrom, not both',
    },
    {
      rule: `!has(self.valueFrom) || ${exactlyOne('self.valueFrom', VALUE_SOURCES)}`,
      message: `valueFrom needs exactly one of ${VALUE_SOURCES.join(', ')}`,
    },
    {
      rule: `!has(self.valueFrom) || (${named('self.valueFrom', 'secretKeyRef')} && ${named('self.valueFrom', 'configMapKeyRef')})`,
      message: 'secretKeyRef and configMapKeyRef need a name',
    },
  ),
});

const EnvFromSchema = borrow<EnvFromSource>('EnvFromSource', {
  description: 'All keys of one ConfigMap or Secret as variables.',
  ...validations(
    {
      rule: 'has(self.configMapRef) != has(self.secretRef)',
      message: 'an entry of envFrom needs exactly one of configMapRef and secretRef',
    },
    {
      rule: `${named('self', 'secretRef')} && ${named('self', 'configMapRef')}`,
      message: 'secretRef and configMapRef need a name',
    },
  ),
});

const VOLUME_RULES: readonly ValidationRule[] = [
  {
    rule: exactlyOne('self', VOLUME_SOURCES),
    message: `a volume needs exactly one of ${VOLUME_SOURCES.join(', ')}; others, hostPath for one, are not offered`,
  },
  {
    rule: `self.name != '${TMP_VOLUME}'`,
    message: `the volume name ${TMP_VOLUME} is taken by the operator's own emptyDir: choose another`,
    fieldPath: '.name',
  },
  { rule: '!has(self.secret) || has(self.secret.secretName)', message: 'set secret.secretName' },
  { rule: '!has(self.configMap) || has(self.configMap.name)', message: 'set configMap.name' },
  {
    rule: `!has(self.projected) || !has(self.projected.sources) || self.projected.sources.all(s, ${exactlyOne('s', PROJECTIONS)})`,
    message: `each of projected.sources needs exactly one of ${PROJECTIONS.join(', ')}; serviceAccountToken is not offered`,
  },
];

const VolumeSchema = borrow<Volume>('Volume', {
  description: 'One volume of the pods.',
  fields: {
    name: {
      description: 'Name of the volume, for volumeMounts.',
      pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$',
      maxLength: 63,
    },
  },
  ...validations(...VOLUME_RULES),
});

const VolumeMountSchema = borrow<VolumeMount>('VolumeMount', {
  description: 'Where one volume appears in the container.',
  fields: {
    name: { description: 'Name of a volume of spec.volumes.', maxLength: 63 },
    mountPath: { description: 'Absolute path in the container.', maxLength: 1024 },
  },
  ...validations({
    rule: "self.mountPath.startsWith('/')",
    message: 'mountPath must begin with /',
    fieldPath: '.mountPath',
  }),
});

export const Env = listMap(EnvVarSchema, ['name'], {
  description:
    'Environment variables of the server. Take secrets from secretKeyRef: literal values can be read by everyone who may read this object.',
  maxItems: 128,
});

export const EnvFrom = listAtomic(EnvFromSchema, {
  description: 'ConfigMaps and Secrets whose keys all become environment variables; env wins over them.',
  maxItems: 32,
});

export const Volumes = listMap(VolumeSchema, ['name'], {
  description:
    'Volumes of the pods, for volumeMounts here and in podTemplate. The root file system is read-only and /tmp is an emptyDir: what the server must keep ' +
    'needs a persistentVolumeClaim, and with ReadWriteOnce also strategy.type Recreate.',
  maxItems: 32,
});

export const VolumeMounts = listMap(VolumeMountSchema, ['mountPath'], {
  description:
    "Where the volumes appear in the server's container. A mount at /tmp replaces the emptyDir there.",
  maxItems: 32,
});

export const Resources = borrow<ResourceRequirements>('ResourceRequirements', {
  description:
    "CPU and memory of the server's container. What is written here replaces the default as a whole. Ignored with source.remote.",
  default: { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '256Mi' } },
});
