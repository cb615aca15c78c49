/** What was found: failures by severity, what could not be judged, and every check with its counts. */
import { SEVERITIES } from '../../checks/finding.ts';
import type { FindingRecord } from '../../checks/engine/record.ts';
import { markup, type Markup, type MarkupValue } from '../markup.ts';
import { countOutcomes, isFailure } from '../run-report.ts';
import {
  amount,
  evidenceAnchor,
  moment,
  nothing,
  outcomeLabel,
  section,
  serverLabel,
  severityLabel,
  table,
  type Column,
} from './pieces.ts';

/** A page with more than this is read by programs, which have the JSON and the CSV. */
const MAX_ROWS = 1_000;

const CHECK: Column<FindingRecord> = {
  name: 'Check',
  cell: ({ check, era, title }) =>
    markup`<p class="id">${check}${era !== undefined && ` (${era})`}</p><p class="small soft">${title}</p>`,
};
const SERVER: Column<FindingRecord> = {
  name: 'Server',
  cell: ({ server }) => serverLabel(server),
};
const FOUND: Column<FindingRecord> = {
  name: 'What was found, and the fix',
  kind: 'wide',
  cell: ({ message, fields, remediation }) =>
    markup`<p>${message}</p>${fieldList(fields)}<p class="small soft">${remediation.text}</p>`,
};
const SINCE: Column<FindingRecord> = {
  name: 'First seen',
  cell: ({ firstSeenAt, state }) => markup`<p>${moment(firstSeenAt)}</p><p class="small soft">${state}</p>`,
};
const EVIDENCE: Column<FindingRecord> = {
  name: 'Evidence',
  cell: ({ evidence }) =>
    evidence === undefined
      ? markup`<span class="soft">none</span>`
      : markup`<a class="id" href="#${evidenceAnchor(evidence)}">${evidence.replace('sha256:', '').slice(0, 10)}</a>`,
};
const OUTCOME: Column<FindingRecord> = { name: 'Outcome', cell: ({ outcome }) => outcomeLabel(outcome) };
const SEVERITY: Column<FindingRecord> = {
  name: 'Severity',
  cell: ({ severity }) => severityLabel(severity),
};

export function failures(findings: readonly FindingRecord[]): Markup {
  const failed = findings.filter(isFailure);
  const groups = SEVERITIES.flatMap((severity) => {
    const own = failed.filter((finding) => finding.severity === severity);
    if (own.length === 0) return [];
    return [
      markup`<h3>${severityLabel(severity)} <span class="soft">${own.length}</span></h3>
${bounded(`Failures of severity ${severity}`, [CHECK, SERVER, OUTCOME, FOUND, SINCE, EVIDENCE], own)}`,
    ];
  });
  const none = nothing('Nothing that counts has failed.');
  return section('failures', 'Findings by severity', groups.length === 0 ? none : groups);
}

export function others(findings: readonly FindingRecord[]): Markup {
  const advice = findings.filter(
    (finding) => finding.outcome === 'Warn' || (finding.outcome === 'Fail' && !finding.scored),
  );
  const open = findings.filter(({ outcome }) => outcome === 'Untestable' || outcome === 'Manual');
  return section(
    'others',
    'Warnings, and what could not be judged',
    markup`<h3>Warnings <span class="soft">${advice.length}</span></h3>
<p class="soft">By heuristics and recommendations: shown, and not counted in the score.</p>
${listed('Warnings', [CHECK, SEVERITY, SERVER, FOUND, SINCE, EVIDENCE], advice)}
<h3>Not judged <span class="soft">${open.length}</span></h3>
<p class="soft">Something that the check needs was not there, or only a person can tell. This lowers the coverage.</p>
${listed('Not judged', [CHECK, SEVERITY, SERVER, OUTCOME, FOUND], open)}`,
  );
}

function listed(
  caption: string,
  columns: readonly Column<FindingRecord>[],
  rows: readonly FindingRecord[],
): Markup {
  return rows.length === 0 ? nothing('None.') : bounded(caption, columns, rows);
}

function bounded(
  caption: string,
  columns: readonly Column<FindingRecord>[],
  rows: readonly FindingRecord[],
): Markup {
  const rest = rows.length - MAX_ROWS;
  return markup`${table(`${caption}: ${rows.length}`, columns, rows.slice(0, MAX_ROWS), false)}${
    rest > 0 && nothing(`${rest} more are in the JSON and CSV reports of this run.`)
  }`;
}

function fieldList(fields: FindingRecord['fields']): MarkupValue {
  return fields.map(
    ({ path, value, message, fix }) =>
      markup`<p class="small"><code class="digest">${path}</code>: ${message}${
        value !== '' && markup` Seen: <code class="digest">${value}</code>.`
      } ${fix}</p>`,
  );
}

const SHORT_NAMES: Readonly<Record<string, string>> = { NotApplicable: 'N/A', Untestable: 'Not testable' };

/** A check with everything that it said. */
interface CheckRow {
  readonly check: string;
  readonly title: string;
  readonly findings: readonly FindingRecord[];
}

export function checks(findings: readonly FindingRecord[]): Markup {
  const rows: readonly CheckRow[] = [...Map.groupBy(findings, ({ check }) => check)]
    .map(([check, own]) => ({ check, title: own[0]?.title ?? '', findings: own }))
    .toSorted((one, other) => one.check.localeCompare(other.check, 'en'));
  const count = (outcome: FindingRecord['outcome']): Column<CheckRow> => ({
    name: SHORT_NAMES[outcome] ?? outcome,
    kind: 'number',
    cell: (row) => countOutcomes(row.findings)[outcome] || markup`<span class="soft">·</span>`,
  });
  return section(
    'checks',
    'Every check',
    markup`<p class="soft">What was asked, and how often each answer was given. References say where a check comes from.</p>
${table(
  amount(rows.length, 'check'),
  [
    { name: 'Check', cell: ({ check }) => markup`<span class="id">${check}</span>` },
    { name: 'Asks', kind: 'wide', cell: asked },
    { name: 'Severity', cell: ({ findings: [first] }) => first && severityLabel(first.severity) },
    ...(['Pass', 'Fail', 'Warn', 'Error', 'Untestable', 'NotApplicable', 'Waived', 'Manual'] as const).map(
      count,
    ),
  ],
  rows,
)}`,
  );
}

function asked({ title, findings }: CheckRow): MarkupValue {
  const references = findings[0]?.references ?? [];
  return markup`<p>${title}</p>${references.length > 0 && markup`<p class="small soft">${references.join('; ')}</p>`}`;
}
