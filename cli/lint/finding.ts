/**
 * What `lint` found, whoever found it: the parser, the schema, a rule of the kind, a policy or a check of the catalogue.
 */
import type { Severity } from '../../checks/index.ts';
import type { Position } from './manifest/parse.ts';

/** How much a finding matters for the exit code, the worst first. */
export const LEVELS = ['error', 'warning', 'note'] as const;
export type Level = (typeof LEVELS)[number];

/** Rules that are neither of a policy nor of the catalogue, each with what it asks for. */
export const OWN_RULES = {
  parse: 'the file is YAML or JSON',
  schema: 'the object has the fields of its kind, with values of their types',
  cel: "the object keeps the rules that its kind's CustomResourceDefinition carries",
  policy: 'the MCPSecurityPolicy can be evaluated',
} as const;

/** Which object a finding is about. */
export interface ObjectName {
  readonly kind: string;
  /** Absent for what is in no namespace. */
  readonly namespace?: string;
  readonly name: string;
}

/** One thing that is wrong, and where it stands. */
export interface LintFinding {
  readonly level: Level;
  /** A key of {@link OWN_RULES}, a rule of MCPSecurityPolicy such as `images.requireDigest`, or a check such as `MCP-W06`. */
  readonly rule: string;
  /** Absent for rules of {@link OWN_RULES}: those are about form. */
  readonly severity?: Severity;
  /** Name of the policy that the rule is of. */
  readonly policy?: string;
  /** Absent when the file could not be read. */
  readonly object?: ObjectName;
  readonly file: string;
  readonly at: Position;
  /** Field of the object; empty for all of it. */
  readonly path: string;
  /** What was seen there; empty where that says nothing, or nothing that may be shown. */
  readonly value: string;
  readonly message: string;
  /** Empty where the message says it. */
  readonly fix: string;
}

/** What one run found, and in how much. */
export interface LintResult {
  /** By file and line. */
  readonly findings: readonly LintFinding[];
  /** How many MCPServers and MCPSecurityPolicies were judged. */
  readonly judged: Readonly<Record<string, number>>;
  /** How many objects of other kinds there were. */
  readonly ignored: Readonly<Record<string, number>>;
}

/** As others name an object: `team-a/MCPServer/github`, or `MCPSecurityPolicy/default`. */
export function fullName({ kind, namespace, name }: ObjectName): string {
  return [...(namespace === undefined ? [] : [namespace]), kind, name].join('/');
}

/** @returns how many findings there are of each level. */
export function countLevels(findings: readonly LintFinding[]): Readonly<Record<Level, number>> {
  const count = (level: Level): number => findings.filter((finding) => finding.level === level).length;
  return { error: count('error'), warning: count('warning'), note: count('note') };
}
