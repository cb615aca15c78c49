/** Every check that this version knows: the catalogue. */
import type { Check } from './engine/check.ts';
import { MANIFEST_CHECKS } from './manifest-checks.ts';
import { PROTOCOL_CHECKS } from './protocol/index.ts';
import { SECURITY_CHECKS } from './security/index.ts';
import { vulnerabilities } from './supply/vulnerabilities.ts';
import { TEXT_CHECKS } from './text/index.ts';
import { drift } from './workload/drift.ts';

/** By id: C, P, S, W. */
export const CHECKS: readonly Check[] = [
  ...PROTOCOL_CHECKS,
  ...SECURITY_CHECKS,
  ...TEXT_CHECKS,
  ...MANIFEST_CHECKS,
  vulnerabilities,
  drift,
].toSorted((one, other) => (one.id < other.id ? -1 : 1));
