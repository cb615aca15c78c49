import type { V1PodSpec } from '@kubernetes/client-node';
import { containersOf, hasUserNamespace, isSet, type Breach, type Control } from './control.ts';

/** Baseline: what the runtime hides in `/proc` stays hidden, unless the pod has a user namespace. */
export const procMountBaseline: Control = {
  id: 'procMount',
  findBreaches: ({ spec }) => (hasUserNamespace(spec) ? [] : unmasked(spec)),
};

/** Restricted: it stays hidden always. */
export const procMountRestricted: Control = {
  id: 'procMount_restricted',
  overrides: procMountBaseline.id,
  findBreaches: ({ spec }) => unmasked(spec),
};

function unmasked(spec: V1PodSpec): readonly Breach[] {
  return containersOf(spec).flatMap(({ container, path }) => {
    const procMount = container.securityContext?.procMount;
    if (!isSet(procMount) || procMount === 'Default') return [];
    return {
      path: `${path}.securityContext.procMount`,
      value: procMount,
      message: 'The container sees what /proc hides by default.',
      fix: 'Remove procMount.',
    };
  });
}
