import type { Control } from './control.ts';

const NAMESPACES = ['hostNetwork', 'hostPID', 'hostIPC'] as const;

/** Baseline: no namespace is shared with the node. */
export const hostNamespaces: Control = {
  id: 'hostNamespaces',
  findBreaches: ({ spec }) =>
    NAMESPACES.filter((field) => spec[field] === true).map((field) => ({
      path: field,
      value: 'true',
      message: `The pod shares a namespace of its node (${field}).`,
      fix: `Remove ${field}.`,
    })),
};
