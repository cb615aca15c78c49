/** What a table for spreadsheets says of a finding. The names are part of the public contract; docs/reports.md lists them. */
import type { FindingRecord } from '../checks/engine/record.ts';

export const FINDING_COLUMNS: Readonly<Record<string, (finding: FindingRecord) => string>> = {
  namespace: ({ server }) => server.namespace,
  server: ({ server }) => server.name,
  check: ({ check }) => check,
  title: ({ title }) => title,
  severity: ({ severity }) => severity,
  scored: ({ scored }) => String(scored),
  outcome: ({ outcome }) => outcome,
  state: ({ state }) => state,
  message: ({ message }) => message,
  fields: ({ fields }) => fields.map(({ path }) => path).join('; '),
  remediation: ({ remediation }) => remediation.text,
  controls: ({ controls }) =>
    Object.entries(controls)
      .map(([framework, ids]) => `${framework}: ${ids.join(', ')}`)
      .join('; '),
  waiver: ({ waiver }) => waiver?.reason ?? '',
  'waiver owner': ({ waiver }) => waiver?.owner ?? '',
  'waiver expires': ({ waiver }) => waiver?.expiresAt ?? '',
  'first seen': ({ firstSeenAt }) => firstSeenAt,
  evaluated: ({ evaluatedAt }) => evaluatedAt,
  evidence: ({ evidence }) => evidence ?? '',
  'result id': ({ resultId }) => resultId,
};
