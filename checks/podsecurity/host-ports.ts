import { containersOf, type Control } from './control.ts';

/** Baseline: no port of the node is taken. 0 is no port. */
export const hostPorts: Control = {
  id: 'hostPorts',
  findBreaches: ({ spec }) =>
    containersOf(spec).flatMap(({ container, path }) =>
      (container.ports ?? [])
        .filter(({ hostPort }) => (hostPort ?? 0) !== 0)
        .map(({ containerPort, hostPort }) => ({
          path: `${path}.ports[containerPort=${containerPort}].hostPort`,
          value: String(hostPort),
          message: 'The container takes a port of its node.',
          fix: 'Remove hostPort.',
        })),
    ),
};
