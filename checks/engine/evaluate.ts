/**
 * Every check of a profile on one server: the engine that the reconciler and `kilo-mcp check` share. Checks run one after the other, so that
 * a server meets one question at a time; a check that breaks, hangs or lies harms its own finding and no other.
 */
import { createHash } from 'node:crypto';
import { systemClock, type Clock } from '../../core/clock.ts';
import { excerpt } from '../../core/excerpt.ts';
import type { Exchange } from '../../mcp/index.ts';
import { controlsOf } from '../controls/index.ts';
import type { Severity } from '../finding.ts';
import { FAMILIES, type Check, type Family } from './check.ts';
import { firstSeen, stateOf } from './difference.ts';
import { evidenceOf } from './evidence.ts';
import type { ServerFacts } from './facts.ts';
import type { MergedVerdict } from './merge-verdicts.ts';
import type { Outcome } from './outcome.ts';
import type { EvidenceRecord, FindingRecord, ServerResult } from './record.ts';
import { runCheck } from './run-check.ts';
import { marksOf } from './score.ts';

/** Of one server: longer than any honest one needs, short enough that a hanging one holds nobody up. */
const SERVER_TIMEOUT_MS = 120_000;
const MAX_MESSAGE = 512;

/** One check of a profile. */
export interface ProfileCheck {
  readonly id: string;
  /** Instead of the check's own. */
  readonly severity?: Severity;
  /** Over the check's own defaults. */
  readonly parameters?: Readonly<Record<string, unknown>>;
}

/** What one run decides for all of its servers. */
export interface EvaluationSettings {
  /** All that this version knows. */
  readonly checks: readonly Check[];
  /** What to run of them, in the order of the findings. */
  readonly profile: readonly ProfileCheck[];
  /** @returns the waiver that covers a failure of this check at this server. */
  readonly waived?: (checkId: string) => FindingRecord['waiver'];
  /** @returns framework to controls. Default: those that come with the program. */
  readonly controls?: (checkId: string) => FindingRecord['controls'];
  /** What was found of this server before. */
  readonly previous?: readonly FindingRecord[];
  readonly tool: { readonly name: string; readonly version: string };
  readonly clock?: Clock;
  /** Of one check in one era. Default 30 seconds. */
  readonly checkTimeoutMs?: number;
  /** Of all checks together; what is left then is Untestable. Default two minutes. */
  readonly serverTimeoutMs?: number;
  /** Called after each check. */
  readonly onCheck?: (checkId: string) => void;
}

interface Judged {
  readonly finding: FindingRecord;
  readonly evidence: EvidenceRecord | undefined;
}

/** Rejects with the reason of `signal` and never otherwise. */
export async function evaluate(
  facts: ServerFacts,
  settings: EvaluationSettings,
  signal: AbortSignal,
): Promise<ServerResult> {
  const { clock = systemClock, serverTimeoutMs = SERVER_TIMEOUT_MS, onCheck } = settings;
  const endsAt = clock.monotonicMs() + serverTimeoutMs;
  const judged: Judged[] = [];
  for (const entry of settings.profile) {
    const check = settings.checks.find(({ id }) => id === entry.id) ?? unknownCheck(entry.id);
    const late = clock.monotonicMs() > endsAt && check.eras.length > 0;
    const run = { ...entry, clock, ...timeoutOf(settings) };
    const verdict = late ? OUT_OF_TIME : await runCheck(check, facts, run, signal);
    judged.push(record(check, entry, verdict, facts, settings, clock));
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

function record(
  check: Check,
  { severity = check.severity }: ProfileCheck,
  verdict: MergedVerdict,
  facts: ServerFacts,
  settings: EvaluationSettings,
  clock: Clock,
): Judged {
  const { server } = facts;
  const before = settings.previous?.find((finding) => finding.check === check.id);
  const waiver = isWaivable(verdict.outcome) ? settings.waived?.(check.id) : undefined;
  const outcome = waiver === undefined ? verdict.outcome : 'Waived';
  const evaluatedAt = clock.now().toISOString();
  const finding: FindingRecord = {
    server,
    check: check.id,
    title: check.title,
    family: check.family,
    severity,
    scored: check.scored,
    outcome,
    message: excerpt(verdict.message, MAX_MESSAGE),
    ...(verdict.era !== undefined && { era: verdict.era }),
    fields: (verdict.findings ?? []).map(({ path, value, message, fix }) => ({ path, value, message, fix })),
    remediation: check.remediation,
    references: check.references,
    controls: (settings.controls ?? controlsOf)(check.id),
    ...(waiver !== undefined && { waiver }),
    resultId: resultId(server.uid, check.id, outcome),
    firstSeenAt: firstSeen(outcome, before, evaluatedAt),
    evaluatedAt,
    state: stateOf(outcome, before),
  };
  const evidence = evidenceFor(finding, verdict, facts, settings);
  return { finding: { ...finding, ...(evidence && { evidence: evidence.digest }) }, evidence };
}

/** A broken check is waived by nobody: what it would have said is not known. */
function isWaivable(outcome: Outcome): boolean {
  return outcome === 'Fail' || outcome === 'Warn';
}

/** First 16 hex digits of sha256 over uid, check and outcome: the same as long as the outcome is. */
function resultId(uid: string, check: string, outcome: Outcome): string {
  return createHash('sha256').update(`${uid}|${check}|${outcome}`).digest('hex').slice(0, 16);
}

/** Nothing was seen where nothing applies, and nothing is shown of it. */
function evidenceFor(
  finding: FindingRecord,
  { exchanges = [], details }: MergedVerdict,
  { server, conversation, subject }: ServerFacts,
  { tool }: EvaluationSettings,
): EvidenceRecord | undefined {
  if (finding.outcome === 'NotApplicable') return undefined;
  const seen = exchanges
    .map((id) => conversation?.exchanges.get(id))
    .filter((exchange): exchange is Exchange => exchange !== undefined);
  const generation = subject?.server.metadata.generation;
  return evidenceOf({
    tool,
    server,
    finding,
    exchanges: seen,
    ...(generation !== undefined && { generation }),
    ...(details !== undefined && { details }),
  });
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
