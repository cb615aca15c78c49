/** Runs, servers and findings for tests: whole records, of which a test names what matters to it. */
import { createHash } from 'node:crypto';
import type {
  EvidenceRecord,
  FindingRecord,
  RunRecord,
  ServerReference,
  ServerResult,
} from '../../checks/engine/record.ts';

/** A run of owner `owner`, not finished. */
export function aRun(overrides: Partial<RunRecord> & Pick<RunRecord, 'id'>): RunRecord {
  return {
    owner: { kind: 'ComplianceCheck', namespace: 'team-a', name: 'nightly', uid: 'owner' },
    profile: { name: 'mcp-baseline-v1', hash: `sha256:${'0'.repeat(64)}` },
    trigger: 'Schedule',
    tool: { name: 'kilo-mcp', version: '0.1.0' },
    startedAt: '2026-01-01T00:00:00.000Z',
    ...overrides,
  };
}

/** A server by its name; its uid is `uid-NAME`. */
export function aServer(name: string): ServerReference {
  return { namespace: 'team-a', name, uid: `uid-${name}` };
}

/** Evidence with the content, and its digest. */
export function evidenceOf(content: string): EvidenceRecord {
  const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
  return { digest, mediaType: 'application/json', content };
}

/** A failed check of the server. */
export function aFinding(server: ServerReference, overrides: Partial<FindingRecord> = {}): FindingRecord {
  return {
    server,
    check: 'MCP-S08',
    title: 'a foreign Origin is refused',
    family: 'S',
    severity: 'high',
    scored: true,
    outcome: 'Fail',
    message: 'The server accepts a foreign Origin header.',
    era: 'modern',
    fields: [],
    remediation: { kind: 'gateway', text: 'Refuse Origin headers that are not yours with 403.' },
    references: ['MCP 2026-07-28 basic/transports'],
    controls: { 'owasp-mcp': ['MCP07:2025'], 'nist-800-53-r5': ['SC-7', 'SC-8'] },
    resultId: '0123456789abcdef',
    firstSeenAt: '2026-01-01T00:00:01.000Z',
    evaluatedAt: '2026-01-01T00:00:02.000Z',
    state: 'new',
    ...overrides,
  };
}

/** A server's share, with one finding and its evidence. */
export function aResult(name: string, overrides: Partial<ServerResult> = {}): ServerResult {
  const server = aServer(name);
  const shown = evidenceOf(JSON.stringify({ seen: name }));
  return {
    server,
    findings: [aFinding(server, { evidence: shown.digest })],
    evidence: [shown],
    score: 80,
    coverage: 100,
    ...overrides,
  };
}
