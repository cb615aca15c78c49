/** The first page: which run, what came out, and where failures are. */
import { SEVERITIES, type Severity } from '../../checks/finding.ts';
import type { FindingRecord, RunRecord } from '../../checks/engine/record.ts';
import { markup, type Markup } from '../markup.ts';
import { ownerName } from '../openreports.ts';
import { countFailures, countOutcomes, type RunReport } from '../run-report.ts';
import { amount, moment, percentage, section } from './pieces.ts';

const VERDICTS: Readonly<Record<NonNullable<RunRecord['result']>, readonly [string, string]>> = {
  Compliant: ['good', 'Compliant'],
  NonCompliant: ['bad', 'Not compliant'],
  Error: ['bad', 'Could not be judged'],
  NotApplicable: ['none', 'Nothing to judge'],
};

export function header({ run, generatedAt }: RunReport): Markup {
  const [tone, verdict] = run.result === undefined ? ['none', 'Still running'] : VERDICTS[run.result];
  return markup`<header>
<h1>Compliance of MCP servers</h1>
<p><span class="verdict ${tone}">${verdict}</span></p>
<dl class="facts">
<dt>Profile</dt><dd>${run.profile.name} <code class="digest soft">${run.profile.hash}</code></dd>
${run.owner && markup`<dt>Check</dt><dd>${ownerName(run.owner)}</dd>`}
<dt>Run</dt><dd><code>${run.id}</code></dd>
<dt>Began, ended</dt><dd>${moment(run.startedAt)}, ${moment(run.finishedAt)}${took(run)} <span class="soft">(${run.trigger})</span></dd>
<dt>Tool</dt><dd>${run.tool.name} ${run.tool.version}</dd>
<dt>Report made</dt><dd>${moment(generatedAt)}</dd>
</dl>
</header>
`;
}

/** How long the run took, in whole seconds. */
function took({ startedAt, finishedAt }: RunRecord): string {
  if (finishedAt === undefined) return '';
  return `, ${amount(Math.round((Date.parse(finishedAt) - Date.parse(startedAt)) / 1000), 'second')}`;
}

export function summary({ run, results }: RunReport, findings: readonly FindingRecord[]): Markup {
  const failures = countFailures(findings);
  const failed = Object.values(failures).reduce((sum, count) => sum + count, 0);
  const outcomes = countOutcomes(findings);
  const figures: readonly (readonly [string, string | number])[] = [
    ['Score', percentage(run.score)],
    ['Coverage', percentage(run.coverage)],
    [results.length === 1 ? 'Server' : 'Servers', results.length],
    ['Failures that count', failed],
    ['Waived', outcomes.Waived],
    ['Not testable', outcomes.Untestable],
  ];
  return section(
    'summary',
    'Summary',
    markup`<p>${sentence(results.length, findings, failed)}</p>
<ul class="figures">
${figures.map(([name, value]) => markup`<li><span class="value">${value}</span><span class="name">${name}</span></li>\n`)}</ul>
${bars(failures)}`,
  );
}

function sentence(servers: number, findings: readonly FindingRecord[], failed: number): string {
  const affected = new Set(
    findings
      .filter(({ outcome, scored }) => scored && (outcome === 'Fail' || outcome === 'Error'))
      .map(({ server }) => server.uid),
  ).size;
  const judged = `${amount(findings.length, 'result')} of ${amount(servers, 'server')}`;
  if (failed === 0) return `Among ${judged}, nothing that counts has failed.`;
  return `Among ${judged}, ${failed} that count have failed, on ${amount(affected, 'server')}.`;
}

const BAR_WIDTH = 560;

function bars(failures: Readonly<Record<Severity, number>>): Markup {
  const most = Math.max(1, ...Object.values(failures));
  const text = SEVERITIES.map((severity) => `${severity}: ${failures[severity]}`).join(', ');
  return markup`<figure class="narrow">
<svg viewBox="0 0 720 ${SEVERITIES.length * 26 + 4}" role="img" aria-labelledby="bars-title">
<title id="bars-title">Failures by severity. ${text}.</title>
${SEVERITIES.map((severity, index) => {
  const y = index * 26 + 4;
  const width = Math.round((failures[severity] / most) * BAR_WIDTH);
  return markup`<text x="66" y="${y + 14}" text-anchor="end">${severity}</text><rect class="track" x="78" y="${y}" width="${BAR_WIDTH}" height="18" rx="3"/><rect class="bar-${severity}" x="78" y="${y}" width="${width}" height="18" rx="3"/><text x="${78 + BAR_WIDTH + 12}" y="${y + 14}">${failures[severity]}</text>
`;
})}</svg>
<figcaption>Failures that count, by severity.</figcaption>
</figure>
`;
}
