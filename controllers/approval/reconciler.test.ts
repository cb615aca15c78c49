import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { ANNOTATIONS, type ApprovalRequest, type ApprovalRequestStatus } from '../../api/index.ts';
import type { ApprovalRow, ApprovalStore } from '../../approval/index.ts';
import { OPENED, aPlan, aRow } from '../../approval/testing/rows.ts';
import { silentLogger } from '../../core/logger.ts';
import { FakeClock } from '../../core/testing/fake-clock.ts';
import { keyOf, type KubernetesObject } from '../../operator/runtime/index.ts';
import { aServer } from '../../render/testing/a-server.ts';
import { ApprovalFeed } from './feed.ts';
import { createApprovalMetrics } from './metrics.ts';
import { RequestReconciler } from './reconciler.ts';
import { sourcesWith } from './testing/sources.ts';
import { requestWatches } from './watches.ts';

const SERVER = (() => {
  const server = aServer({ podTemplate: { spec: { securityContext: { runAsNonRoot: false } } } });
  return { ...server, metadata: { ...server.metadata, uid: 'uid-of-server', generation: 4 } };
})();

const TARGET = {
  apiVersion: SERVER.apiVersion,
  kind: SERVER.kind,
  name: SERVER.metadata.name,
  uid: 'uid-of-server',
  generation: 4,
};

function aRequest(status: ApprovalRequestStatus, spec?: ApprovalRequest['spec']): ApprovalRequest {
  const { metadata } = SERVER;
  const createdBy = JSON.stringify({ username: 'rita', uid: '' });
  return {
    apiVersion: 'mcp.kilocode.ai/v1alpha1',
    kind: 'ApprovalRequest',
    metadata: {
      namespace: metadata.namespace,
      name: 'fix',
      uid: 'uid-of-request',
      generation: 1,
      creationTimestamp: OPENED.toISOString(),
      annotations: { [ANNOTATIONS.createdBy]: createdBy },
    },
    spec: spec ?? { action: { kind: 'Remediate', parameters: { check: 'MCP-W03' }, target: TARGET } },
    status,
  };
}

/** A reconciler of one request, of which the store knows nothing; of others it has these rows. */
function reconciling(request: ApprovalRequest, ...others: readonly ApprovalRow[]) {
  const clock = new FakeClock(OPENED.getTime());
  const state = { rows: others };
  const opened: string[] = [];
  const shown: ApprovalRequestStatus[] = [];
  const store = {
    openRequests: () => Promise.resolve(state.rows.filter(({ phase }) => phase === 'Pending')),
    requestsChangedSince: (seq: number) =>
      Promise.resolve(state.rows.filter(({ ledgerSeq }) => ledgerSeq > seq)),
    request: () => Promise.resolve(undefined),
    requestsFor: () => Promise.resolve(state.rows),
    executedActions: () => Promise.resolve([]),
    admissionIntervals: () => Promise.resolve([]),
    openRequest: (row: ApprovalRow) => {
      opened.push(row.requestUid);
      return Promise.resolve({ ...row, version: 1, ledgerSeq: 1 });
    },
    advanceRequest: () => Promise.resolve(aRow()),
  };
  const feed = new ApprovalFeed({
    // A boundary: only these methods are used.
    store: store as unknown as ApprovalStore,
    ledgerHead: () => Promise.resolve(Math.max(0, ...state.rows.map(({ ledgerSeq }) => ledgerSeq))),
    namespaces: [],
    clock,
    logger: silentLogger,
  });
  const sources = sourcesWith({ server: SERVER, requests: [request] });
  const reconciler = new RequestReconciler({
    sources,
    feed,
    admission: { observeSince: () => Promise.resolve() },
    writer: {
      applyStatus: (_type: unknown, _object: KubernetesObject, after: object) => {
        shown.push(after);
        return Promise.resolve(true);
      },
    },
    recorder: { event: () => undefined },
    metrics: createApprovalMetrics(new Registry(), () => [], clock),
    clock,
  });
  const end = new AbortController();
  const { signal } = end;
  const running = feed.run(signal, signal, { epoch: 1, signal });
  const look = () => reconciler.reconcile(keyOf(request), { signal, logger: silentLogger, reconcileID: '1' });
  const reason = (type: string) =>
    shown.at(-1)?.conditions?.find((condition) => condition.type === type)?.reason;
  const stop = async (): Promise<void> => {
    end.abort();
    await running;
  };
  return { clock, state, opened, shown, feed, sources, look, reason, stop };
}

/** One look at a request of which the store knows nothing. */
async function looked(status: ApprovalRequestStatus) {
  const { opened, shown, look, reason, stop } = reconciling(aRequest(status));
  await look();
  await stop();
  return { opened, recorded: reason('Recorded'), phase: shown.at(-1)?.phase };
}

describe('a request that the store does not know', () => {
  it.each<[string, ApprovalRequestStatus, object]>([
    ['is opened when it is new', {}, { opened: ['uid-of-request'], recorded: 'Recorded', phase: 'Pending' }],
    [
      'is opened anew while it was open',
      { phase: 'Approved' },
      { opened: ['uid-of-request'], recorded: 'Recorded', phase: 'Pending' },
    ],
    [
      'stays as it ended, so that nothing is done twice',
      { phase: 'Executed' },
      { opened: [], recorded: 'NotInStore', phase: 'Executed' },
    ],
    ['stays denied', { phase: 'Denied' }, { opened: [], recorded: 'NotInStore', phase: 'Denied' }],
  ])('%s', async (_what, status, expected) => {
    expect(await looked(status)).toEqual(expected);
  });
});

describe('a Quarantine that was refused because the very same is open', () => {
  const action = { kind: 'Quarantine', parameters: { operation: 'Begin' }, target: TARGET } as const;
  const effect = { kind: 'Quarantine', operation: 'Begin' } as const;
  const { namespace } = SERVER.metadata;
  const open = aRow({ requestUid: 'other', name: 'other', namespace, action, plan: aPlan({ effect }) });

  it.each(['Cancelled', 'Expired'] as const)('is named and opened when that is %s', async (phase) => {
    const { clock, state, opened, feed, sources, look, reason, stop } = reconciling(
      aRequest({}, { action }),
      open,
    );
    await look();
    expect({ accepted: reason('Accepted'), opened }).toEqual({ accepted: 'NothingToDo', opened: [] });
    const named: string[] = [];
    for (const watch of requestWatches(sources, feed)) watch.start(({ name }) => void named.push(name));
    // What there is when watching begins.
    named.length = 0;
    state.rows = [{ ...open, phase, version: 2, ledgerSeq: 2 }];
    await clock.advance(1_000);
    expect(named).toEqual(['other', 'fix']);
    await look();
    expect({ accepted: reason('Accepted'), opened }).toEqual({
      accepted: 'Accepted',
      opened: ['uid-of-request'],
    });
    await stop();
  });
});
