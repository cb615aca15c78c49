import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { createRuntimeMetrics } from './metrics.ts';

/** Dashboards and alerts that people have read these names: they are a promise. */
const SERIES = [
  'cache_objects{kind="Sample"} 7',
  'controller_runtime_active_workers{controller="test"} 0',
  'controller_runtime_max_concurrent_reconciles{controller="test"} 4',
  'controller_runtime_reconcile_errors_total{controller="test"} 0',
  'controller_runtime_reconcile_panics_total{controller="test"} 0',
  'controller_runtime_reconcile_time_seconds_count{controller="test"} 1',
  'controller_runtime_reconcile_timeouts_total{controller="test"} 0',
  'controller_runtime_reconcile_total{controller="test",result="error"} 0',
  'controller_runtime_reconcile_total{controller="test",result="requeue"} 0',
  'controller_runtime_reconcile_total{controller="test",result="requeue_after"} 0',
  'controller_runtime_reconcile_total{controller="test",result="success"} 0',
  'controller_runtime_terminal_reconcile_errors_total{controller="test"} 0',
  'leader_election_master_status{name="lease"} 1',
  'leader_election_slowpath_total{name="lease"} 1',
  'reflector_lists_total{kind="Sample"} 0',
  'reflector_progress_age_seconds{kind="Sample"} 3',
  'reflector_relists_gone_total{kind="Sample"} 0',
  'reflector_watches_total{kind="Sample"} 1',
  'rest_client_requests_total{code="200",method="GET",host="server"} 1',
  'stale_sync_skips_total{controller="test",kind="Sample"} 1',
  'workqueue_adds_total{name="test",controller="test"} 1',
  'workqueue_depth{name="test",controller="test",priority="-100"} 0',
  'workqueue_depth{name="test",controller="test",priority="0"} 1',
  'workqueue_longest_running_processor_seconds{name="test",controller="test"} 2',
  'workqueue_queue_duration_seconds_count{name="test",controller="test"} 1',
  'workqueue_retries_total{name="test",controller="test"} 0',
  'workqueue_unfinished_work_seconds{name="test",controller="test"} 3',
  'workqueue_work_duration_seconds_count{name="test",controller="test"} 1',
];

it('are named as existing dashboards expect, and there from the start', async () => {
  const registry = new Registry();
  const metrics = createRuntimeMetrics(registry);
  const controller = metrics.controller('test');
  controller.workers(4);
  controller.unfinished(() => [1_000, 2_000]);
  controller.took(10);
  controller.skippedStale('Sample');
  controller.queue.added();
  controller.queue.depthChanged(0, 1);
  controller.queue.started(1);
  controller.queue.finished(1);
  metrics.reflector('Sample').watchStarted();
  metrics.requests('server')('200', 'GET');
  const leader = metrics.leader('lease');
  leader.leading(true);
  leader.slowPath();
  metrics.informers(() => [{ kind: 'Sample', objects: 7, synced: true, progressAgeMs: 3_000, idleMs: 0 }]);
  const lines = (await registry.metrics()).split('\n').filter((line) => !line.startsWith('#') && line !== '');
  expect(lines.filter((line) => !/_bucket|_sum|^process_|^nodejs_/.test(line)).toSorted()).toEqual(SERIES);
});

it('count a final failure as a failure', async () => {
  const registry = new Registry();
  createRuntimeMetrics(registry).controller('test').endedTerminally();
  const text = await registry.metrics();
  expect(text).toContain('controller_runtime_reconcile_total{controller="test",result="error"} 1');
  expect(text).toContain('controller_runtime_reconcile_errors_total{controller="test"} 1');
  expect(text).toContain('controller_runtime_terminal_reconcile_errors_total{controller="test"} 1');
});
