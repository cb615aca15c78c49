/**
 * `docs/reasons.md`: every condition and reason with its meaning and remedy, from the tables of reasons in `api/`.
 */
import {
  CHECK_REASONS,
  COMPLIANT_REASONS,
  POLICY_REASONS,
  READY_REASONS,
  REASONS,
  REQUEST_REASONS,
} from '../../api/index.ts';
import type { Generator } from './generator.ts';

type Rows = Readonly<
  Record<string, { readonly status: string; readonly meaning: string; readonly remedy: string }>
>;

const INTRODUCTION: Readonly<Record<string, string>> = {
  Accepted:
    'Whether the operator can work with the spec. What a schema can know was refused before, when the object was written; this is the rest.',
  ResourcesReady: 'Whether every child of the server is applied at this generation.',
  Available: 'Whether enough pods are ready. While they are not, the first pod failure that explains it.',
  Verified:
    'Whether the last probe of a pod of the current template spoke MCP with it. The reasons of failed probes turn it to False after `probe.failureThreshold` in a row.',
  Ready:
    'The sum, for `kubectl wait --for=condition=Ready`, GitOps tools and people. When it is not True, it repeats the reason and message of the first of the ' +
    'conditions above that explains it, or gives one of these:',
};

const COMPLIANT_INTRODUCTION =
  'Whether every ComplianceCheck and ClusterComplianceCheck that covers the server is content with it. It is absent where none does, and Ready does not depend on it.';

const CHECK_INTRODUCTION: Readonly<Record<string, string>> = {
  Ready: 'Whether the check can run when it is time.',
  Recorded: 'Whether what the last run found is in the store.',
  ReportsPublished: 'Whether each server has a report in the cluster that other tools read.',
};

const POLICY_INTRODUCTION: Readonly<Record<string, string>> = {
  Accepted: 'Whether every rule and selector of the policy can be evaluated.',
  Enforced: 'Whether admission asks the policy before a server is written, and refuses what breaks it.',
};

const REQUEST_INTRODUCTION: Readonly<Record<string, string>> = {
  Accepted: 'Whether it is known what would be done.',
  Recorded: 'Whether the store has what the status shows. Nothing is approved or executed without it.',
  Approved: 'The operator may do it, once, before `status.executeBefore`.',
  Denied: 'It is not done.',
  Expired: 'Its time is over.',
  Cancelled: 'It was taken back.',
  Superseded: 'It no longer fits its target.',
  Overridden: 'Quorum and freeze were lifted by a person with that right.',
  Executed: 'It is done.',
  Failed: 'It could not be done, or not be undone. Somebody has to look.',
  RolledBack: 'It was done and undone.',
};

export const reasonsPage: Generator = {
  name: 'reasons',
  outputs: () => Promise.resolve({ 'docs/reasons.md': page() }),
};

function page(): string {
  const ofServers = Object.entries({ ...REASONS, Ready: READY_REASONS }).map(([type, rows]) =>
    section(`## ${type}`, INTRODUCTION[type] ?? '', rows),
  );
  const ofChecks = Object.entries(CHECK_REASONS).map(([type, rows]) =>
    section(`### ${type} of a check`, CHECK_INTRODUCTION[type] ?? '', rows),
  );
  const ofPolicies = Object.entries(POLICY_REASONS).map(([type, rows]) =>
    section(`### ${type} of a policy`, POLICY_INTRODUCTION[type] ?? '', rows),
  );
  const ofRequests = Object.entries(REQUEST_REASONS).map(([type, rows]) =>
    section(`### ${type} of a request`, REQUEST_INTRODUCTION[type] ?? '', rows),
  );
  return [
    '<!-- Generated from api/ by `make generate`; do not edit. -->',
    '# Conditions and reasons',
    '',
    'An MCPServer tells how it is in six conditions: `kubectl describe mcpserver NAME` shows them, and `kubectl get mcpservers` shows Ready with its reason.',
    'Look up the reason here; the message of the condition has the details. In the commands, `NAME` is the name of the MCPServer.',
    '',
    ...ofServers,
    section('## Compliant', COMPLIANT_INTRODUCTION, COMPLIANT_REASONS),
    '## Conditions of an MCPSecurityPolicy',
    '',
    '`kubectl describe mcpsecuritypolicy NAME` shows two conditions of its own.',
    '',
    ...ofPolicies,
    '## Conditions of a ComplianceCheck or ClusterComplianceCheck',
    '',
    '`kubectl describe mcpcc NAME` and `kubectl describe mcpccc NAME` show three conditions of their own.',
    '',
    ...ofChecks,
    '## Conditions of an ApprovalRequest',
    '',
    '`kubectl describe apr NAME` shows how a request stands, and what became of it. All but the first two are said once and never taken back.',
    '',
    ...ofRequests,
  ].join('\n');
}

function section(title: string, introduction: string, rows: Rows): string {
  const lines = Object.entries(rows).map(([reason, row]) => {
    const cells = [`\`${reason}\``, row.status, row.meaning, row.remedy === '' ? '-' : row.remedy];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return [
    title,
    '',
    introduction,
    '',
    '| Reason | Status | Meaning | What to do |',
    '| --- | --- | --- | --- |',
    ...lines,
    '',
  ].join('\n');
}
