/** Brings what a row says of its decisions up to date, with an event for each that is new. */
import type { Tally } from './count.ts';
import type { DecisionFact, Disregard } from './decision.ts';
import type { ApprovalRow } from './request.ts';
import type { ApprovalEvent } from './store.ts';

/** A row shows as many; admission lets one through for each person and verb. */
const MAX_SHOWN = 64;

/** @returns the very same row when nothing changed. */
export function noteDecisions(
  row: ApprovalRow,
  tally: Tally,
): { readonly row: ApprovalRow; readonly events: readonly ApprovalEvent[] } {
  const { have, need, missing, counted } = tally;
  const disregarded = tally.disregarded
    .slice(0, MAX_SHOWN)
    .map(({ fact: { name, uid }, why }) => ({ name, uid, why }));
  const noted = { decisions: counted.slice(0, MAX_SHOWN), disregarded, approvals: { have, need, missing } };
  const { decisions, disregarded: before, approvals } = row;
  if (isSame(noted, { decisions, disregarded: before, approvals })) return { row, events: [] };
  return {
    row: { ...row, ...noted },
    events: [...countedEvents(row, tally), ...disregardedEvents(row, tally)],
  };
}

/** Both are plain data, with their fields in the same order. */
function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function countedEvents(row: ApprovalRow, { counted }: Tally): readonly ApprovalEvent[] {
  const fresh = counted
    .slice(0, MAX_SHOWN)
    .filter(({ uid }) => !row.decisions.some((known) => known.uid === uid));
  return fresh.map(({ name, uid, person, verb, at, reason }) => ({
    event: 'DecisionCounted',
    person,
    ...(reason !== '' && { reason }),
    details: { decision: name, uid, verb, at, digest: row.derived.digest },
  }));
}

function disregardedEvents(row: ApprovalRow, { disregarded }: Tally): readonly ApprovalEvent[] {
  const isKnown = (fact: DecisionFact, why: Disregard): boolean =>
    row.disregarded.some((known) => known.uid === fact.uid && known.why === why);
  const fresh = disregarded.slice(0, MAX_SHOWN).filter(({ fact, why }) => !isKnown(fact, why));
  return fresh.map(({ fact: { name, uid, person, verb, at }, why }) => ({
    event: 'DecisionDisregarded',
    person,
    details: { decision: name, uid, verb, at, why },
  }));
}
