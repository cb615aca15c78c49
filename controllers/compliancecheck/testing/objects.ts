/** Objects for the tests of compliance, complete as the API server returns them. */
import {
  defaultMCPServer,
  validateClusterComplianceCheck,
  validateComplianceCheck,
  type ClusterComplianceCheck,
  type ComplianceCheck,
  type MCPServer,
  type Waiver,
} from '../../../api/index.ts';
import type { FindingRecord } from '../../../checks/engine/record.ts';
import { newMemory, type CheckMemory } from '../memory.ts';
import { ownerOf, type AnyCheck } from '../kinds.ts';
import type { Observed } from '../observed.ts';
import type { RunProfile } from '../profile.ts';
import type { CoveredServer } from '../server-evaluator.ts';
import { subjectHash } from '../subject.ts';
import type { FindingSummary, ServerSummary } from '../summary.ts';

/** The time at which the tests play, in milliseconds. */
export const NOW_MS = Date.parse('2026-11-25T12:00:00Z');
/** That time less so many hours. */
export const hoursAgo = (hours: number): string => new Date(NOW_MS - hours * 3_600_000).toISOString();

const API_VERSION = 'mcp.kilocode.ai/v1alpha1';

/** A check `nightly` of the namespace `team-a`. */
export function aCheck(spec: object = {}, more: object = {}): ComplianceCheck {
  const validation = validateComplianceCheck({
    apiVersion: API_VERSION,
    kind: 'ComplianceCheck',
    metadata: { name: 'nightly', namespace: 'team-a' },
    spec: { profileRef: { name: 'baseline' }, ...spec },
  });
  if (!validation.valid) throw new Error(JSON.stringify(validation.errors));
  const metadata = { ...validation.check.metadata, uid: 'check-uid', generation: 2 };
  return { ...validation.check, metadata, ...more };
}

/** A check `fleet` of the cluster. */
export function aClusterCheck(spec: object = {}): ClusterComplianceCheck {
  const validation = validateClusterComplianceCheck({
    apiVersion: API_VERSION,
    kind: 'ClusterComplianceCheck',
    metadata: { name: 'fleet' },
    spec: { profileRef: { name: 'baseline' }, ...spec },
  });
  if (!validation.valid) throw new Error(JSON.stringify(validation.errors));
  const metadata = { ...validation.check.metadata, uid: 'fleet-uid', generation: 2 };
  return { ...validation.check, metadata };
}

/** A server of `team-a`, with its uid made of its name. */
export function aServer(name: string, spec: object = {}, more: Partial<MCPServer> = {}): MCPServer {
  const server = defaultMCPServer({
    metadata: { name, namespace: 'team-a', uid: `uid-${name}`, generation: 1 },
    spec: { source: { image: { ref: 'registry.example.com/server:1' } }, ...spec },
  });
  return { ...server, ...more };
}

/** The same as a run sees it. */
export function covered(
  server: MCPServer,
  namespaceLabels: Readonly<Record<string, string>> = {},
): CoveredServer {
  return { server, namespaceLabels, subject: subjectHash(server) };
}

/** A profile of two checks. */
export const PROFILE: RunProfile = {
  name: 'baseline',
  uid: 'profile-uid',
  hash: `sha256:${'a'.repeat(64)}`,
  changedBy: 'carol',
  checks: [{ id: 'MCP-P01' }, { id: 'MCP-S08' }],
  ids: new Set(['MCP-P01', 'MCP-S08']),
  controls: () => ({}),
};

/** A waiver of `MCP-S08` for everybody, for years. */
export function aWaiver(fields: Partial<Waiver> = {}): Waiver {
  return {
    check: 'MCP-S08',
    serverSelector: {},
    namespaceSelector: {},
    reason: 'Known.',
    owner: 'platform',
    expiresAt: '2030-01-01T00:00:00Z',
    ...fields,
  };
}

/** One finding, a scored pass unless it is said otherwise. */
export function aFinding(fields: Partial<FindingSummary> = {}): FindingSummary {
  return {
    check: 'MCP-P01',
    severity: 'high',
    scored: true,
    outcome: 'Pass',
    state: 'unchanged',
    message: '',
    ...fields,
  };
}

/** What was found of the server of that name. */
export function aSummary(name: string, findings: readonly FindingSummary[]): ServerSummary {
  return {
    server: { namespace: 'team-a', name, uid: `uid-${name}` },
    findings,
    evaluatedAt: hoursAgo(1),
  };
}

/** A finding whole, for what is published and recorded. */
export function aRecord(fields: Partial<FindingRecord> = {}): FindingRecord {
  return {
    server: { namespace: 'team-a', name: 'one', uid: 'uid-one' },
    title: 'it answers',
    family: 'P',
    fields: [],
    remediation: { kind: 'none', text: 'Nothing.' },
    references: [],
    controls: {},
    resultId: '0'.repeat(16),
    firstSeenAt: hoursAgo(1),
    evaluatedAt: hoursAgo(1),
    ...aFinding(),
    ...fields,
  };
}

/** A check whose history was read, with a full run an hour ago at its present generation. */
export function aMemory(check: AnyCheck, fields: Partial<CheckMemory> = {}): CheckMemory {
  const { generation = 0 } = check.metadata;
  const memory = newMemory(ownerOf(check));
  return Object.assign(memory, {
    isRestored: true,
    lastFull: { startedAt: hoursAgo(1), generation },
    last: {
      id: 'run-1',
      owner: ownerOf(check),
      profile: { name: PROFILE.name, hash: PROFILE.hash },
      trigger: 'Schedule',
      tool: { name: 'test', version: '0' },
      startedAt: hoursAgo(1),
      finishedAt: hoursAgo(1),
      result: 'Compliant',
    },
    ...fields,
  });
}

/** Everything in order, and nothing to do, but for `fields`. */
export function observedOf(check: AnyCheck, fields: Partial<Observed> = {}): Observed {
  return {
    check,
    profile: { kind: 'profile', profile: PROFILE },
    servers: [],
    restInMs: () => 0,
    memory: aMemory(check),
    nowMs: NOW_MS,
    ...fields,
  };
}
