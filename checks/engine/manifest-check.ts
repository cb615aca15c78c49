/**
 * A rule on manifests as a check of the catalogue: the same function that admission and lint call, so that the three cannot disagree.
 */
import type { Finding } from '../finding.ts';
import type { CheckRule } from '../rule.ts';
import { appliesToPods, appliesToServers } from './applicability.ts';
import type { Check, Family, RemediationKind, Verdict } from './check.ts';
import type { CheckContext } from './context.ts';

/** What a rule does not know of itself: why it is asked, and what to do. */
export interface ManifestText {
  readonly family: Family;
  readonly rationale: string;
  readonly remediation: { readonly kind: RemediationKind; readonly text: string };
  /** Whether it judges the pods only; otherwise servers that somebody else runs too. */
  readonly podsOnly: boolean;
}

const MAX_FINDINGS = 50;

/** @returns the check; it asks the server nothing. */
export function manifestCheck(rule: CheckRule, text: ManifestText): Check {
  const { id, title, severity, references } = rule;
  const { family, rationale, remediation, podsOnly } = text;
  return {
    id,
    family,
    title,
    severity,
    eras: [],
    scored: true,
    cost: { requests: 0 },
    rationale,
    remediation,
    references,
    applies: ({ subject }) => (podsOnly ? appliesToPods(subject) : appliesToServers(subject)),
    run: (context) => verdict(rule, context),
  };
}

function verdict(rule: CheckRule, { subject }: CheckContext): Verdict {
  const findings = subject === undefined ? [] : rule.evaluate(subject);
  const [first] = findings;
  if (first === undefined) return { outcome: 'Pass', message: `Kept: ${rule.title}.` };
  return { outcome: 'Fail', message: messageOf(first, findings), findings: findings.slice(0, MAX_FINDINGS) };
}

/** The first field stands for all; the others are in the finding. Different messages are told, counts are not: they would flap. */
function messageOf(first: Finding, findings: readonly Finding[]): string {
  const isAlone = findings.length === 1;
  return isAlone ? `${first.path}: ${first.message}` : `${first.path} and other fields: ${first.message}`;
}
