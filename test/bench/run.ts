/** One run: a fresh control plane, the phases in their order, and everything stopped again. */
import { rm } from 'node:fs/promises';
import { systemClock } from '../../core/clock.ts';
import type { Reporter } from '../../hack/cluster/index.ts';
import { connectPlainly } from '../harness/plain-client.ts';
import { startScriptedServer } from '../harness/mcp/scripted.ts';
import { applyResourceDefinitions } from '../harness/resource-definitions.ts';
import { NAMESPACE, type Bench, type Phase } from './bench.ts';
import { ObjectView } from './load/object-view.ts';
import { createNamespace, deploymentsPath, IN_FLIGHT, serverNames, serversPath } from './load/servers.ts';
import { admission } from './phases/admission.ts';
import { approval } from './phases/approval.ts';
import { burst } from './phases/burst.ts';
import { compliance } from './phases/compliance.ts';
import { deletedChildren, edits } from './phases/edits.ts';
import { failover } from './phases/failover.ts';
import { floor } from './phases/floor.ts';
import { history } from './phases/history.ts';
import { idle } from './phases/idle.ts';
import { ready } from './phases/ready.ts';
import { restart } from './phases/restart.ts';
import { settled } from './phases/settled.ts';
import { start } from './phases/start.ts';
import { startupEdits } from './phases/startup-edits.ts';
import { textQualityPhase } from './phases/text-quality.ts';
import type { Measurements } from './report/catalogue.ts';
import { startRigControlPlane, type RigControlPlane } from './rig/control-plane.ts';
import { INSTALLED_USERS } from './rig/installation.ts';
import { BenchOperator, OPERATOR_USER } from './rig/operator.ts';
import type { BenchSettings } from './settings.ts';

/** What a run needs from outside. */
export interface RunOptions {
  readonly settings: BenchSettings;
  /** Emptied at the end. */
  readonly directory: string;
  /** For the start of the control plane. */
  readonly reporter: Reporter;
  /** Lines for whoever waits. */
  readonly report: (text: string) => void;
  /** Path of the operator's bundle. */
  readonly bundle: string;
}

/** A phase failed, and the run ended with it. */
export class PhaseError extends Error {
  override readonly name = 'PhaseError';
  /** What the phases before it measured. */
  readonly measurements: Measurements;

  constructor(phase: string, measurements: Measurements, cause: unknown) {
    super(`phase ${phase} failed`, { cause });
    this.measurements = measurements;
  }
}

/** Runs the phases that the settings name and returns their figures. @throws PhaseError when one fails. */
export async function measure(options: RunOptions): Promise<Measurements> {
  const { directory, reporter } = options;
  const controlPlane = await startRigControlPlane(directory, [OPERATOR_USER, ...INSTALLED_USERS], reporter);
  try {
    await applyResourceDefinitions(controlPlane.kubeconfigPath);
    return await measureOn(controlPlane, options);
  } finally {
    await controlPlane.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

async function measureOn(controlPlane: RigControlPlane, options: RunOptions): Promise<Measurements> {
  const { settings, report, bundle } = options;
  const measurements: Measurements = {};
  const abort = new AbortController();
  const load = await connectPlainly(await controlPlane.kubeconfigFor('bench-load'), IN_FLIGHT);
  const endpoint = await startScriptedServer({ eras: ['modern'] });
  const operator = new BenchOperator({
    probePort: endpoint.port,
    kubeconfigPath: await controlPlane.kubeconfigFor(OPERATOR_USER),
    apiPort: controlPlane.port,
    bundle,
  });
  try {
    await createNamespace(load, NAMESPACE);
    const bench: Bench = {
      settings,
      names: serverNames(settings.servers),
      controlPlane,
      load,
      operator,
      servers: await ObjectView.open(load, serversPath(NAMESPACE), abort.signal),
      deployments: await ObjectView.open(load, deploymentsPath(NAMESPACE), abort.signal),
      signal: abort.signal,
      record: (key, value) => (measurements[key] = value),
      report,
    };
    for (const phase of phases(measurements, settings)) await runPhase(phase, bench, measurements);
    return measurements;
  } finally {
    abort.abort();
    await operator.stop();
    await load.close();
    await endpoint[Symbol.asyncDispose]();
  }
}

function phases(measured: Measurements, settings: BenchSettings): readonly Phase[] {
  const all = [
    start,
    burst,
    idle('idle-pending', 'idlePendingWrites', 'idlePendingCpuSeconds'),
    ready,
    idle('idle-ready', 'idleReadyWrites', 'idleReadyCpuSeconds'),
    edits,
    deletedChildren,
    settled,
    restart,
    startupEdits,
    failover,
    floor((key) => measured[key]),
    admission,
    textQualityPhase,
  ];
  if (settings.phases.length === 0) return all;
  const named = (phase: Phase): boolean => settings.phases.includes(phase.name);
  // What is long, and what knows no operator or has one of its own: filling a store with 5 million findings takes minutes and is the same whatever N, so it is done when it is asked for.
  const alone = [history, approval, textQualityPhase].filter(named);
  if (alone.length === settings.phases.length) return alone;
  // Without these two nothing else can be measured.
  return [
    ...all.filter((phase) => phase === start || phase === burst || named(phase)),
    ...[compliance].filter(named),
    ...alone.filter((phase) => phase !== textQualityPhase),
  ];
}

async function runPhase(phase: Phase, bench: Bench, measured: Measurements): Promise<void> {
  bench.report(`  ${phase.name}`);
  const startedAtMs = systemClock.monotonicMs();
  try {
    await phase.run(bench);
    bench.report(`    ${((systemClock.monotonicMs() - startedAtMs) / 1000).toFixed(1)} s`);
  } catch (cause) {
    throw new PhaseError(phase.name, measured, cause);
  }
}
