/**
 * A check of the catalogue, whatever it looks at: each is one small module that says what it is and judges one server. Checks have no
 * client, clock or logger of their own: everything they see is in their context.
 */
import type { Era } from '../../mcp/index.ts';
import type { Finding, Severity } from '../finding.ts';
import type { CheckContext } from './context.ts';
import type { Outcome } from './outcome.ts';

/** What a check belongs to: the first letter of its id. */
export const FAMILIES = {
  P: 'MCP Protocol',
  S: 'MCP Server Security',
  W: 'Workload Hardening',
  C: 'Supply Chain and Configuration',
} as const;
export type Family = keyof typeof FAMILIES;

/** How a failure is put right; `none` is for the server's author alone. */
export type RemediationKind = 'automatic' | 'approval' | 'gateway' | 'quarantine' | 'propose' | 'none';

/** What a check says of one server in one era. */
export interface Verdict {
  readonly outcome: Exclude<Outcome, 'Waived'>;
  /** One sentence for people, the same as long as the cause is: no times, counters, pod names or words of the server. */
  readonly message: string;
  /** The fields that are wrong, of a check on manifests; at most 50. */
  readonly findings?: readonly Finding[];
  /** Ids of the exchanges that show it. */
  readonly exchanges?: readonly string[];
  /** What else shows it, JSON, without secrets; at most 8 KiB. */
  readonly details?: unknown;
}

/** Whether a check has something to say of a server. */
export type Applicability = { readonly applies: true } | { readonly applies: false; readonly reason: string };

export interface Check {
  /** Such as `MCP-S08`. */
  readonly id: string;
  readonly family: Family;
  /** What it asks for, as half a sentence: `a foreign Origin is refused`. */
  readonly title: string;
  readonly severity: Severity;
  /** The eras in which it asks the server; empty when it asks nothing. It runs once for each of them that the server speaks. */
  readonly eras: readonly Era[];
  /**
   * Whether it judges a server that did not open. `true`: also in an era where it refused credentials. `NotSpoken`: that, and once in the
   * legacy era when the server answers but speaks MCP in no era at its endpoint. Otherwise the engine says Untestable there.
   */
  readonly withoutOpening?: true | 'NotSpoken';
  /** Whether it counts in the score. Heuristics do not. */
  readonly scored: boolean;
  /**
   * The most requests it sends in one era, beyond what was gathered; and for each replica. Asserted by a test. `toConfirm`: what it sends
   * above that only where it found something, to look twice before it says so. `modern`: what it sends in that era, where that is fewer.
   */
  readonly cost: {
    readonly requests: number;
    readonly perReplica?: number;
    readonly toConfirm?: number;
    readonly modern?: number;
  };
  /** Why it matters: one or two sentences of the reference page. */
  readonly rationale: string;
  readonly remediation: {
    readonly kind: RemediationKind;
    /** What to do, imperative. */ readonly text: string;
  };
  /** Sections of specifications and ids of frameworks, as people cite them. */
  readonly references: readonly string[];
  /** Ids of the checks of the official conformance suite that ask the same. */
  readonly upstreamChecks?: readonly string[];
  /** Names and JSON schema types of the parameters that a profile may set, with their defaults. */
  readonly parameters?: Readonly<Record<string, { readonly description: string; readonly default: unknown }>>;
  /** Looks at nothing but what was gathered. */
  applies(context: CheckContext): Applicability;
  /** May throw: the engine makes an Error of it. */
  run(context: CheckContext, signal: AbortSignal): Promise<Verdict> | Verdict;
}

/** @returns the most requests that a check sends in `era`, to the server itself and without confirming. */
export function requestsIn({ cost }: Pick<Check, 'cost'>, era: Era): number {
  return era === 'modern' ? (cost.modern ?? cost.requests) : cost.requests;
}
