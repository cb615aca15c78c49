import { appliesToPods } from '../engine/applicability.ts';
import type { Check, Verdict } from '../engine/check.ts';
import type { VulnerabilityFacts } from '../engine/context.ts';
import type { Finding } from '../finding.ts';
import { shownValue } from '../shown-value.ts';
import { advisoriesOf } from './sdk-advisories.ts';

const ABOUT = {
  id: 'MCP-C03',
  severity: 'high',
  title: 'what runs has no critical vulnerability that a newer version fixes',
} as const;

const MAX_FINDINGS = 50;
const PATH = 'spec.source.image';

/** MCP-C03. Reads what a scanner wrote; what its VEX documents rule out is not in its reports. */
export const vulnerabilities: Check = {
  ...ABOUT,
  family: 'C',
  eras: [],
  scored: true,
  cost: { requests: 0 },
  rationale:
    'A critical vulnerability with a published fix is the one that is attacked first, and the MCP SDKs had flaws that let a web page or another client into the server. What has no fix yet, or is not critical, is left to the scanner’s own report.',
  remediation: {
    kind: 'approval',
    text: 'Build or choose an image with the fixed versions, and set it by digest.',
  },
  references: ['OWASP MCP Top 10: MCP04', 'OWASP AISVS 10.1.1', 'NIST SP 800-53 r5: SI-2, RA-5'],
  applies: ({ subject }) => appliesToPods(subject),
  run: ({ live }) => verdictOf(live?.vulnerabilities),
};

function verdictOf(reported: readonly VulnerabilityFacts[] | undefined): Verdict {
  if (reported === undefined) return UNTESTABLE;
  const findings = reported.flatMap(findingsOf);
  if (findings.length === 0)
    return { outcome: 'Pass', message: 'No critical vulnerability has a fix that is not installed.' };
  return {
    outcome: 'Fail',
    message: 'What runs has a vulnerability that a newer version fixes.',
    findings: distinct(findings).slice(0, MAX_FINDINGS),
  };
}

const UNTESTABLE: Verdict = {
  outcome: 'Untestable',
  message:
    'There is no report on vulnerabilities of the image: install Trivy Operator, and grant the operator to list vulnerabilityreports.aquasecurity.github.io.',
};

function findingsOf(vulnerability: VulnerabilityFacts): readonly Finding[] {
  const { id, severity, fixedVersion } = vulnerability;
  const isCritical = severity.toUpperCase() === 'CRITICAL' && fixedVersion !== '';
  return [
    ...(isCritical ? [findingOf(vulnerability, id, fixedVersion)] : []),
    ...advisoriesOf(vulnerability).map((advisory) => findingOf(vulnerability, advisory.id, advisory.fixed)),
  ];
}

function findingOf(
  { package: name, installedVersion }: VulnerabilityFacts,
  id: string,
  fixed: string,
): Finding {
  return {
    rule: ABOUT.id,
    severity: ABOUT.severity,
    path: PATH,
    value: shownValue(`${name} ${installedVersion}: ${id}`),
    message: 'A package of the image has a vulnerability that a newer version fixes.',
    fix: `Use an image with ${shownValue(name)} ${shownValue(fixed)} or newer.`,
  };
}

/** Reports name a vulnerability once for each place it is found in. */
function distinct(findings: readonly Finding[]): readonly Finding[] {
  return [...new Map(findings.map((finding) => [finding.value, finding])).values()];
}
