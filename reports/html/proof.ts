/** What an auditor checks the findings by: servers, waivers, controls, evidence, the ledger. */
import type { FindingRecord, ServerResult } from '../../checks/engine/record.ts';
import type { LedgerProof } from '../../checks/engine/history.ts';
import { frameworkTitle } from '../frameworks.ts';
import { lines, markup, type Markup, type MarkupValue } from '../markup.ts';
import { controlStatus, controlsOf, type ControlFindings } from '../oscal/controls.ts';
import { evidenceOf, isFailure, serverName } from '../run-report.ts';
import {
  amount,
  evidenceAnchor,
  moment,
  nothing,
  outcomeLabel,
  percentage,
  section,
  serverLabel,
  severityLabel,
  table,
} from './pieces.ts';

const MAX_SERVERS = 1_000;
/** Each has up to 64 KiB. */
const MAX_EVIDENCE = 100;

export function servers(results: readonly ServerResult[]): Markup {
  const rows = results.toSorted((one, other) => (one.score ?? 101) - (other.score ?? 101));
  const failed = ({ findings }: ServerResult): number => findings.filter(isFailure).length;
  const rest = rows.length - MAX_SERVERS;
  return section(
    'servers',
    'Servers',
    table(
      `${amount(rows.length, 'server')}, the lowest score first`,
      [
        { name: 'Server', cell: ({ server }) => serverLabel(server) },
        { name: 'Score', kind: 'number', cell: ({ score }) => percentage(score) },
        { name: 'Coverage', kind: 'number', cell: ({ coverage }) => percentage(coverage) },
        { name: 'Failed', kind: 'number', cell: failed },
        { name: 'Results', kind: 'number', cell: ({ findings }) => findings.length },
        { name: 'UID', cell: ({ server }) => markup`<code class="soft">${server.uid}</code>` },
      ],
      rows.slice(0, MAX_SERVERS),
    ),
    rest > 0 && nothing(`${rest} more are in the JSON report of this run.`),
  );
}

export function waivers(findings: readonly FindingRecord[]): Markup {
  const rows = findings.filter(({ waiver }) => waiver !== undefined);
  if (rows.length === 0)
    return section('waivers', 'Waivers', nothing('No finding of this run is covered by a waiver.'));
  return section(
    'waivers',
    'Waivers',
    markup`<p class="soft">Failures that somebody answers for, until the waiver expires.</p>`,
    table(
      `Findings that a waiver covers: ${rows.length}`,
      [
        { name: 'Check', cell: ({ check }) => markup`<span class="id">${check}</span>` },
        { name: 'Severity', cell: ({ severity }) => severityLabel(severity) },
        { name: 'Server', cell: ({ server }) => serverLabel(server) },
        { name: 'Reason', kind: 'wide', cell: ({ waiver }) => waiver?.reason },
        { name: 'Owner', cell: ({ waiver }) => waiver?.owner },
        { name: 'Expires', cell: ({ waiver }) => moment(waiver?.expiresAt) },
      ],
      rows,
    ),
  );
}

export function controls(findings: readonly FindingRecord[]): Markup {
  const groups = [...Map.groupBy(controlsOf(findings), ({ framework }) => framework)];
  if (groups.length === 0)
    return section('controls', 'Controls', nothing('No finding of this run is mapped to a control.'));
  return section(
    'controls',
    'Controls',
    markup`<p class="soft">What the checks say of the controls they bear on. A suggestion: whether a control is met is for the auditor to decide, since no check sees all of it.</p>`,
    groups.map(
      ([framework, rows]) => markup`<h3>${frameworkTitle(framework)}</h3>
${table(
  amount(rows.length, 'control'),
  [
    { name: 'Control', cell: ({ control }) => markup`<span class="id">${control}</span>` },
    { name: 'Status', cell: status },
    { name: 'Why', kind: 'wide', cell: ({ findings: own }) => controlStatus(own).remarks },
    { name: 'Checks', cell: ({ findings: own }) => checkNames(own) },
  ],
  rows,
)}`,
    ),
  );
}

function status({ findings }: ControlFindings): MarkupValue {
  const { state, reason } = controlStatus(findings);
  if (state === 'satisfied') return markup`<strong class="good">satisfied</strong>`;
  return markup`<strong class="${reason === 'fail' ? 'bad' : 'warn'}">not satisfied</strong>`;
}

function checkNames(findings: readonly FindingRecord[]): MarkupValue {
  const names = [...new Set(findings.map(({ check }) => check))].toSorted();
  return markup`<span class="small">${names.join(', ')}</span>`;
}

export function evidence(results: readonly ServerResult[], findings: readonly FindingRecord[]): Markup {
  const records = evidenceOf(results);
  const wanted = findings.filter(({ outcome }) => outcome !== 'Pass' && outcome !== 'NotApplicable');
  const groups = [...Map.groupBy(wanted, (finding) => finding.evidence ?? '')].filter(
    ([digest]) => digest !== '',
  );
  if (groups.length === 0)
    return section('evidence', 'Evidence', nothing('No finding that is shown here has evidence.'));
  const rest = groups.length - MAX_EVIDENCE;
  return section(
    'evidence',
    'Evidence',
    markup`<p class="soft">What was seen, redacted before it was stored. Each piece is named by the SHA-256 of its bytes.</p>`,
    groups.slice(0, MAX_EVIDENCE).map(([digest, own]) => piece(digest, own, records.get(digest)?.content)),
    rest > 0 && nothing(`${rest} more are in the JSON report of this run.`),
  );
}

function piece(digest: string, findings: readonly FindingRecord[], content: string | undefined): Markup {
  const of = findings.map(
    ({ check, server, outcome }) => markup`${check} on ${serverName(server)} (${outcomeLabel(outcome)}) `,
  );
  return markup`<details class="evidence" id="${evidenceAnchor(digest)}"><summary>${of}<br><code class="digest soft">${digest}</code></summary>
${content === undefined ? nothing('Its content is no longer kept.') : markup`<pre>${lines(pretty(content))}</pre>`}</details>
`;
}

/** Evidence is JSON; what is not is shown as it is. */
function pretty(content: string): string {
  try {
    return JSON.stringify(JSON.parse(content), null, 2);
  } catch {
    return content;
  }
}

export function ledger(proof: LedgerProof | undefined): Markup {
  if (proof === undefined)
    return section('ledger', 'Ledger', nothing('There is no ledger: nothing was recorded in a store.'));
  const row = (name: string, entry: LedgerProof['head'] | undefined): Markup =>
    markup`<dt>${name}</dt><dd>${
      entry === undefined
        ? markup`<span class="soft">none</span>`
        : markup`${entry.seq} <code class="digest">${entry.hash}</code>`
    }</dd>`;
  const verdict = proof.intact
    ? markup`<strong class="good">intact</strong>: walking the rows gave the stored hashes`
    : markup`<strong class="bad">broken</strong>: walking the rows did not give the stored hashes`;
  return section(
    'ledger',
    'Ledger',
    markup`<p class="soft">Every run, result and change is a row of one chain of hashes. Compare the head with a copy that was kept outside; <code>kilo-mcp ledger verify</code> walks the whole chain.</p>
<dl class="facts">
<dt>Chain</dt><dd>${proof.chain}, ${verdict}</dd>
${row('First row', proof.first)}${row('Last row', proof.last)}${row('Head', proof.head)}
</dl>`,
  );
}
