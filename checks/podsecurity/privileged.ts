import { containersOf, type Control } from './control.ts';

/** Baseline: no container is privileged. */
export const privileged: Control = {
  id: 'privileged',
  findBreaches: ({ spec }) =>
    containersOf(spec)
      .filter(({ container }) => container.securityContext?.privileged === true)
      .map(({ path }) => ({
        path: `${path}.securityContext.privileged`,
        value: 'true',
        message: 'The container is privileged: nothing separates it from its node.',
        fix: 'Remove privileged.',
      })),
};
