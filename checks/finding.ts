/**
 * What a rule found. Findings are read by people at a refused `kubectl apply`, by machines in SARIF, and by auditors, so each says where,
 * what is wrong and what would be right, in words that stay the same while nothing changes.
 */

/** How bad it is, the worst first. */
export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** The value of a finding about a field that is missing. */
export const UNSET = 'unset';

/** One thing that is wrong with one server. */
export interface Finding {
  /** Of a catalogue check, such as `MCP-W06`, or the field of an MCPSecurityPolicy, such as `images.requireDigest`. */
  readonly rule: string;
  readonly severity: Severity;
  /**
   * Field of the MCPServer to change. Entries of lists that have a key are named by it, since their order means nothing:
   * `spec.podTemplate.spec.containers[name=sidecar].securityContext`; others by index.
   */
  readonly path: string;
  /**
   * What was seen there, at most 256 printable characters. Never a secret: rules on secrets give the class of the pattern instead.
   * Two findings are the same when rule, path and value are.
   */
  readonly value: string;
  /** One sentence: what is wrong. Without times, counters or names of pods. */
  readonly message: string;
  /** One imperative sentence: what makes it right. */
  readonly fix: string;
}

/** A finding by a rule of a policy. */
export interface Violation extends Finding {
  /** Name of the MCPSecurityPolicy. */
  readonly policy: string;
}

/** Whether two findings are one: by (policy,) rule, path and value, whatever their words. */
export function findingKey(finding: Finding & Partial<Pick<Violation, 'policy'>>): string {
  return JSON.stringify([finding.policy ?? '', finding.rule, finding.path, finding.value]);
}
