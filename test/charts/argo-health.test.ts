/**
 * The health checks for Argo CD over statuses as the operator writes them: every reason that Ready can give, every phase of a request, and the
 * moments at which there is no answer yet.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { READY_REASONS, REASONS, type ReadyReason } from '../../api/index.ts';
import { PHASES, type Phase } from '../../approval/phase.ts';
import { runHealthCheck } from './lua.ts';

type Health = 'Healthy' | 'Progressing' | 'Degraded' | 'Suspended';

const script = (name: string): string =>
  readFileSync(
    fileURLToPath(new URL(`../../charts/mcp-operator/files/argo-cd/${name}.lua`, import.meta.url)),
    'utf8',
  );
const SCRIPT = script('mcp-server');

/** What passes by itself or was asked for. Every other reason needs somebody to act. */
const NOT_DEGRADED: Readonly<Partial<Record<ReadyReason, Health>>> = {
  Ready: 'Healthy',
  Suspended: 'Suspended',
  ScaledToZero: 'Suspended',
  RolloutInProgress: 'Progressing',
  Progressing: 'Progressing',
  NotAvailable: 'Progressing',
  NotYetProbed: 'Progressing',
  Unschedulable: 'Progressing',
};

const ROWS = Object.entries({ ...REASONS, Ready: READY_REASONS }).flatMap(([type, reasons]) =>
  Object.entries(reasons)
    .filter(([, { status }]) => type === 'Ready' || status !== 'True')
    .map(
      ([reason, { meaning }]) =>
        [reason, NOT_DEGRADED[reason as ReadyReason] ?? 'Degraded', meaning] as const,
    ),
);

/** An MCPServer as the API server returns it, with Ready for this reason. */
function server(reason: string, message: string, observedGeneration = 2): object {
  const time = '2026-11-23T12:00:00Z';
  const condition = { reason, message, observedGeneration, lastTransitionTime: time };
  return {
    apiVersion: 'mcp.kilocode.ai/v1alpha1',
    kind: 'MCPServer',
    metadata: { name: 'example', namespace: 'team-a', generation: 2, uid: '6a1c', creationTimestamp: time },
    spec: { source: { image: { ref: 'example.com/server:1' } }, suspend: false },
    status: {
      observedGeneration,
      replicas: 1,
      conditions: [
        { ...condition, type: 'Accepted', status: 'True', reason: 'Accepted' },
        { ...condition, type: 'Ready', status: reason === 'Ready' ? 'True' : 'False' },
      ],
    },
  };
}

describe('the health check of MCPServers', () => {
  it.each(ROWS)('%s is %s', async (reason, health, meaning) => {
    const result = await runHealthCheck(SCRIPT, server(reason, meaning));
    expect(result.status).toBe(health);
    expect(result.message).toContain(meaning);
  });

  const fresh = server('Ready', '');
  it.each<[string, object]>([
    ['was not seen by the operator yet', { ...fresh, status: undefined }],
    ['has a status without conditions', { ...fresh, status: { observedGeneration: 2 } }],
    [
      'has conditions, but not Ready',
      { ...fresh, status: { conditions: [{ type: 'Accepted', status: 'True' }] } },
    ],
    ['was Ready before the last change', server('Ready', '', 1)],
    ['was broken before the last change', server('CrashLooping', '', 1)],
  ])('a server that %s is Progressing', async (_reason, object) => {
    const { status, message } = await runHealthCheck(SCRIPT, object);
    expect(status).toBe('Progressing');
    expect(message).not.toBe('');
  });

  it('knows no reason that the operator does not give', () => {
    const named = [...SCRIPT.matchAll(/(\w+) = true/g)].map(([, reason]) => reason);
    const known = ROWS.map(([reason]) => reason);
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((reason) => reason === undefined || !known.includes(reason))).toEqual([]);
  });
});

const REQUEST_HEALTHS: Readonly<Record<Phase, Health>> = {
  Pending: 'Suspended',
  Approved: 'Progressing',
  Executing: 'Progressing',
  Executed: 'Healthy',
  Cancelled: 'Healthy',
  Superseded: 'Healthy',
  Denied: 'Degraded',
  Expired: 'Degraded',
  Failed: 'Degraded',
  RolledBack: 'Degraded',
};

/** An ApprovalRequest with one condition, that of its phase where there is one. */
function request(phase: Phase): object {
  const condition = { type: phase, status: 'True', reason: 'TheReason', message: 'the message' };
  return {
    apiVersion: 'mcp.kilocode.ai/v1alpha1',
    kind: 'ApprovalRequest',
    metadata: { name: 'remediate-example-0123456789ab-1', namespace: 'team-a', generation: 1 },
    status: {
      phase,
      approvals: { have: 1, need: 2, missing: ['platform-leads'] },
      ...(phase !== 'Pending' && { conditions: [condition] }),
    },
  };
}

describe('the health check of ApprovalRequests', () => {
  const check = script('approval-request');

  it.each(PHASES)('%s', async (phase) => {
    const { status, message } = await runHealthCheck(check, request(phase));
    expect(status).toBe(REQUEST_HEALTHS[phase]);
    if (phase === 'Pending') expect(message).toBe('Waits for approval: 1 of 2');
    else expect(message).toContain('TheReason: the message');
  });

  it('a request that nobody has seen yet is Progressing', async () => {
    const unseen = { ...request('Pending'), status: undefined };
    expect((await runHealthCheck(check, unseen)).status).toBe('Progressing');
  });

  it('knows every phase, and no other', () => {
    const named = [...check.matchAll(/^ {2}([A-Z]\w+) = "/gm)].map(([, phase = '']) => phase);
    expect(named.toSorted()).toEqual([...PHASES].toSorted());
  });
});
