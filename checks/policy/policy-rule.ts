/**
 * How rules of a policy are written: a judgement, wrapped into what every rule has.
 */
import type { FieldError, MCPSecurityPolicySpec } from '../../api/index.ts';
import type { Breach } from '../check.ts';
import { shownValue } from '../shown-value.ts';
import type { PolicyRule } from '../rule.ts';
import type { Subject } from '../subject.ts';

/** Rules about one thing, and what can be wrong with their own fields. */
export interface RuleGroup {
  readonly rules: readonly PolicyRule[];
  /** @returns what keeps the rules from being evaluated; paths begin with `spec.`. */
  readonly problems: (spec: MCPSecurityPolicySpec) => readonly FieldError[];
}

interface Definition extends Pick<PolicyRule, 'id' | 'severity' | 'title'> {
  readonly judge: (subject: Subject, policy: MCPSecurityPolicySpec) => readonly Breach[];
}

/** @returns the rule, whose findings name it and show no value that cannot be shown. */
export function policyRule({ judge, ...about }: Definition): PolicyRule {
  return {
    ...about,
    evaluate: (subject, policy) =>
      judge(subject, policy).map((breach) => ({
        rule: about.id,
        severity: about.severity,
        ...breach,
        value: shownValue(breach.value),
      })),
  };
}

/** @returns the problem of each entry of a list that has one. */
export function entryProblems(
  path: string,
  entries: readonly string[] | undefined,
  problemOf: (entry: string) => string | undefined,
): readonly FieldError[] {
  return (entries ?? []).flatMap((entry, index) => {
    const problem = problemOf(entry);
    return problem === undefined
      ? []
      : [{ path: `${path}[${index}]`, message: `"${shownValue(entry)}" ${problem}` }];
  });
}

const MAX_NAMED = 8;

/** @returns `a, b or c`, for a sentence that says what is possible. */
export function oneOf(words: readonly string[]): string {
  return listed(words, 'or');
}

/** @returns `a, b and c`. */
export function allOf(words: readonly string[]): string {
  return listed(words, 'and');
}

function listed(words: readonly string[], conjunction: 'or' | 'and'): string {
  const named = words.slice(0, MAX_NAMED);
  const rest = words.length - named.length;
  const all = rest > 0 ? [...named, `${rest} more`] : named;
  return all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} ${conjunction} ${all.at(-1) ?? ''}`;
}

/** @returns the path of a member of a map: in brackets where its key is no plain word. */
export function memberPath(map: string, key: string): string {
  return /^[A-Za-z]+$/.test(key) ? `${map}.${key}` : `${map}[${key}]`;
}
