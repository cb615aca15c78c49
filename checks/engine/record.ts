/** A run as it is kept and exported: plain data, the same for the store, the reports and the command line. Times are ISO 8601. */
import type { Severity } from '../finding.ts';
import type { Family, RemediationKind } from './check.ts';
import type { Outcome } from './outcome.ts';

/** Why a run began. */
export type RunTrigger = 'Schedule' | 'Request' | 'Change' | 'CommandLine';

/** How a finding compares with the same check of the same server in the run before: `incomparable` counts as failing. */
export type FindingState = 'new' | 'resolved' | 'unchanged' | 'incomparable';

/** Which server; of `kilo-mcp check URL` the namespace is empty and the name is the URL's host. */
export interface ServerReference {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

export interface RunRecord {
  /** UUID. */
  readonly id: string;
  /** The ComplianceCheck or ClusterComplianceCheck; undefined on the command line. */
  readonly owner?: {
    readonly kind: string;
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
  };
  /** `hash`: sha256 over the canonical spec, so that a record says what was really asked. */
  readonly profile: { readonly name: string; readonly hash: string };
  readonly trigger: RunTrigger;
  readonly tool: { readonly name: string; readonly version: string };
  readonly startedAt: string;
  readonly finishedAt?: string;
  /** Whole percent over all servers; undefined while it runs, and when nothing could be evaluated. */
  readonly score?: number;
  readonly coverage?: number;
  readonly result?: 'Compliant' | 'NonCompliant' | 'Error' | 'NotApplicable';
}

export interface FindingRecord {
  readonly server: ServerReference;
  readonly check: string;
  readonly title: string;
  readonly family: Family;
  readonly severity: Severity;
  readonly scored: boolean;
  readonly outcome: Outcome;
  /** Stable text. */
  readonly message: string;
  readonly era?: string;
  /** Fields that are wrong, of a check on manifests. */
  readonly fields: readonly {
    readonly path: string;
    readonly value: string;
    readonly message: string;
    readonly fix: string;
  }[];
  readonly remediation: { readonly kind: RemediationKind; readonly text: string };
  readonly references: readonly string[];
  /** Framework to controls, such as `{"nist-800-53-r5": ["SC-7"]}`. */
  readonly controls: Readonly<Record<string, readonly string[]>>;
  readonly waiver?: { readonly reason: string; readonly owner: string; readonly expiresAt: string };
  /** First 16 hex digits of sha256 over uid, check and outcome. */
  readonly resultId: string;
  /** When this outcome was first seen without another in between. */
  readonly firstSeenAt: string;
  readonly evaluatedAt: string;
  readonly state: FindingState;
  /** sha256 of the evidence blob; undefined when there is none. */
  readonly evidence?: string;
}

/** What was seen, immutable, redacted before it is hashed, at most 64 KiB. */
export interface EvidenceRecord {
  /** `sha256:` and 64 hex digits, over `content`. */
  readonly digest: string;
  readonly mediaType: 'application/json';
  readonly content: string;
}

/** One server's share of a run. */
export interface ServerResult {
  readonly server: ServerReference;
  readonly findings: readonly FindingRecord[];
  readonly evidence: readonly EvidenceRecord[];
  readonly score?: number;
  readonly coverage?: number;
}
