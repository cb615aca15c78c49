/**
 * The health checks for Argo CD over statuses that the operator's own code made: of servers in every state that it tells apart, of requests on every
 * way into every phase, and at the moments at which there is no answer yet.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { APPROVAL_REASONS, READY_REASONS, REASONS, type ReadyReason } from '../../api/index.ts';
import {
  begin,
  finish,
  PHASES,
  statusOf,
  transition,
  type ApprovalRow,
  type DecisionFact,
  type Observed,
  type Phase,
} from '../../approval/index.ts';
import { aPreImage } from '../../approval/testing/pre-image.ts';
import { aDecision, aRow, later, observing } from '../../approval/testing/rows.ts';
import { withStatus } from '../../controllers/mcpserver/testing/builders.ts';
import { SERVER_STATES } from '../../controllers/mcpserver/testing/states.ts';
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
  NotYetProbed: 'Progressing',
  Unschedulable: 'Progressing',
};

const KNOWN_REASONS: readonly string[] = Object.entries({ ...REASONS, Ready: READY_REASONS }).flatMap(
  ([type, reasons]) =>
    Object.entries(reasons)
      .filter(([, { status }]) => type === 'Ready' || status !== 'True')
      .map(([reason]) => reason),
);

type Server = ReturnType<typeof withStatus>;

/** Servers in every state that the controller tells apart, with the status that it writes. */
const SERVERS = SERVER_STATES.map(({ name, observed }) => [name, withStatus(observed)] as const);
const readyOf = ({ status }: Server) =>
  status.conditions?.find(({ type }) => type === 'Ready') ??
  expect.fail('every server has a condition Ready');
const [, WORKING] =
  SERVERS.find(([, server]) => readyOf(server).status === 'True') ?? expect.fail('none works');

describe('the health check of MCPServers', () => {
  it.each(SERVERS)('%s', async (_name, server) => {
    const { status, reason, message } = readyOf(server);
    const result = await runHealthCheck(SCRIPT, JSON.parse(JSON.stringify(server)));
    expect(result.status).toBe(NOT_DEGRADED[reason as ReadyReason] ?? 'Degraded');
    expect(result.message).toBe(status === 'True' ? message : `${reason}: ${message}`);
  });

  it('was tried on servers with every reason of Ready', () => {
    const tried = new Set<string>(SERVERS.map(([, server]) => readyOf(server).reason));
    expect(Object.keys(READY_REASONS).filter((reason) => !tried.has(reason))).toEqual([]);
    expect(Object.keys(NOT_DEGRADED).filter((reason) => !tried.has(reason))).toEqual([]);
  });

  const { generation = 0 } = WORKING.metadata;
  const changed = { ...WORKING.metadata, generation: generation + 1 };
  it.each<[string, object]>([
    ['was not seen by the operator yet', { ...WORKING, status: undefined }],
    ['has a status without conditions', { ...WORKING, status: { observedGeneration: generation } }],
    [
      'has conditions, but not Ready',
      {
        ...WORKING,
        status: { conditions: WORKING.status.conditions?.filter(({ type }) => type !== 'Ready') },
      },
    ],
    ['was Ready before the last change', { ...WORKING, metadata: changed }],
  ])('a server that %s is Progressing', async (_reason, object) => {
    const { status, message } = await runHealthCheck(SCRIPT, JSON.parse(JSON.stringify(object)));
    expect(status).toBe('Progressing');
    expect(message).not.toBe('');
  });

  it('knows no reason that the operator does not give', () => {
    const named = [...SCRIPT.matchAll(/(\w+) = true/g)].map(([, reason]) => reason);
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((reason) => reason === undefined || !KNOWN_REASONS.includes(reason))).toEqual([]);
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

const rowAfter = (row: ApprovalRow, facts: Observed, seconds: number): ApprovalRow => {
  const step = transition(row, facts, later(seconds));
  if (step === undefined) throw new Error(`a request that is ${row.phase} stays it`);
  return step.row;
};
const seen = (
  row: ApprovalRow,
  decisions: readonly DecisionFact[],
  change: Partial<Observed> = {},
): Observed => observing(row, decisions, change);

const PENDING = aRow();
const APPROVALS = ['bob', 'carol'].map((who) => aDecision(PENDING, who, 'approve'));
const APPROVED = rowAfter(PENDING, seen(PENDING, APPROVALS), 120);
const EXECUTING = begin(APPROVED, aPreImage(), later(130)).row;
const denial = aDecision(PENDING, 'dan', 'deny');
const { uid } = PENDING.action.target;

/** Rows as the state machine leaves them, at each way into each phase. */
const REQUESTS: readonly (readonly [name: string, row: ApprovalRow])[] = [
  ['waits', PENDING],
  ['waits for one more', rowAfter(PENDING, seen(PENDING, APPROVALS.slice(0, 1)), 120)],
  ['waits for a policy', aRow({ policy: undefined })],
  ['was approved', APPROVED],
  ['is being executed', EXECUTING],
  ['was denied', rowAfter(PENDING, seen(PENDING, [denial]), 120)],
  ['was withdrawn', rowAfter(APPROVED, seen(APPROVED, [...APPROVALS, denial]), 180)],
  ['was not decided in time', rowAfter(PENDING, seen(PENDING, []), 90_000)],
  ['was not executed in time', rowAfter(APPROVED, seen(APPROVED, APPROVALS), 7_200)],
  ['was deleted', rowAfter(PENDING, seen(PENDING, [], { request: 'deleted' }), 60)],
  ['was overtaken by a change', rowAfter(PENDING, seen(PENDING, [], { target: { uid, generation: 4 } }), 60)],
  ['was overtaken by a newer one', rowAfter(PENDING, seen(PENDING, [], { isNewest: false }), 60)],
  ...(['Executed', 'Failed', 'RolledBack'] as const).flatMap((phase) =>
    Object.entries(APPROVAL_REASONS[phase]).map(
      ([reason, { meaning }]) =>
        [`ended: ${reason}`, finish(EXECUTING, { phase, reason, message: meaning }, later(140)).row] as const,
    ),
  ),
];

/** As the API server returns it, with the status that the operator projects. */
function request(row: ApprovalRow): object {
  return {
    apiVersion: 'mcp.kilocode.ai/v1alpha1',
    kind: 'ApprovalRequest',
    metadata: { name: row.name, namespace: row.namespace, uid: row.requestUid, generation: 1 },
    spec: { action: row.action },
    status: JSON.parse(JSON.stringify(statusOf(row, 1))) as object,
  };
}

describe('the health check of ApprovalRequests', () => {
  const check = script('approval-request');

  it.each(REQUESTS)('a request that %s', async (_name, row) => {
    const { status, message } = await runHealthCheck(check, request(row));
    expect(status).toBe(REQUEST_HEALTHS[row.phase]);
    const said = row.conditions.find(({ type }) => type === row.phase);
    const { have, need } = row.approvals;
    if (row.phase === 'Pending') expect(message).toBe(`Waits for approval: ${have} of ${need}`);
    else expect(message).toBe(said === undefined ? row.phase : `${said.reason}: ${said.message}`);
  });

  it('was tried on requests in every phase', () => {
    expect(new Set(REQUESTS.map(([, { phase }]) => phase))).toEqual(new Set(PHASES));
  });

  it('a request that nobody has seen yet is Progressing', async () => {
    const unseen = { ...request(PENDING), status: undefined };
    expect((await runHealthCheck(check, unseen)).status).toBe('Progressing');
  });

  it('knows every phase, and no other', () => {
    const named = [...check.matchAll(/^ {2}([A-Z]\w+) = "/gm)].map(([, phase]) => phase);
    expect(new Set(named)).toEqual(new Set(PHASES));
  });
});
