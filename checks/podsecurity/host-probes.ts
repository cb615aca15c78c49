import type { V1Container, V1LifecycleHandler } from '@kubernetes/client-node';
import { containersOf, type Breach, type Control } from './control.ts';

const PROBES = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const;
const HOOKS = ['postStart', 'preStop'] as const;
const ACTIONS = ['httpGet', 'tcpSocket'] as const;

/** A probe or a hook: what both have in common. */
type Handler = Pick<V1LifecycleHandler, (typeof ACTIONS)[number]>;

/** Baseline: the kubelet, which asks from the node's network, is sent to the pod and nowhere else. */
export const hostProbesAndHostLifecycle: Control = {
  id: 'hostProbesAndHostLifecycle',
  findBreaches: ({ spec }) =>
    containersOf(spec).flatMap(({ container, path }) =>
      handlersOf(container).flatMap(([field, handler]) => hosts(`${path}.${field}`, handler)),
    ),
};

function handlersOf({ lifecycle, ...container }: V1Container): readonly (readonly [string, Handler])[] {
  return [
    ...PROBES.map((field) => [field, container[field] ?? {}] as const),
    ...HOOKS.map((field) => [`lifecycle.${field}`, lifecycle?.[field] ?? {}] as const),
  ];
}

function hosts(path: string, handler: Handler): readonly Breach[] {
  return ACTIONS.flatMap((action) => {
    const host = handler[action]?.host ?? '';
    if (host === '') return [];
    return {
      path: `${path}.${action}.host`,
      value: host,
      message: 'The kubelet is sent to another host than the pod.',
      fix: 'Remove host.',
    };
  });
}
