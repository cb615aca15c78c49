/**
 * A ComplianceProfile in the words of the engine, for the reconciler and the command line alike: parameters of a manifest are texts and
 * numbers, those of a check have the types of their defaults.
 */
import type { ComplianceProfile } from '../../api/index.ts';
import type { Check } from '../engine/check.ts';
import type { ProfileCheck } from '../engine/evaluation-settings.ts';
import type { FindingRecord } from '../engine/record.ts';

type Spec = ComplianceProfile['spec'];
type Controls = (checkId: string) => FindingRecord['controls'];

/** @returns the check with its parameters, or what this version does not know of it. */
export function readProfileCheck(
  { id, severity, parameters }: Spec['checks'][number],
  checks: readonly Check[],
): ProfileCheck | string {
  const check = checks.find((candidate) => candidate.id === id);
  if (check === undefined) return `this version has no check ${id}`;
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

/** @returns the controls of the catalogue, and those of the profile with them. */
export function controlsOfProfile({ controls = [] }: Pick<Spec, 'controls'>, own: Controls): Controls {
  const known = new Map<string, FindingRecord['controls']>();
  return (checkId) => {
    const cached = known.get(checkId);
    if (cached !== undefined) return cached;
    const all: Record<string, readonly string[]> = { ...own(checkId) };
    for (const { framework, control, checks } of controls) {
      if (checks.includes(checkId)) all[framework] = [...new Set([...(all[framework] ?? []), control])];
    }
    known.set(checkId, all);
    return all;
  };
}

/** The text of a manifest as a value of the default's type; undefined when it is none. */
function like(byDefault: unknown, text: string | number): unknown {
  if (typeof byDefault === 'number') {
    return Number.isFinite(Number(text)) && text !== '' ? Number(text) : undefined;
  }
  if (typeof byDefault === 'boolean') return text === 'true' || (text === 'false' ? false : undefined);
  return Array.isArray(byDefault) ? wordsOf(String(text)) : String(text);
}

function wordsOf(text: string): readonly string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

function nounFor(byDefault: unknown): string {
  return typeof byDefault === 'number' ? 'a number' : '"true" or "false"';
}
