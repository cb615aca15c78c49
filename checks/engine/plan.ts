/** In which eras a check runs on one server, and what is said where it cannot. */
import type { Era } from '../../mcp/index.ts';
import type { Check, Verdict } from './check.ts';
import type { ServerFacts } from './facts.ts';
import { spokenEras, type Openings } from './gather.ts';

/** The one check that an unreachable server fails; the rest would only repeat it. */
const ANSWERS = 'MCP-P01';

/** What to do in one era; `era` is undefined for a check that asks nothing, and where the verdict is of no single one. */
export type Step =
  | { readonly kind: 'run'; readonly era: Era | undefined }
  | { readonly kind: 'verdict'; readonly era: Era | undefined; readonly verdict: Verdict };

/** @returns at least one step. */
export function planCheck(check: Check, facts: Pick<ServerFacts, 'declared' | 'openings'>): readonly Step[] {
  if (check.eras.length === 0) return [{ kind: 'run', era: undefined }];
  const spoken = spokenEras(facts.openings);
  const eras = check.eras.filter((era) => spoken.includes(era));
  if (eras.length > 0) return eras.map((era) => stepIn(era, check, facts));
  return [spoken.length === 0 ? stepOfClosed(check, facts.openings) : stepOfOtherEra(check)];
}

function stepIn(
  era: Era,
  check: Check,
  { declared, openings }: Pick<ServerFacts, 'declared' | 'openings'>,
): Step {
  if (openings[era]?.kind !== 'opened' && check.withoutOpening === undefined) {
    return untestable(era, 'The server wants other credentials than the check has.');
  }
  const asks = check.cost.requests > 0 || (check.cost.perReplica ?? 0) > 0;
  if (declared.transport === 'SSE' && asks && check.withoutOpening !== 'NotSpoken') {
    return untestable(era, 'This cannot be asked over the deprecated transport HTTP+SSE.');
  }
  return { kind: 'run', era };
}

function stepOfOtherEra({ eras: [era = 'modern'] }: Check): Step {
  const message = `The server does not speak the ${era} era.`;
  return { kind: 'verdict', era, verdict: { outcome: 'NotApplicable', message } };
}

function stepOfClosed(check: Check, openings: Openings): Step {
  const all = Object.values(openings);
  if (check.id === ANSWERS && all.length > 0) {
    return { kind: 'verdict', era: undefined, verdict: unanswered(openings) };
  }
  const answers = all.some((opening) => opening.kind === 'notOpened' && opening.reason === 'NotSpoken');
  if (answers && check.withoutOpening === 'NotSpoken' && check.eras.includes('legacy')) {
    return { kind: 'run', era: 'legacy' };
  }
  return untestable(
    undefined,
    all.length === 0 ? 'The server was not asked.' : 'The server could not be opened in any era.',
  );
}

function unanswered(openings: Openings): Verdict {
  const closed = Object.values(openings).filter((opening) => opening.kind === 'notOpened');
  const reasons = [...new Set(closed.map(({ message }) => message))];
  const each = closed.map(({ era, message }) => `${era} era: ${message}`);
  const why = reasons.length === 1 ? reasons : each;
  return {
    outcome: 'Fail',
    message: `The server opens in no era: ${why.join('; ')}.`,
    exchanges: closed.flatMap(({ exchanges }) => exchanges),
  };
}

function untestable(era: Era | undefined, message: string): Step {
  return { kind: 'verdict', era, verdict: { outcome: 'Untestable', message } };
}
