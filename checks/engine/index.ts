/** The compliance engine: what a check is, how a server is asked, and how findings come of it. It needs neither cluster nor store. */
export type { Applicability, Check, Family, RemediationKind, Verdict } from './check.ts';
export type {
  Asking,
  CheckContext,
  Declared,
  LiveObjects,
  NotOpened,
  Opened,
  Opening,
  Replica,
  VulnerabilityFacts,
} from './context.ts';
export { Conversation, type ConversationSettings } from './conversation.ts';
export { evaluate } from './evaluate.ts';
export type { EvaluationSettings, ProfileCheck } from './evaluation-settings.ts';
export type { ServerFacts } from './facts.ts';
export { gather, type Openings } from './gather.ts';
export type { Outcome } from './outcome.ts';
export type {
  EvidenceRecord,
  FindingRecord,
  FindingState,
  RunRecord,
  RunTrigger,
  ServerReference,
  ServerResult,
} from './record.ts';
export { isFailing, type Marks } from './score.ts';
