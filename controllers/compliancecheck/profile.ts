/** A profile as a run goes by it: its checks in the words of the engine, and the controls that each answers for. Pure. */
import type { ComplianceProfile } from '../../api/index.ts';
import type { Check } from '../../checks/engine/check.ts';
import type { ProfileCheck } from '../../checks/engine/evaluate.ts';
import type { FindingRecord } from '../../checks/engine/record.ts';
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
  const read = profile.spec.checks.map((entry) => readCheck(entry, catalogue.checks));
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
      checks,
      ids: new Set(checks.map(({ id }) => id)),
      controls: controlsOf(profile, catalogue),
    },
  };
}

type Entry = ComplianceProfile['spec']['checks'][number];

function readCheck(entry: Entry, checks: readonly Check[]): ProfileCheck | string {
  const { id, severity, parameters } = entry;
  const check = checks.find((candidate) => candidate.id === id);
  if (check === undefined) return `this version of the operator has no check ${id}`;
  const values: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(parameters ?? {})) {
    const parameter = check.parameters?.[name];
    if (parameter === undefined) return `the check ${id} has no parameter ${name}`;
    const value = like(parameter.default, text);
    if (value === undefined) return `the parameter ${name} of ${id} must be ${nounFor(parameter.default)}`;
    values[name] = value;
  }
  return { id, ...(severity && { severity }), ...(parameters && { parameters: values }) };
}

/** The text of a manifest as a value of the default's type; undefined when it is none. */
function like(byDefault: unknown, text: string | number): unknown {
  if (typeof byDefault === 'number')
    return Number.isFinite(Number(text)) && text !== '' ? Number(text) : undefined;
  if (typeof byDefault === 'boolean') return text === 'true' || (text === 'false' ? false : undefined);
  if (Array.isArray(byDefault))
    return String(text)
      .split(',')
      .map((word) => word.trim())
      .filter((word) => word !== '');
  return String(text);
}

function nounFor(byDefault: unknown): string {
  return typeof byDefault === 'number' ? 'a number' : '"true" or "false"';
}

/** The catalogue's own, and those of the profile. */
function controlsOf({ spec }: ComplianceProfile, catalogue: Catalogue): RunProfile['controls'] {
  const known = new Map<string, FindingRecord['controls']>();
  return (checkId) => {
    const cached = known.get(checkId);
    if (cached !== undefined) return cached;
    const controls: Record<string, readonly string[]> = { ...catalogue.controls(checkId) };
    for (const { framework, control, checks } of spec.controls ?? [])
      if (checks.includes(checkId))
        controls[framework] = [...new Set([...(controls[framework] ?? []), control])];
    known.set(checkId, controls);
    return controls;
  };
}
