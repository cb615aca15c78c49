/**
 * Which Events a change of status deserves: one when something happened, none when nothing did. Pure.
 */
import type { Condition, ConditionType, MCPServer, MCPServerStatus } from '../../api/index.ts';
import type { EventDetails } from '../../operator/runtime/index.ts';
import { readBroken, type BrokenPolicy } from './broken-policies.ts';

/** The Events of the change from the status of `server` to `next`. */
export function announcements(server: MCPServer, next: MCPServerStatus): readonly EventDetails[] {
  const before = new Map(ownConditions(server.status).map((condition) => [condition.type, condition]));
  const now = ownConditions(next);
  const changed = now.filter((condition) => isNews(before.get(condition.type), condition));
  const events = changed.map(eventOf).filter((event) => event !== undefined);
  const described = definitionsChanged(server, next) ? [DEFINITIONS_CHANGED] : [];
  const accepted = now.find(({ type }) => type === 'Accepted');
  return [...events, ...described, ...policyEvents(before.get('Accepted'), accepted)];
}

/** Without Compliant, which others write and announce. */
function ownConditions(status: MCPServerStatus | undefined): readonly Condition[] {
  return (status?.conditions ?? []).filter((condition) => condition.type !== 'Compliant');
}

/** Whether the server describes itself otherwise than the last time. The first description is no change. */
export function definitionsChanged(server: MCPServer, next: MCPServerStatus): boolean {
  const before = server.status?.definitions?.hash;
  return before !== undefined && next.definitions !== undefined && next.definitions.hash !== before;
}

const DEFINITIONS_CHANGED: EventDetails = {
  type: 'Normal',
  reason: 'DefinitionsChanged',
  action: 'Probe',
  note: 'the tools, prompts, resource templates or instructions of the server changed: see status.definitions',
};

/**
 * What changed between the policies that the server breaks now and those of which its condition spoke before. A condition that says
 * something worse says nothing of policies: what it leaves out has not stopped.
 */
function policyEvents(before: Condition | undefined, after: Condition | undefined): readonly EventDetails[] {
  if (after === undefined || after.status !== 'True' || before?.message === after.message) return [];
  const was = readBroken(before?.message ?? '');
  const is = readBroken(after.message);
  const begun = is.broken.some(({ policy, rules }) => {
    const known = rulesOf(was.broken, policy);
    return rules.some((rule) => !known.includes(rule));
  });
  const stopped = was.broken.filter(({ policy }) => rulesOf(is.broken, policy).length === 0);
  return [
    ...(begun ? [policyViolated(after.message)] : []),
    ...(is.isComplete && stopped.length > 0 ? [policySatisfied(stopped)] : []),
  ];
}

function rulesOf(broken: readonly BrokenPolicy[], policy: string): readonly string[] {
  return broken.find((candidate) => candidate.policy === policy)?.rules ?? [];
}

function policyViolated(note: string): EventDetails {
  return { type: 'Warning', reason: 'PolicyViolated', action: 'Evaluate', note };
}

function policySatisfied(stopped: readonly BrokenPolicy[]): EventDetails {
  const names = stopped.map(({ policy }) => policy).join(', ');
  const note = `no longer breaks security policies: ${names}`;
  return { type: 'Normal', reason: 'PolicySatisfied', action: 'Evaluate', note };
}

function isNews(before: Condition | undefined, after: Condition): boolean {
  return before?.status !== after.status || before.reason !== after.reason;
}

/** Quiet words: they come and go with every rollout and pause. */
const QUIET = new Set<string>(['Suspended', 'NotAccepted', 'ScaledToZero', 'Progressing', 'RemoteSource']);

const ACTIONS: Readonly<Record<ConditionType, string>> = {
  Accepted: 'Accept',
  ResourcesReady: 'Apply',
  Available: 'Run',
  Verified: 'Probe',
  Ready: 'Summarise',
};

/** What is bad is told where it was found; what is good, where it is proven (Verified) and summed up (Ready). */
function eventOf({ type, status, reason, message }: Condition): EventDetails | undefined {
  if (QUIET.has(reason)) return undefined;
  const isProof = type === 'Verified' && (status === 'True' || reason === 'AuthRequired');
  const isGood = isProof || (type === 'Ready' && status === 'True');
  if (!isGood && (type === 'Ready' || status !== 'False')) return undefined;
  return { type: isGood ? 'Normal' : 'Warning', reason, action: ACTIONS[type], note: message };
}
