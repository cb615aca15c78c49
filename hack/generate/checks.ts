/**
 * `docs/checks.md`: every check of the catalogue with what it asks, why, how a failure is put right, and which controls it speaks to.
 */
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { FRAMEWORKS, controlsOf } from '../../checks/controls/index.ts';
import { FAMILIES, type Check, type Family, type RemediationKind } from '../../checks/engine/check.ts';
import { CHECKS } from '../../checks/registry.ts';
import type { Generator } from './generator.ts';

const PAGE = 'docs/checks.md';

/** What the kinds of remediation mean for who reads the page. */
const REMEDIATIONS: Readonly<Record<RemediationKind, string>> = {
  automatic: 'can be put right automatically',
  approval: 'can be put right after somebody approves',
  gateway: 'is put right at the gateway',
  quarantine: 'the server is taken away after somebody approves',
  propose: 'a change is proposed',
  none: 'only the author of the server can put it right',
};

export const checksPage: Generator = {
  name: 'checks',
  outputs: async () => {
    const path = fileURLToPath(new URL(`../../${PAGE}`, import.meta.url));
    return { [PAGE]: await format(page(), { ...(await resolveConfig(path)), filepath: path }) };
  },
};

function page(): string {
  const families = Object.keys(FAMILIES).filter((family): family is Family => family in FAMILIES);
  return [
    '<!-- Generated from checks/ by `make generate`; do not edit. -->',
    '# Checks',
    '',
    `The catalogue has ${CHECKS.length} checks in ${families.length} families. A ComplianceProfile chooses among them; \`mcp-baseline-v1\` runs all. What each of them says of servers that keep and break it stands in [checks on their fixtures](check-fixtures.md).`,
    '',
    'Scored checks count in the score; the others are heuristics and are shown only. The eras are those in which a check asks the server: legacy up to 2025-11-25, modern from 2026-07-28. The cost is the most requests that it sends in one era beyond what is gathered once.',
    '',
    overview(CHECKS),
    ...families.flatMap((family) => familySection(family)),
    ...frameworks(),
  ].join('\n');
}

function overview(checks: readonly Check[]): string {
  const rows = checks.map(
    ({ id, title, severity, scored }) =>
      `| [${id}](#${id.toLowerCase()}) | ${escape(title)} | ${severity} | ${scored ? 'yes' : 'no'} |`,
  );
  return ['| Check | Passes when | Severity | Scored |', '| --- | --- | --- | --- |', ...rows, ''].join('\n');
}

function familySection(family: Family): readonly string[] {
  const checks = CHECKS.filter((check) => check.family === family);
  return [`## ${FAMILIES[family]}`, '', ...checks.flatMap(checkSection)];
}

function checkSection(check: Check): readonly string[] {
  const { id, title, rationale, remediation, references, upstreamChecks = [] } = check;
  return [
    `### ${id}`,
    '',
    `**Passes when** ${title}.`,
    '',
    rationale,
    '',
    `**How to fix.** ${remediation.text} (A failure ${REMEDIATIONS[remediation.kind]}.)`.replace(
      'A failure the server',
      'The server',
    ),
    '',
    ...facts(check),
    `- References: ${references.join('; ')}`,
    `- Controls: ${controls(id)}`,
    ...(upstreamChecks.length === 0
      ? []
      : [`- In the official conformance suite: ${upstreamChecks.map((name) => `\`${name}\``).join(', ')}`]),
    ...parameters(check),
    '',
  ];
}

function facts({ severity, scored, eras, cost }: Check): readonly string[] {
  return [
    `- Severity ${severity}, ${scored ? 'scored' : 'not scored'}`,
    `- Eras: ${eras.length === 0 ? 'none, it asks the server nothing in either' : eras.join(' and ')}`,
    `- Cost: ${costText(cost)}`,
  ];
}

function costText({ requests, perReplica = 0, toConfirm = 0, modern = requests }: Check['cost']): string {
  const parts = [
    requests === 0 ? 'no request' : `up to ${counted(requests)}`,
    ...(modern === requests ? [] : [`in the modern era ${modern}`]),
    ...(perReplica === 0 ? [] : [`up to ${perReplica} more for each replica`]),
    ...(toConfirm === 0 ? [] : [`${toConfirm} more before it fails a server`]),
  ];
  return parts.join(', ');
}

function counted(requests: number): string {
  return requests === 1 ? '1 request' : `${requests} requests`;
}

function controls(id: string): string {
  const own = controlsOf(id);
  return FRAMEWORKS.filter((framework) => own[framework.id] !== undefined)
    .map((framework) => `${framework.title} ${own[framework.id]?.join(', ')}`)
    .join('; ');
}

function parameters({ parameters: all = {} }: Check): readonly string[] {
  return Object.entries(all).map(
    ([name, { description, default: value }]) =>
      `- Parameter \`${name}\`: ${description} Default ${value === '' ? 'empty' : `\`${String(value)}\``}.`,
  );
}

function frameworks(): readonly string[] {
  return [
    '## Controls',
    '',
    'The mapping is a suggestion that an auditor confirms; it stands in `checks/controls/`, and a profile can add to it.',
    '',
    ...FRAMEWORKS.flatMap(({ title, version, description, controls: all }) => [
      `### ${title}`,
      '',
      `Version ${version}. ${description}`,
      '',
      '| Control | Name | Checks |',
      '| --- | --- | --- |',
      ...all.map(
        ({ id, name, checks }) =>
          `| ${id} | ${escape(name)} | ${checks.map((check) => check.id).join(', ')} |`,
      ),
      '',
    ]),
  ];
}

function escape(text: string): string {
  return text.replaceAll('|', '\\|');
}
