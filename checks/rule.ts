/**
 * The two forms of a rule. Both are pure: no client, clock or logger.
 */
import type { MCPSecurityPolicySpec } from '../api/index.ts';
import type { Finding, Severity } from './finding.ts';
import type { Subject } from './subject.ts';

/** A check of the catalogue: judges every server alike. */
export interface CheckRule {
  /** Such as `MCP-W06`. */
  readonly id: string;
  readonly severity: Severity;
  /** What it asks for, as half a sentence: `the root file system is read-only`. */
  readonly title: string;
  /** Specification sections and benchmarks that it comes from. */
  readonly references: readonly string[];
  /** @returns what is wrong; empty when the server passes. */
  evaluate(subject: Subject): readonly Finding[];
}

/** A rule of MCPSecurityPolicy: one field of its spec. */
export interface PolicyRule {
  /** Path of the field below `spec`, such as `images.requireDigest`. */
  readonly id: string;
  readonly severity: Severity;
  /** What the field asks for, as half a sentence. */
  readonly title: string;
  /** @returns what breaks the rule; empty when the policy does not set it. */
  evaluate(subject: Subject, policy: MCPSecurityPolicySpec): readonly Finding[];
}
