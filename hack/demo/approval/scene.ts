/** What every stage of the story works with, and what all of them know. */
import type { Demo, Tools } from '../frame.ts';
import type { Kubectl } from '../kubectl.ts';
import type { Place } from '../compliance.ts';
import type { Print } from '../stages.ts';
import type { Waiting } from '../waiting.ts';
import { NAMESPACE } from './policy.ts';

/** The check whose failure is the beginning of everything. */
export const FAILING = 'MCP-W06';
/** The ComplianceCheck with mode Remediate. */
export const CHECK: Place = { namespace: NAMESPACE, name: 'read-only-root' };
/** The server that can be mended. */
export const CLOCK = 'clock';
/** The server of which it only looks so. */
export const JOURNAL = 'journal';

/** @see module header */
export interface Scene {
  /** In the hands of an administrator. */
  readonly kubectl: Kubectl;
  readonly kubectlWithin: Tools['kubectlWithin'];
  readonly imagePrefix: string;
  readonly print: Print;
  readonly now: () => Date;
  /** One thing that takes time: said before, and how long it took afterwards. */
  readonly step: <T>(title: string, work: (waiting: Waiting) => Promise<T>) => Promise<T>;
}

/** @returns the scene of a demo on the cluster that it has started. */
export function sceneOf(
  { cluster, print, report, clock, signal }: Demo,
  { kubectl, kubectlWithin }: Tools,
): Scene {
  return {
    kubectl,
    kubectlWithin,
    imagePrefix: cluster.imagePrefix,
    print,
    now: () => clock.now(),
    step: (title, work) => report.step(title, (progress) => work({ clock, progress, signal })),
  };
}
