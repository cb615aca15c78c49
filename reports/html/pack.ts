/** The evidence pack of a period as a page. */
import type { ChangeRecord } from '../../checks/engine/history.ts';
import type { RunRecord } from '../../checks/engine/record.ts';
import { waiversOf, type EvidencePack, type RunFinding, type WaiverUse } from '../pack.ts';
import { markup, type Markup } from '../markup.ts';
import { ownerName } from '../openreports.ts';
import { findingsOf } from '../run-report.ts';
import { failures } from './findings.ts';
import { page } from './page.ts';
import {
  amount,
  moment,
  nothing,
  outcomeLabel,
  percentage,
  section,
  serverLabel,
  severityLabel,
  table,
} from './pieces.ts';
import { plotOf } from './plot.ts';
import { controls, evidence, ledger } from './proof.ts';

const MAX_ROWS = 1_000;

const CONTENTS = [
  { id: 'runs', title: 'Runs' },
  { id: 'failures', title: 'Findings by severity' },
  { id: 'transitions', title: 'What changed' },
  { id: 'waivers', title: 'Waivers' },
  { id: 'changes', title: 'Changes of the rules' },
  { id: 'controls', title: 'Controls' },
  { id: 'evidence', title: 'Evidence' },
  { id: 'ledger', title: 'Ledger' },
] as const;

/** @returns one document that needs nothing beside it. */
export function formatPackHtml(pack: EvidencePack): string {
  const { period, last, proof } = pack;
  const results = last.flatMap((run) => run.results);
  const findings = findingsOf(results);
  const title = `Evidence pack, ${period.from.slice(0, 10)} to ${period.to.slice(0, 10)}`;
  return page(title, header(pack), CONTENTS, [
    runs(pack),
    failures(findings),
    transitions(pack.transitions),
    waivers(waiversOf(pack)),
    changes(pack.changes),
    controls(findings),
    evidence(results, findings),
    ledger(proof),
  ]);
}

function header({ period, generatedAt, runs: all, truncated }: EvidencePack): Markup {
  return markup`<header>
<h1>Evidence pack</h1>
<p>Compliance of MCP servers over a period.</p>
<dl class="facts">
<dt>From, to</dt><dd>${moment(period.from)}, ${moment(period.to)} <span class="soft">(not included)</span></dd>
<dt>Runs</dt><dd>${all.length}${truncated && ' (the newest; older ones of the period are not in this pack)'}</dd>
<dt>Pack made</dt><dd>${moment(generatedAt)}</dd>
</dl>
</header>
`;
}

function runs({ runs: all, last }: EvidencePack): Markup {
  if (all.length === 0) return section('runs', 'Runs', nothing('No run began in this period.'));
  return section(
    'runs',
    'Runs',
    last.map(({ run, results }, index) => {
      const own = all.filter(({ owner }) => owner?.uid === run.owner?.uid);
      return markup`<h3>${nameOf(run)}</h3>
<p>Profile ${run.profile.name}: ${amount(own.length, 'run')}, the last on ${moment(run.startedAt)} over ${amount(results.length, 'server')}. Score ${percentage(run.score)}, coverage ${percentage(run.coverage)}, ${run.result ?? 'unfinished'}.</p>
${run.score !== undefined && plotOf(own, run, `plot-${index}`)}`;
    }),
  );
}

function nameOf({ owner, id }: RunRecord): string {
  return owner === undefined ? `Run ${id}` : ownerName(owner);
}

function transitions(rows: readonly RunFinding[]): Markup {
  const rest = rows.length - MAX_ROWS;
  return section(
    'transitions',
    'What changed from run to run',
    rows.length === 0
      ? nothing('Every result of the earlier runs was as in the run before it.')
      : table(
          amount(rows.length, 'transition'),
          [
            { name: 'When', cell: ({ finding }) => moment(finding.evaluatedAt) },
            { name: 'Check', cell: ({ finding }) => markup`<span class="id">${finding.check}</span>` },
            { name: 'Severity', cell: ({ finding }) => severityLabel(finding.severity) },
            { name: 'Server', cell: ({ finding }) => serverLabel(finding.server) },
            { name: 'State', cell: ({ finding }) => finding.state },
            { name: 'Outcome', cell: ({ finding }) => outcomeLabel(finding.outcome) },
            { name: 'What was found', kind: 'wide', cell: ({ finding }) => finding.message },
          ],
          rows.slice(0, MAX_ROWS),
        ),
    rest > 0 && nothing(`${rest} more are in the JSON and CSV packs.`),
  );
}

function waivers(rows: readonly WaiverUse[]): Markup {
  return section(
    'waivers',
    'Waivers',
    rows.length === 0
      ? nothing('No finding of this period is covered by a waiver.')
      : table(
          `Failures that somebody answers for: ${rows.length}`,
          [
            { name: 'Check', cell: ({ check }) => markup`<span class="id">${check}</span>` },
            { name: 'Server', cell: ({ server }) => markup`<span class="name">${server}</span>` },
            { name: 'Reason', kind: 'wide', cell: ({ reason }) => reason },
            { name: 'Owner', cell: ({ owner }) => owner },
            { name: 'Expires', cell: ({ expiresAt }) => moment(expiresAt) },
          ],
          rows,
        ),
  );
}

function changes(rows: readonly ChangeRecord[]): Markup {
  return section(
    'changes',
    'Changes of profiles, checks, waivers and policies',
    rows.length === 0
      ? nothing('Nobody changed the rules in this period.')
      : table(
          amount(rows.length, 'change'),
          [
            { name: 'When', cell: ({ at }) => moment(at) },
            { name: 'What', cell: ({ kind }) => kind },
            {
              name: 'Object',
              cell: ({ object: { kind, namespace, name } }) =>
                markup`<span class="name">${ownerName({ kind, namespace, name })}</span>`,
            },
            { name: 'Who', cell: ({ changedBy }) => (changedBy === '' ? 'unknown' : changedBy) },
            { name: 'Summary', kind: 'wide', cell: ({ summary }) => summary },
          ],
          rows,
        ),
  );
}
