/**
 * Keeps the verdicts right while the cluster changes, and tells who has to know: a changed server is judged by every policy, a changed
 * policy judges every server, a relabelled namespace has its servers judged. What did not change costs nothing.
 */
import type { MCPSecurityPolicy, MCPServer } from '../../api/index.ts';
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/logger.ts';
import type { Random } from '../../core/random.ts';
import {
  keyOf,
  NAMESPACE_INDEX,
  PRIORITY_INITIAL_LIST,
  type Change,
  type Informer,
  type KubernetesObject,
  type ObjectKey,
  type Watch,
} from '../../operator/runtime/index.ts';
import type { RenderSettings } from '../../render/index.ts';
import type { BrokenPolicy, PolicyVerdicts } from '../mcpserver/index.ts';
import type { PolicyEngine } from './engine.ts';
import { AUDIT_PERIOD_MS, type Evaluation } from './observed.ts';
import { Sweep } from './sweep.ts';
import type { Figures, PolicyTally } from './tally.ts';
import { TimeSlices } from './time-slices.ts';
import { VerdictStore, type Judgement } from './verdicts.ts';

/** Of the period: policies that were created together shall not be audited together. */
const AUDIT_JITTER = 0.1;

export interface EvaluationsOptions {
  readonly policies: Informer<MCPSecurityPolicy>;
  readonly servers: Informer<MCPServer>;
  readonly namespaces: Informer<KubernetesObject>;
  readonly engine: PolicyEngine;
  readonly rendering: RenderSettings;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** An evaluation of every server by one policy that came to its end. Its tally is kept up to date from then on. */
interface Completed {
  readonly tally: PolicyTally;
  readonly dueMs: number;
  /** Wall time in milliseconds, of an audit; absent for an evaluation that had another reason. */
  readonly auditedAtMs: number | undefined;
}

/** @see module header. */
export class Evaluations implements PolicyVerdicts {
  readonly #options: EvaluationsOptions;
  readonly #verdicts: VerdictStore;
  readonly #slices: TimeSlices;
  readonly #sweep: Sweep;
  /** By name of the policy. */
  readonly #completed = new Map<string, Completed>();
  readonly #audited = new WeakSet<PolicyTally>();
  /** What the running sweep will have completed. A policy that changes on the way makes it begin anew. */
  #underway: readonly PolicyTally[] = [];
  #tellPolicy: (name: string) => void = () => undefined;
  #tellServer: (key: ObjectKey) => void = () => undefined;

  constructor(options: EvaluationsOptions) {
    const { policies, servers, namespaces, clock } = options;
    this.#options = options;
    const stores = { policies: policies.store, servers: servers.store, namespaces: namespaces.store };
    this.#verdicts = new VerdictStore({ ...options, ...stores }, (tally) => this.#changed(tally));
    this.#slices = new TimeSlices(clock);
    this.#sweep = new Sweep({
      ...options,
      slices: this.#slices,
      judge: (key) => this.#judge(key),
      everything: () => this.#begin(),
      onEnd: () => this.#end(),
    });
  }

  /** Follows the cluster, and names the policies whose evaluation came to an end or whose figures changed. */
  policyWatch(): Watch {
    const { policies, servers, namespaces } = this.#options;
    return {
      hasSynced: () => this.#hasSynced(),
      start: (enqueue) => {
        this.#tellPolicy = (name) => enqueue({ namespace: '', name }, 0);
        const stops = [
          namespaces.addHandler((change) => this.#onNamespace(change)),
          servers.addHandler((change) => this.#onServer(change)),
          policies.addHandler((change) => this.#onPolicy(change)),
        ];
        return () => {
          for (const stop of stops) stop();
          this.#sweep.stop();
          this.#tellPolicy = () => undefined;
        };
      },
    };
  }

  watch(): Watch {
    return {
      hasSynced: () => this.#hasSynced(),
      start: (enqueue) => {
        // One policy may concern every server there is: whoever edits one of them does not wait for that.
        this.#tellServer = (key) => enqueue(key, PRIORITY_INITIAL_LIST);
        return () => {
          this.#tellServer = () => undefined;
        };
      },
    };
  }

  async violationsOf(server: MCPServer, signal: AbortSignal): Promise<readonly BrokenPolicy[]> {
    if (this.#verdicts.isIdle()) return [];
    for (;;) {
      const judgement = await this.#slices.run(() => this.#judgement(keyOf(server)));
      if (judgement !== undefined) return judgement.broken;
      signal.throwIfAborted();
    }
  }

  /** What is known of the policy at its present generation. One that is out of date is evaluated anew, and pending until then. */
  evaluationOf(policy: MCPSecurityPolicy): Evaluation {
    const tally = this.#verdicts.tallyOf(policy);
    if (tally.problems.length > 0) return { kind: 'impossible', problems: tally.problems };
    const completed = this.#completed.get(policy.metadata.name);
    if (completed?.tally !== tally) return { kind: 'pending' };
    const dueInMs = completed.dueMs - this.#options.clock.monotonicMs();
    if (dueInMs > 0)
      return { kind: 'complete', ...tally.figures(), dueInMs, auditedAtMs: completed.auditedAtMs };
    this.#audited.add(this.#verdicts.renew(policy));
    this.#sweep.addEverything();
    return { kind: 'pending' };
  }

  /** The figures of every policy, for metrics: while a policy is evaluated anew, those of before. */
  figures(): ReadonlyMap<string, Figures> {
    const known = this.#verdicts.tallies().flatMap(({ policy: { metadata }, problems }) => {
      const completed = this.#completed.get(metadata.name);
      return problems.length > 0 || completed === undefined
        ? []
        : [[metadata.name, completed.tally.figures()] as const];
    });
    return new Map(known);
  }

  #hasSynced(): boolean {
    const { policies, servers, namespaces } = this.#options;
    return policies.hasSynced() && servers.hasSynced() && namespaces.hasSynced();
  }

  #onPolicy(change: Change<MCPSecurityPolicy>): void {
    const { metadata } = change.object;
    if (change.kind === 'update' && change.previous.metadata.generation === metadata.generation) return;
    if (change.kind === 'delete') this.#completed.delete(metadata.name);
    this.#sweep.addEverything();
  }

  #onServer(change: Change<MCPServer>): void {
    if (change.kind === 'delete') return this.#verdicts.forget(change.object.metadata.uid ?? '');
    if (this.#verdicts.isIdle() || !concerns(change)) return;
    this.#sweep.add(keyOf(change.object));
  }

  #onNamespace(change: Change<KubernetesObject>): void {
    if (change.kind === 'update' && !isRelabelled(change)) return;
    if (this.#verdicts.isIdle()) return;
    const inside = this.#options.servers.store.byIndex(NAMESPACE_INDEX, change.object.metadata.name);
    for (const server of inside) this.#sweep.add(keyOf(server));
  }

  #judge(key: ObjectKey): boolean {
    const judgement = this.#judgement(key);
    if (judgement?.isNew) this.#tellServer(key);
    return judgement !== undefined;
  }

  #judgement(key: ObjectKey): Judgement | undefined {
    return this.#verdicts.judge(key, () => this.#slices.hasTime());
  }

  #begin(): readonly ObjectKey[] {
    this.#underway = this.#verdicts.tallies();
    return this.#options.servers.store.list().map(keyOf);
  }

  #end(): void {
    const underway = this.#underway;
    this.#underway = [];
    for (const tally of underway) this.#complete(tally);
  }

  #complete(tally: PolicyTally): void {
    const { clock, random } = this.#options;
    const { name } = tally.policy.metadata;
    if (this.#completed.get(name)?.tally === tally) return;
    const periodMs = AUDIT_PERIOD_MS * (1 + AUDIT_JITTER * random());
    this.#completed.set(name, {
      tally,
      dueMs: clock.monotonicMs() + periodMs,
      auditedAtMs: this.#audited.has(tally) ? clock.now().getTime() : undefined,
    });
    this.#tellPolicy(name);
  }

  /** Until the evaluation is complete, what changes is of no use to anybody. */
  #changed(tally: PolicyTally): void {
    const { name } = tally.policy.metadata;
    if (tally.problems.length > 0 || this.#completed.get(name)?.tally === tally) this.#tellPolicy(name);
  }
}

/** Whether it can change a verdict. */
function concerns(change: Change<MCPServer>): boolean {
  if (change.kind !== 'update') return true;
  const { object, previous } = change;
  return object.metadata.generation !== previous.metadata.generation || isRelabelled(change);
}

function isRelabelled({ object, previous }: Extract<Change<KubernetesObject>, { kind: 'update' }>): boolean {
  return JSON.stringify(object.metadata.labels) !== JSON.stringify(previous.metadata.labels);
}
