/**
 * Every check of a profile on one server: the engine that the reconciler and `kilo-mcp check` share. Checks run one after the other, so that
 * a server meets one question at a time; a check that breaks, hangs or lies harms its own finding and no other.
 */
import { systemClock } from '../../core/clock.ts';
import { FAMILIES, type Check, type Family } from './check.ts';
import type { EvaluationSettings } from './evaluation-settings.ts';
import type { ServerFacts } from './facts.ts';
import type { MergedVerdict } from './merge-verdicts.ts';
import type { EvidenceRecord, ServerResult } from './record.ts';
import { recordFinding, type RecordedFinding } from './record-finding.ts';
import { runCheck } from './run-check.ts';
import { marksOf } from './score.ts';

export type { EvaluationSettings, ProfileCheck } from './evaluation-settings.ts';

/** Of one server: longer than any honest one needs, short enough that a hanging one holds nobody up. */
const SERVER_TIMEOUT_MS = 120_000;

/** Rejects with the reason of `signal` and never otherwise. */
export async function evaluate(
  facts: ServerFacts,
  settings: EvaluationSettings,
  signal: AbortSignal,
): Promise<ServerResult> {
  const { clock = systemClock, serverTimeoutMs = SERVER_TIMEOUT_MS, onCheck } = settings;
  const endsAt = clock.monotonicMs() + serverTimeoutMs;
  const judged: RecordedFinding[] = [];
  for (const entry of settings.profile) {
    const check = settings.checks.find(({ id }) => id === entry.id) ?? unknownCheck(entry.id);
    const late = clock.monotonicMs() > endsAt && check.eras.length > 0;
    const run = { ...entry, clock, ...timeoutOf(settings) };
    const verdict = late ? OUT_OF_TIME : await runCheck(check, facts, run, signal);
    judged.push(recordFinding(check, entry, verdict, facts, settings));
    onCheck?.(check.id);
  }
  const findings = judged.map(({ finding }) => finding);
  const evidence = judged.flatMap((each) => each.evidence ?? []);
  return { server: facts.server, findings, evidence: distinct(evidence), ...marksOf(findings) };
}

const OUT_OF_TIME: MergedVerdict = {
  outcome: 'Untestable',
  message: 'The time that one run has for a server was over before this check.',
};

function timeoutOf({ checkTimeoutMs }: EvaluationSettings): { readonly timeoutMs?: number } {
  return checkTimeoutMs === undefined ? {} : { timeoutMs: checkTimeoutMs };
}

function distinct(records: readonly EvidenceRecord[]): readonly EvidenceRecord[] {
  return [...new Map(records.map((each) => [each.digest, each])).values()];
}

/** A profile may be newer than this program: its check is listed, and lowers the coverage. */
function unknownCheck(id: string): Check {
  const message = 'This version of the program has no such check.';
  return {
    id,
    family: familyOf(id),
    title: 'a check that this version does not have',
    severity: 'medium',
    eras: [],
    scored: false,
    cost: { requests: 0 },
    rationale: message,
    remediation: { kind: 'none', text: 'Upgrade the program, or take the check out of the profile.' },
    references: [],
    applies: () => ({ applies: true }),
    run: () => ({ outcome: 'Untestable', message }),
  };
}

function familyOf(id: string): Family {
  const letter = /^MCP-([A-Z])/.exec(id)?.[1] ?? '';
  return Object.hasOwn(FAMILIES, letter) ? (letter as Family) : 'C';
}
