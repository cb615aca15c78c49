import { hasUserNamespace, securityContextsOf, type Control } from './control.ts';
import { findInherited } from './inherited.ts';

/** Restricted: the kubelet refuses to start a process of root, for the pod or for each container. */
export const runAsNonRoot: Control = {
  id: 'runAsNonRoot',
  findBreaches({ spec }) {
    if (hasUserNamespace(spec)) return [];
    return findInherited(spec, {
      name: 'runAsNonRoot',
      read: (context) => context.runAsNonRoot,
      isAllowed: (value) => value,
      message: 'Its processes may run as root.',
      fix: 'Set runAsNonRoot to true.',
    });
  },
};

/** Restricted: nothing asks for root. */
export const runAsUser: Control = {
  id: 'runAsUser',
  findBreaches({ spec }) {
    if (hasUserNamespace(spec)) return [];
    const { pod, containers } = securityContextsOf(spec);
    return [pod, ...containers]
      .filter(({ context }) => context.runAsUser === 0)
      .map(({ path }) => ({
        path: `${path}.runAsUser`,
        value: '0',
        message: 'Its processes run as root.',
        fix: 'Set runAsUser to a number above 0, or remove it.',
      }));
  },
};
