import { securityContextsOf, type Control } from './control.ts';

/** Baseline: nothing runs as a process of a Windows node. */
export const windowsHostProcess: Control = {
  id: 'windowsHostProcess',
  findBreaches({ spec }) {
    const { pod, containers } = securityContextsOf(spec);
    return [pod, ...containers]
      .filter(({ context }) => context.windowsOptions?.hostProcess === true)
      .map(({ path }) => ({
        path: `${path}.windowsOptions.hostProcess`,
        value: 'true',
        message: 'It runs as a process of its Windows node.',
        fix: 'Remove hostProcess.',
      }));
  },
};
