import type { V1PodSpec, V1Volume } from '@kubernetes/client-node';
import { isSet, type Breach, type Control } from './control.ts';

/** What `restricted` lets a pod mount. */
const ALLOWED = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
] as const satisfies readonly (keyof V1Volume)[];

/** Baseline: no directory of the node is mounted. */
export const hostPathVolumes: Control = {
  id: 'hostPathVolumes',
  findBreaches: ({ spec }) => breaches(spec, ({ hostPath }) => isSet(hostPath)),
};

/** Restricted: only kinds of volumes that reach nothing outside of the pod but by a claim or a driver. */
export const restrictedVolumes: Control = {
  id: 'restrictedVolumes',
  overrides: hostPathVolumes.id,
  findBreaches: ({ spec }) => breaches(spec, (volume) => !ALLOWED.some((kind) => isSet(volume[kind]))),
};

function breaches(spec: V1PodSpec, isForbidden: (volume: V1Volume) => boolean): readonly Breach[] {
  return (spec.volumes ?? []).filter(isForbidden).flatMap((volume) => {
    const kind = kindOf(volume);
    // Without a source it becomes an emptyDir before admission sees it.
    if (kind === undefined) return [];
    return {
      path: `volumes[name=${volume.name}]`,
      value: kind,
      message: `The volume is of a kind that is not allowed (${kind}).`,
      fix: `Use one of ${ALLOWED.join(', ')}.`,
    };
  });
}

function kindOf({ name: _name, ...source }: V1Volume): string | undefined {
  return Object.entries(source).find(([, value]) => isSet(value))?.[0];
}
