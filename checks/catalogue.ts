/**
 * The catalogue of checks on manifests: families W (the workload is hardened) and C (what runs is known). Each judges every server alike,
 * whatever the policies say.
 */
import type { Finding } from './finding.ts';
import type { CheckRule } from './rule.ts';
import type { Subject } from './subject.ts';
import { literalSecrets } from './supply/literal-secrets.ts';
import { pinnedImage } from './supply/pinned-image.ts';
import { runTimeFetch } from './supply/run-time-fetch.ts';
import { baseline } from './workload/baseline.ts';
import { capabilities } from './workload/capabilities.ts';
import { namespace } from './workload/namespace.ts';
import { networkIsolation } from './workload/network-isolation.ts';
import { nonRoot } from './workload/non-root.ts';
import { privilegeEscalation } from './workload/privilege-escalation.ts';
import { readOnlyRoot } from './workload/read-only-root.ts';
import { resourceBounds } from './workload/resource-bounds.ts';
import { seccomp } from './workload/seccomp.ts';
import { serviceAccount } from './workload/service-account.ts';

/** Every check, in the order of their names. */
export const CHECK_RULES: readonly CheckRule[] = [
  pinnedImage,
  runTimeFetch,
  literalSecrets,
  baseline,
  privilegeEscalation,
  nonRoot,
  capabilities,
  seccomp,
  readOnlyRoot,
  resourceBounds,
  serviceAccount,
  networkIsolation,
  namespace,
];

/** @returns what every check says of the server. */
export function evaluateChecks(subject: Subject): readonly Finding[] {
  return CHECK_RULES.flatMap((rule) => rule.evaluate(subject));
}
