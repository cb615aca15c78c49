import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../core/logger.ts';
import { nextTurn } from '../../core/next-turn.ts';
import { FakeClock } from '../../core/testing/fake-clock.ts';
import { keyOf, MetricsRegistry } from '../../operator/runtime/index.ts';
import { DEFAULT_RENDER_SETTINGS, render, TEMPLATE_HASH_ANNOTATION } from '../../render/index.ts';
import { aServer } from '../../render/testing/a-server.ts';
import type { Pod } from './kinds.ts';
import { createServerMetrics } from './metrics.ts';
import type { ProbeResult } from './probe-memory.ts';
import { Prober } from './prober.ts';
import { MCPServerReconciler } from './reconciler.ts';
import { aPod, VERIFIED } from './testing/builders.ts';

const allowed = () => ({ kind: 'allowed' }) as const;

/** A reconciler over `pods`, whose only place for probes is taken until `free`. */
function aBusyReconciler(pods: Pod[]) {
  const server = aServer();
  const dialled: (string | undefined)[] = [];
  const clock = new FakeClock();
  const prober = new Prober({
    concurrency: 1,
    clock,
    random: () => 0,
    logger: silentLogger,
    onResult: () => undefined,
  });
  const other = aServer({}, { name: 'other' });
  let free: () => void = () => undefined;
  const ask = () => new Promise<ProbeResult>((resolve) => (free = () => resolve(VERIFIED)));
  prober.start({ server: other, run: undefined, readyRuns: [], request: undefined, ask });
  const sources = {
    deployments: { get: () => undefined },
    pods: { byIndex: () => pods },
    addresses: { remote: allowed },
    recall: prober.recall.bind(prober),
    nowMs: () => clock.now().getTime(),
  };
  const reconciler = new MCPServerReconciler({
    servers: { get: () => server },
    sources,
    writer: {
      ensure: (_type, _intent) => Promise.resolve({ kind: 'terminating' }),
      ensureAbsent: () => Promise.resolve('absent'),
      driftOf: () => undefined,
      applyStatus: () => Promise.resolve(false),
    },
    recorder: { event: () => undefined },
    prober,
    policies: { violationsOf: () => Promise.resolve([]) },
    probing: {
      probe: (target) => {
        dialled.push(target.connectAddress);
        return Promise.resolve({ kind: 'failed', reason: 'Timeout', message: 'no answer' });
      },
      references: {
        client: { get: () => Promise.resolve(undefined) },
        operator: { namespace: 'mcp-system', name: 'mcp-operator' },
      },
      addresses: { pod: allowed, remote: allowed },
      clientInfo: { name: 'test', version: '0' },
      clock,
    },
    metrics: createServerMetrics(new MetricsRegistry()),
    rendering: DEFAULT_RENDER_SETTINGS,
  });
  const context = { signal: new AbortController().signal, logger: silentLogger, reconcileID: 'one' };
  return { dialled, free: () => free(), reconcile: () => reconciler.reconcile(keyOf(server), context) };
}

describe('a probe that has to wait for its turn', () => {
  const { annotations } = render(aServer(), DEFAULT_RENDER_SETTINGS)?.deployment.spec.template.metadata ?? {};
  const pod = aPod('one', {}, annotations?.[TEMPLATE_HASH_ANNOTATION]);

  it.each([
    { name: 'asks its pod', after: [pod], dialled: ['10.0.0.7'] },
    {
      name: 'asks nobody when the pod is gone: its address may be somebody else now',
      after: [],
      dialled: [],
    },
    {
      name: 'asks nobody when the pod is going',
      after: [{ ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2026-06-01T12:00:00Z' } }],
      dialled: [],
    },
    {
      name: 'asks nobody when the pod has another address',
      after: [{ ...pod, status: { ...pod.status, podIP: '10.0.0.8' } }],
      dialled: [],
    },
  ])('$name', async ({ after, dialled }) => {
    const pods = [pod];
    const busy = aBusyReconciler(pods);
    await busy.reconcile();
    pods.splice(0, 1, ...after);
    busy.free();
    await nextTurn();
    await nextTurn();
    expect(busy.dialled).toEqual(dialled);
  });
});
