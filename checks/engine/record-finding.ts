/** From the verdict of a check to what is kept of it: the finding, and the evidence that shows it. */
import { systemClock } from '../../core/clock.ts';
import { excerpt } from '../../core/excerpt.ts';
import { sha256Hex } from '../../core/sha256.ts';
import type { Exchange } from '../../mcp/index.ts';
import { controlsOf } from '../controls/index.ts';
import type { Check } from './check.ts';
import { firstSeen, stateOf } from './difference.ts';
import type { EvaluationSettings, ProfileCheck } from './evaluation-settings.ts';
import { evidenceOf } from './evidence.ts';
import type { ServerFacts } from './facts.ts';
import type { MergedVerdict } from './merge-verdicts.ts';
import type { Outcome } from './outcome.ts';
import type { EvidenceRecord, FindingRecord } from './record.ts';

const MAX_MESSAGE = 512;

/** A finding, and its evidence where something was seen. */
export interface RecordedFinding {
  readonly finding: FindingRecord;
  readonly evidence: EvidenceRecord | undefined;
}

/** Compares the verdict with what was found before, and lets a waiver cover it. */
export function recordFinding(
  check: Check,
  { severity = check.severity }: ProfileCheck,
  verdict: MergedVerdict,
  facts: ServerFacts,
  settings: EvaluationSettings,
): RecordedFinding {
  const { server } = facts;
  const { clock = systemClock } = settings;
  const before = settings.previous?.find((finding) => finding.check === check.id);
  const waiver = waiverOf(check.id, verdict.outcome, settings);
  const outcome = waiver === undefined ? verdict.outcome : 'Waived';
  const evaluatedAt = clock.now().toISOString();
  const finding: FindingRecord = {
    server,
    ...aboutCheck(check),
    severity,
    outcome,
    message: excerpt(verdict.message, MAX_MESSAGE),
    ...(verdict.era !== undefined && { era: verdict.era }),
    fields: (verdict.findings ?? []).map(({ path, value, message, fix }) => ({ path, value, message, fix })),
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

function aboutCheck({ id, title, family, scored, remediation, references }: Check) {
  return { check: id, title, family, scored, remediation, references };
}

/** A broken check is waived by nobody: what it would have said is not known. */
function waiverOf(
  checkId: string,
  outcome: Outcome,
  { waived }: EvaluationSettings,
): FindingRecord['waiver'] {
  return outcome === 'Fail' || outcome === 'Warn' ? waived?.(checkId) : undefined;
}

/** First 16 hex digits of sha256 over uid, check and outcome: the same as long as the outcome is. */
function resultId(uid: string, check: string, outcome: Outcome): string {
  return sha256Hex(`${uid}|${check}|${outcome}`).slice(0, 16);
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
