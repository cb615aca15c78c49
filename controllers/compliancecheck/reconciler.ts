/** One look at one check: what is known of it, its profile and its servers, what that means, and the run that is due. */
import type { CheckStatus, ComplianceProfile } from '../../api/index.ts';
import { digest } from '../../core/canonical-json.ts';
import type { Clock } from '../../core/clock.ts';
import {
  formatKey,
  type EventRecorder,
  type ObjectKey,
  type ObjectWriter,
  type ReconcileContext,
  type Reconciler,
  type ReconcileResult,
  type ResourceType,
  type Store,
} from '../../operator/runtime/index.ts';
import { announcements } from './announcements.ts';
import { changesOfCheck, deletionOf } from './changes.ts';
import { concludeAll } from './conditions.ts';
import type { ApprovedWaiversPort } from './counting-waivers.ts';
import { nextStep, referenceOf } from './decide.ts';
import { ownerOf, uidOf, waiversOf, type AnyCheck } from './kinds.ts';
import type { CheckMemory } from './memory.ts';
import type { ComplianceMetrics } from './metrics.ts';
import type { Observed } from './observed.ts';
import { readProfile, type Catalogue, type RunProfile } from './profile.ts';
import type { Runs } from './runs.ts';
import { loadScheduleParser, type ScheduleParser } from './schedule.ts';
import type { Servers } from './servers.ts';
import { buildStatus } from './status.ts';

/** A wait may be as long as a schedule is; a timer may not. */
const LONGEST_WAIT_MS = 3_600_000;

export interface CheckReconcilerOptions {
  readonly type: ResourceType<AnyCheck>;
  readonly checks: Pick<Store<AnyCheck>, 'get'>;
  readonly profiles: Pick<Store<ComplianceProfile>, 'get'>;
  readonly servers: Servers;
  /** Absent without a store. */
  readonly runs?: Runs;
  readonly catalogue: Catalogue;
  /** Absent where nothing can be approved. */
  readonly approvals?: Pick<ApprovedWaiversPort, 'approvalsOf'>;
  readonly writer: Pick<ObjectWriter, 'applyStatus'>;
  readonly recorder: EventRecorder;
  readonly metrics: Pick<ComplianceMetrics, 'verdict' | 'forget'>;
  readonly clock: Clock;
}

export class CheckReconciler implements Reconciler {
  readonly #options: CheckReconcilerOptions;
  /** The run whose figures the metrics show, by key. */
  readonly #measured = new Map<string, string>();
  #parser: ScheduleParser | undefined;

  constructor(options: CheckReconcilerOptions) {
    this.#options = options;
  }

  async reconcile(key: ObjectKey, { signal, logger }: ReconcileContext): Promise<ReconcileResult> {
    const check = this.#options.checks.get(key);
    if (check === undefined || check.metadata.deletionTimestamp !== undefined) return this.#forget(key);
    const observed = await this.#observe(check);
    const conclusions = concludeAll(observed);
    const { memory } = observed;
    if (memory !== undefined) {
      prune(memory, observed);
      this.#recordChanges(observed, memory);
    }
    const step = nextStep(observed, conclusions.Ready);
    if (step.kind === 'run' && memory !== undefined) {
      this.#options.runs?.start(memory, step.plan);
      logger.info('run due', { trigger: step.plan.trigger, servers: step.plan.servers.length });
    }
    if (await this.#report(observed, buildStatus(observed, conclusions), signal))
      logger.info('status written', { generation: check.metadata.generation });
    if (memory !== undefined) this.#measure(key, memory);
    if (step.kind !== 'wait' || step.inMs === undefined) return { kind: 'done' };
    return { kind: 'requeue', afterMs: Math.min(Math.max(step.inMs, 1), LONGEST_WAIT_MS) };
  }

  #forget(key: ObjectKey): ReconcileResult {
    const { type, runs, metrics, clock } = this.#options;
    runs?.forget(type.kind, key, (owner) => deletionOf(owner, clock.now().toISOString()));
    this.#measured.delete(formatKey(key));
    metrics.forget(key);
    return { kind: 'done' };
  }

  async #observe(check: AnyCheck): Promise<Observed> {
    const { profiles, servers, runs, catalogue, approvals, clock } = this.#options;
    const profile = profiles.get({ namespace: '', name: check.spec.profileRef.name });
    const covered = servers.coveredBy(check);
    const { schedule, timeZone } = check.spec;
    this.#parser ??= await loadScheduleParser();
    const nowMs = clock.monotonicMs();
    return {
      check,
      profile: profile === undefined ? { kind: 'missing' } : readProfile(profile, catalogue),
      ...(schedule !== undefined && { schedule: this.#parser(schedule, timeZone) }),
      servers: covered,
      ...(approvals && { approvals: approvals.approvalsOf(uidOf(check)) }),
      restInMs: ({ server }) => servers.rest.restInMs(server, nowMs),
      ...(runs && { memory: runs.recall(ownerOf(check), () => covered.map(referenceOf)) }),
      nowMs: clock.now().getTime(),
    };
  }

  /** Before the run that goes by it: who reads the ledger finds what was asked before what was found. */
  #recordChanges({ check, profile }: Observed, memory: CheckMemory): void {
    if (!memory.isRestored || memory.isBusy) return;
    const read = profile.kind === 'profile' ? profile.profile : undefined;
    const now = recordedOf(check, read);
    if (isRecorded(memory, now)) return;
    const at = this.#options.clock.now().toISOString();
    const changes = changesOfCheck(check, read, memory.recorded?.waivers, at);
    this.#options.runs?.record(memory, changes, now);
  }

  /** @returns whether the status was written: it is not while it says nothing new. */
  async #report({ check }: Observed, status: CheckStatus, signal: AbortSignal): Promise<boolean> {
    const { writer, type, recorder } = this.#options;
    const written = await writer.applyStatus(type, check, status, signal);
    if (!written) return false;
    for (const event of announcements(check.status, status)) recorder.event(check, event);
    return true;
  }

  /** The figures of a run are many, and change with a run alone. */
  #measure(key: ObjectKey, memory: CheckMemory): void {
    const { last, summaries, isRestored } = memory;
    if (!isRestored || last?.finishedAt === undefined) return;
    if (this.#measured.get(formatKey(key)) === last.id) return;
    this.#measured.set(formatKey(key), last.id);
    const { score, coverage, finishedAt } = last;
    this.#options.metrics.verdict(key, {
      ...(score !== undefined && { score }),
      ...(coverage !== undefined && { coverage }),
      finishedAt,
      findings: [...summaries.values()].flatMap(({ findings }) => findings),
    });
  }
}

/** What is remembered of servers that are no longer covered is worth nothing: when they come back, they are checked again. */
function prune(memory: CheckMemory, { servers }: Observed): void {
  if (!memory.isRestored || memory.isBusy || memory.openRun !== undefined) return;
  const covered = new Set(servers.map(({ server }) => uidOf(server)));
  for (const map of [memory.summaries, memory.subjects, memory.reports])
    for (const uid of map.keys()) if (!covered.has(uid)) map.delete(uid);
  for (const uid of memory.unevaluated) if (!covered.has(uid)) memory.unevaluated.delete(uid);
}

type Recorded = NonNullable<CheckMemory['recorded']>;

function recordedOf(check: AnyCheck, profile: RunProfile | undefined): Recorded {
  const { generation = 0 } = check.metadata;
  return { generation, waivers: digest(waiversOf(check)), profile: profile?.hash ?? '' };
}

/** A profile that is gone is no news: its coming back is. */
function isRecorded({ recorded }: CheckMemory, { generation, profile }: Recorded): boolean {
  return recorded?.generation === generation && (profile === '' || recorded.profile === profile);
}
