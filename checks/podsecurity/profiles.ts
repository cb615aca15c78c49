/**
 * The profiles of the Pod Security Standards as Kubernetes 1.37 enforces them, control by control
 * (https://kubernetes.io/docs/concepts/security/pod-security-standards/; k8s.io/pod-security-admission v0.37).
 */
import { allowPrivilegeEscalation } from './allow-privilege-escalation.ts';
import { appArmorProfile } from './app-armor.ts';
import { capabilitiesBaseline, capabilitiesRestricted } from './capabilities.ts';
import type { Control } from './control.ts';
import { hostNamespaces } from './host-namespaces.ts';
import { hostPorts } from './host-ports.ts';
import { hostProbesAndHostLifecycle } from './host-probes.ts';
import { privileged } from './privileged.ts';
import { procMountBaseline, procMountRestricted } from './proc-mount.ts';
import { runAsNonRoot, runAsUser } from './run-as.ts';
import { seLinuxOptions } from './se-linux.ts';
import { seccompBaseline, seccompRestricted } from './seccomp.ts';
import { sysctls } from './sysctls.ts';
import { hostPathVolumes, restrictedVolumes } from './volumes.ts';
import { windowsHostProcess } from './windows-host-process.ts';

/** A profile that asks for something. `privileged` asks for nothing. */
export type PodSecurityLevel = 'baseline' | 'restricted';

const BASELINE: readonly Control[] = [
  appArmorProfile,
  capabilitiesBaseline,
  hostNamespaces,
  hostPathVolumes,
  hostPorts,
  hostProbesAndHostLifecycle,
  privileged,
  procMountBaseline,
  seLinuxOptions,
  seccompBaseline,
  sysctls,
  windowsHostProcess,
];

const ONLY_RESTRICTED: readonly Control[] = [
  allowPrivilegeEscalation,
  capabilitiesRestricted,
  procMountRestricted,
  restrictedVolumes,
  runAsNonRoot,
  runAsUser,
  seccompRestricted,
];

const OVERRIDDEN = ONLY_RESTRICTED.map(({ overrides }) => overrides);

/** The controls of each profile. `restricted` holds those of `baseline` that it does not make stricter. */
export const PROFILES: Readonly<Record<PodSecurityLevel, readonly Control[]>> = {
  baseline: BASELINE,
  restricted: [...BASELINE.filter(({ id }) => !OVERRIDDEN.includes(id)), ...ONLY_RESTRICTED],
};
