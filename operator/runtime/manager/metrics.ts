/**
 * The runtime's metrics under controller-runtime's and client-go's names, so that existing dashboards and alerts work. Series
 * exist from the start with value 0: an alert on a rate needs the zero before the first failure.
 */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { InformerState } from '../cache/informer-registry.ts';
import type { ReflectorObserver } from '../cache/reflector.ts';
import type { RequestObserver } from '../client/transport.ts';
import type { ControllerObserver } from '../controller/observer.ts';
import type { LeadershipObserver } from '../election/leadership.ts';
import { PRIORITY_INITIAL_LIST, PRIORITY_NORMAL } from '../controller/watch.ts';
import { registerProcessMetrics } from './process-metrics.ts';

/** Observers that count into one registry. */
export interface RuntimeMetrics {
  controller(name: string): ControllerObserver;
  reflector(kind: string): ReflectorObserver;
  requests(host: string): RequestObserver;
  leader(name: string): LeadershipObserver;
  /** `read` is asked when metrics are read. */
  informers(read: () => readonly InformerState[]): void;
}

/** Seconds, as in controller-runtime. */
const RECONCILE_BUCKETS = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5,
  1.75, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
];
const QUEUE_BUCKETS = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10, 100, 1000];
const RESULTS = ['success', 'error', 'requeue', 'requeue_after'] as const;

/** Registers the runtime's metrics. Call it once for a registry. */
export function createRuntimeMetrics(registry: Registry): RuntimeMetrics {
  registerProcessMetrics(registry);
  const controllers = controllerMetrics(registry);
  const queues = queueMetrics(registry);
  const reflectors = reflectorMetrics(registry);
  const requests = new Counter({
    name: 'rest_client_requests_total',
    help: 'Requests to the API server, by status code, method and host.',
    labelNames: ['code', 'method', 'host'],
    registers: [registry],
  });
  return {
    controller: (name) => ({ ...controllers(name), ...queues(name) }),
    reflector: reflectors,
    requests: (host) => (code, method) => requests.inc({ code, method, host }),
    leader: leaderMetrics(registry),
    informers: (read) => informerMetrics(registry, read),
  };
}

function leaderMetrics(registry: Registry): (name: string) => LeadershipObserver {
  const status = new Gauge({
    name: 'leader_election_master_status',
    help: 'Whether this process holds the lease: 1 leads, 0 waits.',
    labelNames: ['name'],
    registers: [registry],
  });
  const slowPaths = new Counter({
    name: 'leader_election_slowpath_total',
    help: 'Renewals of the lease that had to read it first.',
    labelNames: ['name'],
    registers: [registry],
  });
  return (name) => {
    status.set({ name }, 0);
    slowPaths.inc({ name }, 0);
    return {
      leading: (isLeading) => status.set({ name }, isLeading ? 1 : 0),
      slowPath: () => slowPaths.inc({ name }),
    };
  };
}

type LoopObserver = Omit<ControllerObserver, 'queue' | 'unfinished'>;
type QueueObservers = Pick<ControllerObserver, 'queue' | 'unfinished'>;

function controllerMetrics(registry: Registry): (name: string) => LoopObserver {
  const registers = [registry];
  const labelNames = ['controller'] as const;
  const counter = (name: string, help: string): Counter<'controller'> =>
    new Counter({ name: `controller_runtime_${name}`, help, labelNames, registers });
  const gauge = (name: string, help: string): Gauge<'controller'> =>
    new Gauge({ name: `controller_runtime_${name}`, help, labelNames, registers });

  const total = new Counter({
    name: 'controller_runtime_reconcile_total',
    help: 'Reconciles, by result.',
    labelNames: ['controller', 'result'],
    registers,
  });
  const errors = counter('reconcile_errors_total', 'Reconciles that failed and are tried again.');
  const terminal = counter('terminal_reconcile_errors_total', 'Reconciles that failed for good.');
  const panics = counter('reconcile_panics_total', 'Reconciles that threw something unforeseen.');
  const timeouts = counter('reconcile_timeouts_total', 'Reconciles that passed their deadline.');
  const workers = gauge('max_concurrent_reconciles', 'Workers.');
  const active = gauge('active_workers', 'Workers with a reconcile at hand.');
  const time = new Histogram({
    name: 'controller_runtime_reconcile_time_seconds',
    help: 'How long reconciles took.',
    labelNames,
    buckets: RECONCILE_BUCKETS,
    registers,
  });
  const stale = new Counter({
    name: 'stale_sync_skips_total',
    help: 'Reconciles put off because the cache of a kind was behind our own writes.',
    labelNames: ['controller', 'kind'],
    registers,
  });
  return (controller) => {
    const labels = { controller };
    for (const result of RESULTS) total.inc({ controller, result }, 0);
    for (const metric of [errors, terminal, panics, timeouts]) metric.inc(labels, 0);
    active.set(labels, 0);
    return {
      workers: (count) => workers.set(labels, count),
      active: (change) => active.inc(labels, change),
      took: (durationMs) => time.observe(labels, durationMs / 1000),
      ended: (result) => {
        total.inc({ controller, result });
        if (result === 'error') errors.inc(labels);
      },
      endedTerminally: () => {
        total.inc({ controller, result: 'error' });
        errors.inc(labels);
        terminal.inc(labels);
      },
      panicked: () => panics.inc(labels),
      timedOut: () => timeouts.inc(labels),
      skippedStale: (kind) => stale.inc({ controller, kind }),
    };
  };
}

function queueMetrics(registry: Registry): (name: string) => QueueObservers {
  const registers = [registry];
  const labelNames = ['name', 'controller'] as const;
  const unfinishedReaders = new Map<string, () => readonly number[]>();
  const counter = (name: string, help: string): Counter<'name' | 'controller'> =>
    new Counter({ name: `workqueue_${name}`, help, labelNames, registers });
  const histogram = (name: string, help: string): Histogram<'name' | 'controller'> =>
    new Histogram({ name: `workqueue_${name}`, help, labelNames, buckets: QUEUE_BUCKETS, registers });
  const reading = (name: string, help: string, fold: (times: readonly number[]) => number): Gauge =>
    new Gauge({
      name: `workqueue_${name}`,
      help,
      labelNames,
      registers,
      collect() {
        for (const [controller, read] of unfinishedReaders) {
          this.set({ name: controller, controller }, fold(read()) / 1000);
        }
      },
    });

  const depth = new Gauge({
    name: 'workqueue_depth',
    help: 'Keys that wait, by priority.',
    labelNames: ['name', 'controller', 'priority'],
    registers,
  });
  const adds = counter('adds_total', 'Keys added.');
  const retries = counter('retries_total', 'Keys added again after a failure.');
  const waited = histogram('queue_duration_seconds', 'How long keys waited.');
  const worked = histogram('work_duration_seconds', 'How long keys were worked on.');
  reading('unfinished_work_seconds', 'Work at hand: the sum of its age.', (times) =>
    times.reduce((sum, time) => sum + time, 0),
  );
  reading('longest_running_processor_seconds', 'Work at hand: the age of the oldest.', (times) =>
    Math.max(0, ...times),
  );
  return (controller) => {
    const labels = { name: controller, controller };
    for (const metric of [adds, retries]) metric.inc(labels, 0);
    for (const priority of [PRIORITY_NORMAL, PRIORITY_INITIAL_LIST]) depth.set({ ...labels, priority }, 0);
    return {
      queue: {
        added: () => adds.inc(labels),
        retried: () => retries.inc(labels),
        depthChanged: (priority, change) => depth.inc({ ...labels, priority }, change),
        started: (waitedMs) => waited.observe(labels, waitedMs / 1000),
        finished: (workedMs) => worked.observe(labels, workedMs / 1000),
      },
      unfinished: (read) => void unfinishedReaders.set(controller, read),
    };
  };
}

function reflectorMetrics(registry: Registry): (kind: string) => ReflectorObserver {
  const counter = (name: string, help: string): Counter<'kind'> =>
    new Counter({ name: `reflector_${name}`, help, labelNames: ['kind'], registers: [registry] });
  const lists = counter('lists_total', 'Complete lists begun.');
  const watches = counter('watches_total', 'Watches begun.');
  const gone = counter('relists_gone_total', 'Lists made because the resource version was too old.');
  return (kind) => {
    for (const metric of [lists, watches, gone]) metric.inc({ kind }, 0);
    return {
      listStarted: () => lists.inc({ kind }),
      watchStarted: () => watches.inc({ kind }),
      gone: () => gone.inc({ kind }),
    };
  };
}

function informerMetrics(registry: Registry, read: () => readonly InformerState[]): void {
  const reading = (name: string, help: string, value: (state: InformerState) => number): Gauge =>
    new Gauge({
      name,
      help,
      labelNames: ['kind'],
      registers: [registry],
      collect() {
        for (const state of read()) this.set({ kind: state.kind }, value(state));
      },
    });
  reading('cache_objects', 'Objects in the cache.', (state) => state.objects);
  reading(
    'reflector_progress_age_seconds',
    'Since the last event, bookmark or list.',
    (state) => state.progressAgeMs / 1000,
  );
}
