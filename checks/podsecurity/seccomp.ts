import { isSet, runsOnWindows, securityContextsOf, type Control } from './control.ts';
import { findInherited } from './inherited.ts';

const ALLOWED_TYPES = ['RuntimeDefault', 'Localhost'];
const FIX = 'Set seccompProfile.type to RuntimeDefault.';

/** Baseline: seccomp is not turned off. */
export const seccompBaseline: Control = {
  id: 'seccompProfile_baseline',
  findBreaches({ spec }) {
    const { pod, containers } = securityContextsOf(spec);
    return [pod, ...containers].flatMap(({ context: { seccompProfile }, path }) => {
      if (!isSet(seccompProfile) || ALLOWED_TYPES.includes(seccompProfile.type)) return [];
      return {
        path: `${path}.seccompProfile.type`,
        value: seccompProfile.type,
        message: 'Seccomp is turned off.',
        fix: FIX,
      };
    });
  },
};

/** Restricted: seccomp is turned on, for the pod or for each container. */
export const seccompRestricted: Control = {
  id: 'seccompProfile_restricted',
  overrides: seccompBaseline.id,
  findBreaches({ spec }) {
    if (runsOnWindows(spec)) return [];
    return findInherited(spec, {
      name: 'seccompProfile.type',
      read: ({ seccompProfile }) => seccompProfile?.type,
      isAllowed: (type) => ALLOWED_TYPES.includes(type),
      message: 'No seccomp profile limits the system calls.',
      fix: FIX,
    });
  },
};
