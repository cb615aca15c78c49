/** A run as one page that a person hands to an auditor. */
import { findingsOf, type RunReport } from '../run-report.ts';
import { checks, failures, others } from './findings.ts';
import { page } from './page.ts';
import { scoreOverTime } from './plot.ts';
import { controls, evidence, ledger, servers, waivers } from './proof.ts';
import { header, summary } from './summary.ts';

const CONTENTS = [
  { id: 'summary', title: 'Summary' },
  { id: 'history', title: 'Score over time' },
  { id: 'failures', title: 'Findings by severity' },
  { id: 'others', title: 'Warnings, not judged' },
  { id: 'servers', title: 'Servers' },
  { id: 'waivers', title: 'Waivers' },
  { id: 'controls', title: 'Controls' },
  { id: 'checks', title: 'Every check' },
  { id: 'evidence', title: 'Evidence' },
  { id: 'ledger', title: 'Ledger' },
] as const;

/** @returns one document that needs nothing beside it. */
export function formatHtml(report: RunReport): string {
  const { run, results, history, proof } = report;
  const findings = findingsOf(results);
  const title = `Compliance of MCP servers: ${run.profile.name}, ${run.startedAt.slice(0, 10)}`;
  return page(title, header(report), CONTENTS, [
    summary(report, findings),
    scoreOverTime(history, run),
    failures(findings),
    others(findings),
    servers(results),
    waivers(findings),
    controls(findings),
    checks(findings),
    evidence(results, findings),
    ledger(proof),
  ]);
}
