/**
 * The Pod Security Standards as pure functions: what the admission of a namespace labelled `pod-security.kubernetes.io/enforce` says of a
 * pod, and which field to change. Own code, because upstream's is Go; its own cases and a real API server hold it to the same
 * verdicts.
 */
import { shownValue } from '../shown-value.ts';
import type { Breach, JudgedPod } from './control.ts';
import { PROFILES, type PodSecurityLevel } from './profiles.ts';

export type { PodSecurityLevel } from './profiles.ts';

/** One field that breaks one control of a profile. */
export interface PodSecurityFinding extends Breach {
  /** Kubernetes' name of the control, such as `runAsNonRoot`. */
  readonly control: string;
}

/** @returns what in `pod` breaks the profile; empty when the pod would be admitted. */
export function evaluatePodSecurity(level: PodSecurityLevel, pod: JudgedPod): readonly PodSecurityFinding[] {
  return PROFILES[level].flatMap((control) =>
    control
      .findBreaches(pod)
      .map((breach) => ({ control: control.id, ...breach, value: shownValue(breach.value) })),
  );
}
