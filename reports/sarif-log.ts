/**
 * The frame of SARIF 2.1.0, which code-scanning services take: one log, one run, the rules and how severe they are. What writes
 * findings of manifests (`kilo-mcp lint`) and of runs has the same.
 * @see https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 * @see https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
 */
import type { Severity } from '../checks/finding.ts';
import { printableJson } from '../core/printable.ts';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/** On the scale of CVSS, in the bands by which GitHub names severities. */
const SECURITY_SEVERITY: Readonly<Record<Severity, string>> = {
  critical: '9.5',
  high: '8.0',
  medium: '5.5',
  low: '3.0',
  info: '0.1',
};

/** From this much on a failure is an error, and below the second a note. */
const ERROR_FROM = 9;
const WARNING_FROM = 4;

export type SarifLevel = 'error' | 'warning' | 'note' | 'none';

/** What a reader learns of a rule. */
export interface SarifRule {
  readonly id: string;
  readonly title: string;
  /** Absent for a rule that is about form. */
  readonly severity?: Severity;
  readonly references?: readonly string[];
  /** How to put a failure right. */
  readonly fix?: string;
}

/** One log of one run. */
export interface SarifRun {
  /** Of the program. */
  readonly version: string;
  /** All rules that were asked, so that one without findings shows as kept. */
  readonly rules: readonly SarifRule[];
  /** In SARIF's own form; `ruleIndex` counts in `rules`. */
  readonly results: readonly object[];
  /** More members of the run. */
  readonly members?: object;
}

/** @returns the log as text. */
export function formatSarifLog({ version, rules, results, members }: SarifRun): string {
  const driver = { name: 'kilo-mcp', semanticVersion: version, rules: rules.map(descriptorOf) };
  return printableJson({
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [{ tool: { driver }, columnKind: 'utf16CodeUnits', ...members, results }],
  });
}

/** @returns the level of a failure of this severity. */
export function sarifLevel(severity: Severity): SarifLevel {
  const score = Number(SECURITY_SEVERITY[severity]);
  if (score >= ERROR_FROM) return 'error';
  return score >= WARNING_FROM ? 'warning' : 'note';
}

function descriptorOf({ id, title, severity, references = [], fix }: SarifRule): object {
  const see = references.length === 0 ? [] : [`See ${references.join('; ')}.`];
  return {
    id,
    shortDescription: { text: title },
    fullDescription: { text: title },
    help: { text: [title, ...(fix === undefined ? [] : [fix]), ...see].join('\n\n') },
    properties: {
      ...(severity && { 'security-severity': SECURITY_SEVERITY[severity] }),
      tags: severity === undefined ? ['kubernetes'] : ['security', 'kubernetes'],
    },
  };
}
