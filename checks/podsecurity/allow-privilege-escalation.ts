import { UNSET } from '../finding.ts';
import { containersOf, runsOnWindows, type Control } from './control.ts';

/** Restricted: no process gains rights that its parent did not have. */
export const allowPrivilegeEscalation: Control = {
  id: 'allowPrivilegeEscalation',
  findBreaches({ spec }) {
    if (runsOnWindows(spec)) return [];
    return containersOf(spec)
      .filter(({ container }) => container.securityContext?.allowPrivilegeEscalation !== false)
      .map(({ container, path }) => ({
        path: `${path}.securityContext.allowPrivilegeEscalation`,
        value: String(container.securityContext?.allowPrivilegeEscalation ?? UNSET),
        message: 'A process of the container may gain more rights than its parent.',
        fix: 'Set allowPrivilegeEscalation to false.',
      }));
  },
};
