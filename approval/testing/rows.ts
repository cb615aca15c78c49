/** Builds rows, policies and decisions for tests: sound ones, with what a test is about over them. */
import type { Action } from '../action.ts';
import type { DecisionFact } from '../decision.ts';
import { digestOf } from '../digest.ts';
import { decisionName, requestName } from '../names.ts';
import type { Observed } from '../observed.ts';
import { type OpeningFacts, openRequest } from '../open.ts';
import type { Plan } from '../plan/plan.ts';
import type { PolicySnapshot } from '../policy-snapshot.ts';
import type { ApprovalRow, Person } from '../request.ts';
import { type PolicySource, policySnapshot } from '../snapshot.ts';

/** When every row of a test is opened: a Thursday. */
export const OPENED = new Date('2026-11-26T10:00:00Z');

/** @returns the time so many seconds after {@link OPENED}. */
export function later(seconds: number): Date {
  return new Date(OPENED.getTime() + seconds * 1000);
}

const TARGET = {
  apiVersion: 'mcp.kilocode.ai/v1alpha1',
  kind: 'MCPServer',
  name: 'github',
  uid: 'uid-of-github',
  generation: 3,
};

/** Remediate MCP-W06 of the server `github`. */
export function anAction(changes: Partial<Action> = {}): Action {
  return { kind: 'Remediate', target: TARGET, parameters: { check: 'MCP-W06' }, ...changes };
}

/** A patch of one field. */
export function aPlan(changes: Partial<Plan> = {}): Plan {
  const path = '/spec/replicas';
  return {
    effect: {
      kind: 'Patch',
      operations: [
        { op: 'test', path, value: 1 },
        { op: 'replace', path, value: 2 },
      ],
    },
    risk: 'medium',
    summary: 'Two of them.',
    diff: 'spec:\n- replicas: 1\n+ replicas: 2',
    verifyChecks: ['MCP-W06'],
    ...changes,
  };
}

/** A policy for everything everywhere: two approvals, one denial, a day to decide and an hour to execute. */
export function aPolicy(spec: Partial<PolicySource['spec']> = {}, name = 'prod'): PolicySource {
  return {
    metadata: { name, uid: `uid-of-${name}`, generation: 1 },
    spec: {
      namespaceSelector: {},
      match: { actionKinds: ['Remediate', 'AcceptDefinitions', 'Quarantine', 'Waive'], minRisk: 'low' },
      quorum: { approvals: 2, denials: 1 },
      separationOfDuties: true,
      requireReason: { approve: false, deny: true, override: true },
      ttl: { approval: '24h', execution: '1h' },
      ...spec,
    },
  };
}

/** The snapshot of {@link aPolicy}, of a request of risk medium. */
export function aSnapshot(spec: Partial<PolicySource['spec']> = {}): PolicySnapshot {
  const question = { action: { kind: 'Remediate' }, risk: 'medium', namespaceLabels: {} } as const;
  const snapshot = policySnapshot([aPolicy(spec)], question);
  if (snapshot === undefined) throw new Error('the policy of the test does not match');
  return snapshot;
}

/** Somebody whose person is their username. */
export function aPerson(name: string): Person {
  return { person: name, username: name, uid: '' };
}

/** A row in Pending, opened at {@link OPENED}, asked for by `rita`; `ivan` changed the target. */
export function aRow(facts: Partial<OpeningFacts> = {}, changes: Partial<ApprovalRow> = {}): ApprovalRow {
  const action = facts.action ?? anAction();
  const plan = facts.plan ?? aPlan();
  const row = openRequest(
    {
      requestUid: 'uid-of-request',
      namespace: 'team-a',
      name: requestName(action, digestOf(action, plan.effect), facts.attempt ?? 1),
      createdAt: OPENED.toISOString(),
      action,
      plan,
      requestedBy: aPerson('rita'),
      initiators: [aPerson('ivan')],
      unknownInitiators: false,
      policy: aSnapshot(),
      attempt: 1,
      ...facts,
    },
    OPENED,
  );
  return { ...row, version: 1, ledgerSeq: 1, ...changes };
}

/** A decision on a row that counts: of somebody authorised, a minute after it was opened. */
export function aDecision(
  row: ApprovalRow,
  person: string,
  verb: DecisionFact['verb'],
  changes: Partial<DecisionFact> = {},
): DecisionFact {
  const name = decisionName(row.requestUid, person, verb);
  return {
    name,
    uid: `uid-of-${name}`,
    requestUid: row.requestUid,
    person,
    username: person,
    groups: [],
    isServiceAccount: false,
    verb,
    digest: row.derived.digest,
    reason: 'because it is right',
    at: later(60).toISOString(),
    isStamped: true,
    isProtected: true,
    isAuthorised: true,
    ...changes,
  };
}

/** A live request of an unchanged target. */
export function observing(
  row: ApprovalRow,
  decisions: readonly DecisionFact[] = [],
  changes: Partial<Observed> = {},
): Observed {
  const { uid, generation } = row.action.target;
  return { request: 'live', decisions, target: { uid, generation }, isNewest: true, ...changes };
}
