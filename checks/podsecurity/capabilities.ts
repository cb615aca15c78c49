import { UNSET } from '../finding.ts';
import { containersOf, runsOnWindows, type Breach, type Control, type JudgedPod } from './control.ts';

/** What container runtimes give by default. */
export const DEFAULT_CAPABILITIES = [
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
];

/** Baseline: only default capabilities are added. */
export const capabilitiesBaseline: Control = {
  id: 'capabilities_baseline',
  findBreaches: (pod) => forbiddenAdditions(pod, DEFAULT_CAPABILITIES),
};

/** Restricted: every capability is dropped, and only the one for ports below 1024 is added again. */
export const capabilitiesRestricted: Control = {
  id: 'capabilities_restricted',
  overrides: capabilitiesBaseline.id,
  findBreaches(pod) {
    if (runsOnWindows(pod.spec)) return [];
    return [...missingDrops(pod), ...forbiddenAdditions(pod, ['NET_BIND_SERVICE'])];
  },
};

function forbiddenAdditions({ spec }: JudgedPod, allowed: readonly string[]): readonly Breach[] {
  return containersOf(spec).flatMap(({ container, path }) => {
    const added = container.securityContext?.capabilities?.add ?? [];
    const forbidden = added.filter((capability) => !allowed.includes(capability));
    if (forbidden.length === 0) return [];
    return {
      path: `${path}.securityContext.capabilities.add`,
      value: forbidden.toSorted().join(', '),
      message: `The container adds capabilities beyond ${allowed.join(', ')}.`,
      fix: 'Take them out of capabilities.add.',
    };
  });
}

function missingDrops({ spec }: JudgedPod): readonly Breach[] {
  return containersOf(spec).flatMap(({ container, path }) => {
    const dropped = container.securityContext?.capabilities?.drop ?? [];
    if (dropped.includes('ALL')) return [];
    return {
      path: `${path}.securityContext.capabilities.drop`,
      value: dropped.length === 0 ? UNSET : dropped.toSorted().join(', '),
      message: 'The container keeps capabilities.',
      fix: 'Set capabilities.drop to [ALL].',
    };
  });
}
