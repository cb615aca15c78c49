/**
 * A run as OSCAL assessment-results: a check of a server is an observation, a control a finding, an open failure a risk. Identifiers
 * follow from the run, so that the same run gives the same document.
 * @see https://pages.nist.gov/OSCAL-Reference/models/v1.2.1/assessment-results/json-reference/
 */
import type { FindingRecord } from '../../checks/engine/record.ts';
import { printableJson } from '../../core/printable.ts';
import { frameworkTitle } from '../frameworks.ts';
import { reportResult } from '../report-result.ts';
import { evidenceOf, findingsOf, isFailure, serverName, type RunReport } from '../run-report.ts';
import { controlStatus, controlsOf, type ControlFindings } from './controls.ts';
import { uuidOf } from './names.ts';
import {
  evidenceResource,
  evidenceUuid,
  findingUuid,
  inventoryItem,
  inventoryUuid,
  line,
  properties,
} from './parts.ts';

const OSCAL_VERSION = '1.2.1';

/** @returns one document with one result. */
export function formatOscal(report: RunReport): string {
  const { run, results, generatedAt } = report;
  const plan = uuidOf('assessment-plan', run.profile.name, run.profile.hash);
  const evidence = [...evidenceOf(results).values()];
  return printableJson({
    'assessment-results': {
      uuid: uuidOf('assessment-results', run.id),
      metadata: {
        title: line(`Compliance of MCP servers with ${run.profile.name}`),
        'last-modified': generatedAt,
        version: run.startedAt,
        'oscal-version': OSCAL_VERSION,
      },
      'import-ap': { href: `#${plan}` },
      results: [resultOf(report)],
      'back-matter': { resources: [planResource(plan, run), ...evidence.map(evidenceResource)] },
    },
  });
}

/** The profile stands for an assessment plan, which nobody writes for checks that are defined by code. */
function planResource(uuid: string, { profile, tool }: RunReport['run']): object {
  return {
    uuid,
    title: line(`ComplianceProfile ${profile.name}`),
    description: 'What was asked, by which version of the program.',
    props: properties({
      'policy-id': profile.name,
      hash: profile.hash,
      tool: `${tool.name} ${tool.version}`,
    }),
  };
}

function resultOf({ run, results }: RunReport): object {
  const findings = findingsOf(results);
  const controls = controlsOf(findings);
  const risks = findings.filter(isRisk).map((finding) => riskOf(run.id, finding));
  return {
    uuid: uuidOf('result', run.id),
    title: line(`Run of ${run.profile.name}`),
    description: `Automated checks of ${results.length} MCP servers.`,
    start: run.startedAt,
    ...(run.finishedAt && { end: run.finishedAt }),
    props: properties({ result: run.result, score: percent(run.score), coverage: percent(run.coverage) }),
    ...listed('local-definitions', results, () => ({
      'inventory-items': results.map(({ server }) => inventoryItem(server)),
    })),
    'reviewed-controls': { 'control-selections': [selectionOf(controls)] },
    ...listed('observations', findings, (items) => items.map((finding) => observationOf(run, finding))),
    ...listed('risks', risks, (items) => items),
    ...listed('findings', controls, (items) => items.map((control) => findingOf(run.id, control))),
  };
}

/** OSCAL has no empty lists. */
function listed<T>(name: string, items: readonly T[], value: (items: readonly T[]) => unknown): object {
  return items.length === 0 ? {} : { [name]: value(items) };
}

function percent(value: number | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}

function selectionOf(controls: readonly ControlFindings[]): object {
  if (controls.length === 0) return { 'include-all': {} };
  return { 'include-controls': controls.map(({ id }) => ({ 'control-id': id })) };
}

function observationOf(run: RunReport['run'], finding: FindingRecord): object {
  const { server, check, evidence } = finding;
  return {
    uuid: findingUuid('observation', run.id, finding),
    title: line(`${check}: ${finding.title}`),
    description: line(finding.message),
    props: properties({
      'assessment-rule-id': check,
      'policy-id': run.profile.name,
      result: reportResult(finding),
      reason: finding.outcome,
      severity: finding.severity,
      scored: String(finding.scored),
      era: finding.era,
      'result-id': finding.resultId,
      state: finding.state,
    }),
    methods: ['TEST-AUTOMATED'],
    types: ['control-objective'],
    subjects: [
      { 'subject-uuid': inventoryUuid(server), type: 'inventory-item', title: line(serverName(server)) },
    ],
    ...(evidence !== undefined && {
      'relevant-evidence': [{ href: `#${evidenceUuid(evidence)}`, description: 'What was seen, redacted.' }],
    }),
    collected: finding.evaluatedAt,
  };
}

/** A waived failure stays a risk, with somebody's name on it. */
function isRisk(finding: FindingRecord): boolean {
  return isFailure(finding) || (finding.outcome === 'Waived' && finding.scored);
}

function riskOf(runId: string, finding: FindingRecord): object {
  const { waiver, server, check, remediation } = finding;
  const status = waiver === undefined ? 'open' : 'deviation-approved';
  return {
    uuid: findingUuid('risk', runId, finding),
    title: line(`${check} on ${serverName(server)}`),
    description: line(finding.message),
    statement: line(`Not so: ${finding.title}.`),
    props: properties({ severity: finding.severity, 'assessment-rule-id': check }),
    status,
    ...(waiver !== undefined && { deadline: waiver.expiresAt }),
    remediations: [
      {
        uuid: findingUuid('remediation', runId, finding),
        lifecycle: 'recommendation',
        title: line(`How to fix ${check}`),
        description: line(remediation.text),
        props: properties({ type: remediation.kind }),
      },
    ],
    'risk-log': {
      entries: [
        {
          uuid: findingUuid('risk-log', runId, finding),
          title: waiver === undefined ? 'First seen' : line(`Waived by ${waiver.owner}`),
          description: line(waiver?.reason ?? finding.message),
          start: finding.firstSeenAt,
          'status-change': status,
        },
      ],
    },
    'related-observations': [{ 'observation-uuid': findingUuid('observation', runId, finding) }],
  };
}

function findingOf(runId: string, { id, framework, control, findings }: ControlFindings): object {
  const risks = findings.filter(isRisk);
  return {
    uuid: uuidOf('finding', runId, id),
    title: line(`${frameworkTitle(framework)} ${control}`),
    description: `Judged by ${findings.length} results of checks that bear on it.`,
    props: properties({ 'control-id': control, framework }),
    target: { type: 'objective-id', 'target-id': id, status: controlStatus(findings) },
    'related-observations': findings.map((finding) => ({
      'observation-uuid': findingUuid('observation', runId, finding),
    })),
    ...listed('related-risks', risks, (items) =>
      items.map((finding) => ({ 'risk-uuid': findingUuid('risk', runId, finding) })),
    ),
  };
}
