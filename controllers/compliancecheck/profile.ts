/** A profile as a run goes by it: its checks in the words of the engine, and the controls that each answers for. Pure. */
import { lastChangedBy, type ComplianceProfile } from '../../api/index.ts';
import type { Check } from '../../checks/engine/check.ts';
import type { ProfileCheck } from '../../checks/engine/evaluate.ts';
import type { FindingRecord } from '../../checks/engine/record.ts';
import { controlsOfProfile, readProfileCheck } from '../../checks/profiles/read-profile.ts';
import { digest } from '../../core/canonical-json.ts';
import { uidOf } from './kinds.ts';

/** The checks that this version knows, and the controls that each of them answers for. */
export interface Catalogue {
  readonly checks: readonly Check[];
  readonly controls: (checkId: string) => FindingRecord['controls'];
}

/** @see module header. */
export interface RunProfile {
  readonly name: string;
  readonly uid: string;
  /** Over the canonical spec. */
  readonly hash: string;
  /** Who changed it last, as admission stamped it; empty when unknown. */
  readonly changedBy: string;
  readonly checks: readonly ProfileCheck[];
  readonly ids: ReadonlySet<string>;
  readonly controls: (checkId: string) => FindingRecord['controls'];
}

export type ReadProfile =
  | { readonly kind: 'profile'; readonly profile: RunProfile }
  /** `message` names what this version does not know. */
  | { readonly kind: 'invalid'; readonly message: string };

/** @returns the profile, or what of it this version does not know. */
export function readProfile(profile: ComplianceProfile, catalogue: Catalogue): ReadProfile {
  const read = profile.spec.checks.map((entry) => readProfileCheck(entry, catalogue.checks));
  const problems = read.flatMap((each) => (typeof each === 'string' ? [each] : []));
  if (problems.length > 0) return { kind: 'invalid', message: problems.join('; ') };
  const checks = read.filter((each) => typeof each !== 'string');
  const { name } = profile.metadata;
  return {
    kind: 'profile',
    profile: {
      name,
      uid: uidOf(profile),
      hash: digest(profile.spec),
      changedBy: lastChangedBy(profile.metadata.annotations),
      checks,
      ids: new Set(checks.map(({ id }) => id)),
      controls: controlsOfProfile(profile.spec, catalogue.controls),
    },
  };
}
