/** One verdict from those of each era: the worst counts, and the message says in which era when they differ. */
import type { Era } from '../../mcp/index.ts';
import type { Verdict } from './check.ts';

/** From worst to best. Untestable in one era outweighs a pass in the other: half an answer is none. */
const WORST_FIRST: readonly Verdict['outcome'][] = [
  'Fail',
  'Error',
  'Warn',
  'Untestable',
  'Manual',
  'Pass',
  'NotApplicable',
];
const MAX_FINDINGS = 50;

export interface EraVerdict {
  readonly era: Era | undefined;
  readonly verdict: Verdict;
}

/** `era`: the only one that the outcome is of; undefined when it is of both or of none. */
export interface MergedVerdict extends Verdict {
  readonly era?: Era;
}

/** @param verdicts at least one. */
export function mergeVerdicts(verdicts: readonly EraVerdict[]): MergedVerdict {
  const outcome = WORST_FIRST.find((candidate) =>
    verdicts.some(({ verdict }) => verdict.outcome === candidate),
  );
  const worst = verdicts.filter(({ verdict }) => verdict.outcome === outcome);
  const exchanges = worst.flatMap(({ verdict }) => verdict.exchanges ?? []);
  const details = worst.map(({ verdict }) => verdict.details).filter((detail) => detail !== undefined);
  const era = worst.length === 1 ? worst[0]?.era : undefined;
  return {
    outcome: outcome ?? 'Error',
    message: messageOf(worst, verdicts.length),
    findings: worst.flatMap(({ verdict }) => verdict.findings ?? []).slice(0, MAX_FINDINGS),
    exchanges: [...new Set(exchanges)],
    ...(details.length > 0 && { details: details.length === 1 ? details[0] : details }),
    ...(era !== undefined && { era }),
  };
}

function messageOf(worst: readonly EraVerdict[], all: number): string {
  const messages = [...new Set(worst.map(({ verdict }) => verdict.message))];
  const [only = ''] = messages;
  if (messages.length === 1 && worst.length === all) return only;
  return worst.map(({ era, verdict }) => inEra(era, verdict.message)).join(' ');
}

function inEra(era: Era | undefined, message: string): string {
  return era === undefined ? message : `In the ${era} era: ${message}`;
}
