/** A run as SARIF 2.1.0. What passed is not a result there; what could not be judged is a notification of the invocation. */
import type { FindingRecord } from '../checks/engine/record.ts';
import { countOutcomes, findingsOf, serverName, type RunReport } from './run-report.ts';
import { formatSarifLog, sarifLevel, type SarifLevel, type SarifRule } from './sarif-log.ts';

/** @returns one log with one run. */
export function formatSarif({ run, results }: RunReport): string {
  const findings = findingsOf(results);
  const rules = rulesOf(findings);
  return formatSarifLog({
    version: run.tool.version,
    rules,
    results: findings.flatMap((finding) => resultOf(finding, rules)),
    members: {
      automationDetails: { id: `${run.profile.name}/${run.id}`, guid: run.id },
      invocations: [invocationOf(run, findings)],
      properties: { score: run.score, coverage: run.coverage, outcomes: countOutcomes(findings) },
    },
  });
}

function rulesOf(findings: readonly FindingRecord[]): readonly SarifRule[] {
  const rules = new Map(
    findings.map(({ check: id, title, severity, references, remediation }) => [
      id,
      { id, title, severity, references, fix: remediation.text },
    ]),
  );
  return [...rules.values()].toSorted((one, other) => one.id.localeCompare(other.id, 'en'));
}

/** None for what passed or does not apply. */
function resultOf(finding: FindingRecord, rules: readonly SarifRule[]): readonly object[] {
  const level = levelOf(finding);
  if (level === undefined) return [];
  const { check, outcome, message, server, resultId, remediation, waiver } = finding;
  return [
    {
      ruleId: check,
      ruleIndex: rules.findIndex(({ id }) => id === check),
      level,
      kind: level === 'none' ? 'review' : 'fail',
      message: { text: outcome === 'Error' ? `The check could not be completed: ${message}` : message },
      locations: [
        {
          logicalLocations: [{ name: server.name, fullyQualifiedName: serverName(server), kind: 'resource' }],
        },
      ],
      partialFingerprints: { 'kiloMcpResult/v1': resultId },
      ...(waiver && { suppressions: [suppressionOf(waiver)] }),
      properties: propertiesOf(finding, remediation.text),
    },
  ];
}

function propertiesOf({ outcome, state, ...finding }: FindingRecord, fix: string): object {
  const { firstSeenAt, evidence, era, controls, fields } = finding;
  return {
    outcome,
    state,
    fix,
    firstSeenAt,
    controls,
    ...(era && { era }),
    ...(evidence && { evidence }),
    ...(fields.length > 0 && { fields }),
  };
}

function suppressionOf({ reason, expiresAt, owner }: NonNullable<FindingRecord['waiver']>): object {
  return {
    kind: 'external',
    status: 'accepted',
    justification: `${reason} (owner: ${owner}; expires ${expiresAt})`,
  };
}

/** What passed, does not apply or could not be tested is no result. */
function levelOf({ outcome, severity, scored }: FindingRecord): SarifLevel | undefined {
  if (outcome === 'Fail' || outcome === 'Waived') return scored ? sarifLevel(severity) : 'note';
  if (outcome === 'Error') return sarifLevel(severity);
  if (outcome === 'Warn') return 'note';
  return outcome === 'Manual' ? 'none' : undefined;
}

/** What could not be judged is told beside the results: a scan that saw nothing must not look like one that found nothing. */
function invocationOf(run: RunReport['run'], findings: readonly FindingRecord[]): object {
  const untestable = findings.filter(({ outcome }) => outcome === 'Untestable');
  return {
    executionSuccessful: run.result !== 'Error',
    startTimeUtc: run.startedAt,
    ...(run.finishedAt && { endTimeUtc: run.finishedAt }),
    toolExecutionNotifications: untestable.map(({ check, server, message }) => ({
      level: 'note',
      message: { text: `${check} could not be tested on ${serverName(server)}: ${message}` },
      associatedRule: { id: check },
    })),
  };
}
