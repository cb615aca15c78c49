import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { ANNOTATIONS, type ApprovalRequest, type ApprovalRequestStatus } from '../../api/index.ts';
import type { ApprovalRow, ApprovalStore } from '../../approval/index.ts';
import { OPENED, aRow } from '../../approval/testing/rows.ts';
import { silentLogger } from '../../core/logger.ts';
import { FakeClock } from '../../core/testing/fake-clock.ts';
import { keyOf, type KubernetesObject } from '../../operator/runtime/index.ts';
import { aServer } from '../../render/testing/a-server.ts';
import { ApprovalFeed } from './feed.ts';
import { createApprovalMetrics } from './metrics.ts';
import { RequestReconciler } from './reconciler.ts';
import { sourcesWith } from './testing/sources.ts';

const SERVER = (() => {
  const server = aServer({ podTemplate: { spec: { securityContext: { runAsNonRoot: false } } } });
  return { ...server, metadata: { ...server.metadata, uid: 'uid-of-server', generation: 4 } };
})();

function aRequest(status: ApprovalRequestStatus): ApprovalRequest {
  const { apiVersion, kind, metadata } = SERVER;
  const target = { apiVersion, kind, name: metadata.name, uid: 'uid-of-server', generation: 4 };
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
    spec: { action: { kind: 'Remediate', parameters: { check: 'MCP-W03' }, target } },
    status,
  };
}

/** One look at a request of which the store knows nothing. */
async function looked(status: ApprovalRequestStatus) {
  const request = aRequest(status);
  const clock = new FakeClock(OPENED.getTime());
  const opened: string[] = [];
  const shown: ApprovalRequestStatus[] = [];
  const store = {
    openRequests: () => Promise.resolve([]),
    requestsChangedSince: () => Promise.resolve([]),
    request: () => Promise.resolve(undefined),
    requestsFor: () => Promise.resolve([]),
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
    ledgerHead: () => Promise.resolve(0),
    namespaces: [],
    clock,
    logger: silentLogger,
  });
  const reconciler = new RequestReconciler({
    sources: sourcesWith({ server: SERVER, requests: [request] }),
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
  await reconciler.reconcile(keyOf(request), { signal, logger: silentLogger, reconcileID: '1' });
  end.abort();
  await running;
  const recorded = shown.at(-1)?.conditions?.find(({ type }) => type === 'Recorded');
  return { opened, recorded: recorded?.reason, phase: shown.at(-1)?.phase };
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
