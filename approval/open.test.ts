import { describe, expect, it } from 'vitest';
import { digestOf } from './digest.ts';
import { type OpeningFacts, opening } from './open.ts';
import { OPENED, aPerson, aPlan, aSnapshot, anAction, later } from './testing/rows.ts';

const FACTS: OpeningFacts = {
  requestUid: 'uid-of-request',
  namespace: 'team-a',
  name: 'remediate-github-1',
  createdAt: '2026-11-26T09:59:00Z',
  action: anAction(),
  plan: aPlan(),
  requestedBy: aPerson('rita'),
  initiators: [aPerson('ivan')],
  unknownInitiators: true,
  policy: aSnapshot({ required: [{ group: 'leads', count: 1 }] }),
  attempt: 1,
};

describe('opening', () => {
  it('binds action, plan and policies, and starts the clock', () => {
    const { row } = opening(FACTS, OPENED);
    expect(row).toMatchObject({
      phase: 'Pending',
      waiting: 'QuorumNotMet',
      approvals: { have: 0, need: 3, missing: ['leads'] },
      derived: { digest: digestOf(FACTS.action, FACTS.plan.effect), expiresAt: later(86_400).toISOString() },
      conditions: [],
      decisions: [],
    });
  });

  it('has no end without a policy, and nothing that it would need', () => {
    const { row, event } = opening({ ...FACTS, policy: undefined }, OPENED);
    expect(row).toMatchObject({ waiting: 'NoPolicy', approvals: { have: 0, need: 0, missing: [] } });
    expect(row.derived.expiresAt).toBeUndefined();
    expect(event.details).toMatchObject({ policies: [] });
  });

  it('tells the ledger who asked, and names nobody in what stays there for good', () => {
    const { event } = opening(FACTS, OPENED);
    expect(event.person).toBe('rita');
    expect(JSON.stringify(event.details)).not.toMatch(/rita|ivan/);
    expect(event.details).toMatchObject({
      digest: expect.stringMatching(/^sha256:/),
      initiators: 1,
      unknownInitiators: true,
    });
  });

  it('sends one message, with no diff in it', () => {
    const { messages } = opening(FACTS, OPENED);
    expect(messages).toHaveLength(1);
    expect(messages[0]).toMatchObject({
      topic: 'approval',
      key: 'uid-of-request/Pending',
      payload: { phase: 'Pending', risk: 'medium' },
    });
    expect(JSON.stringify(messages)).not.toContain('replicas');
  });
});
