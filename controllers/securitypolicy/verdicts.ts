/**
 * What every policy says of every server, kept so that only what changed is judged again: a verdict stands as long as the policy is of
 * the same generation, and the server of the same generation, labels and namespace labels. Everything comes from the caches.
 */
import type { MCPSecurityPolicy, MCPServer } from '../../api/index.ts';
import { subjectOf, type NamespaceFacts, type Subject } from '../../checks/index.ts';
import type { KubernetesObject, ObjectKey, Store } from '../../operator/runtime/index.ts';
import type { RenderSettings } from '../../render/index.ts';
import type { BrokenPolicy } from '../mcpserver/index.ts';
import type { PolicyEngine } from './engine.ts';
import { PolicyTally, type Verdict } from './tally.ts';

/** Where to look, and how to judge. */
export interface VerdictSources {
  readonly policies: Pick<Store<MCPSecurityPolicy>, 'list'>;
  readonly servers: Pick<Store<MCPServer>, 'get'>;
  readonly namespaces: Pick<Store<KubernetesObject>, 'get'>;
  readonly engine: PolicyEngine;
  readonly rendering: RenderSettings;
}

/** What judging one server gave. */
export interface Judgement {
  /** Sorted by policy. */
  readonly broken: readonly BrokenPolicy[];
  /** Whether that differs from the last judgement; the first of a server that breaks nothing does not. */
  readonly isNew: boolean;
}

type Verdicts = ReadonlyMap<PolicyTally, Verdict>;

interface Judged {
  /** Of what the verdicts rest on besides the policies. */
  readonly version: string;
  readonly verdicts: Verdicts;
}

/** A judgement that ran out of time. Nobody hears of it, and no figure moves, before it is whole. */
interface Underway {
  readonly version: string;
  readonly subject: Subject;
  readonly verdicts: Map<PolicyTally, Verdict>;
}

const NO_VERDICTS: Verdicts = new Map();
const NOTHING_BROKEN: readonly BrokenPolicy[] = [];

/** @see module header. */
export class VerdictStore {
  readonly #sources: VerdictSources;
  readonly #onFigures: (tally: PolicyTally) => void;
  readonly #tallies = new Map<string, PolicyTally>();
  readonly #judged = new Map<string, Judged>();
  readonly #underway = new Map<string, Underway>();

  /** @param onFigures told of each policy whose figures or problems changed. */
  constructor(sources: VerdictSources, onFigures: (tally: PolicyTally) => void) {
    this.#sources = sources;
    this.#onFigures = onFigures;
  }

  /** Whether there is nothing to judge by, and nothing to take back. */
  isIdle(): boolean {
    return this.#judged.size === 0 && this.tallies().length === 0;
  }

  /** One for each policy there is, at its present generation. */
  tallies(): readonly PolicyTally[] {
    const tallies = this.#sources.policies.list().map((policy) => this.tallyOf(policy));
    if (this.#tallies.size > tallies.length) this.#forgetAllBut(tallies);
    return tallies;
  }

  /** The policy's tally, begun anew when there is none of its generation. */
  tallyOf(policy: MCPSecurityPolicy): PolicyTally {
    const known = this.#tallies.get(uidOf(policy));
    if (known !== undefined && known.policy.metadata.generation === policy.metadata.generation) return known;
    return this.renew(policy);
  }

  /** Forgets what the policy said of anybody: every server will be judged by it again. */
  renew(policy: MCPSecurityPolicy): PolicyTally {
    const tally = new PolicyTally(policy, this.#sources.engine);
    this.#tallies.set(uidOf(policy), tally);
    return tally;
  }

  /**
   * Judges the server of that name as it is stored now, by every policy whose verdict does not stand.
   * @param hasTime asked after each verdict.
   * @returns nothing when the time was too short: call again, and it goes on from there.
   */
  judge(key: ObjectKey, hasTime: () => boolean = () => true): Judgement | undefined {
    const server = this.#sources.servers.get(key);
    if (server === undefined) return { broken: NOTHING_BROKEN, isNew: false };
    const uid = uidOf(server);
    const tallies = this.tallies();
    if (tallies.length === 0) return { broken: NOTHING_BROKEN, isNew: brokenOf(this.#take(uid)).length > 0 };
    const before = this.#judged.get(uid);
    const after = this.#judgeBy(tallies, server, hasTime);
    if (after === undefined) return undefined;
    const broken = brokenOf(after.verdicts);
    if (after === before) return { broken, isNew: false };
    this.#judged.set(uid, after);
    const previous = before?.verdicts ?? NO_VERDICTS;
    this.#count(previous, after.verdicts);
    return { broken, isNew: !isSame(brokenOf(previous), broken) };
  }

  /** The server of that uid is gone. */
  forget(uid: string): void {
    this.#count(this.#take(uid), NO_VERDICTS);
  }

  #take(uid: string): Verdicts {
    const verdicts = this.#judged.get(uid)?.verdicts ?? NO_VERDICTS;
    this.#judged.delete(uid);
    this.#underway.delete(uid);
    return verdicts;
  }

  /** @returns what is known already when every verdict stands, nothing when there was not enough time. */
  #judgeBy(tallies: readonly PolicyTally[], server: MCPServer, hasTime: () => boolean): Judged | undefined {
    const uid = uidOf(server);
    const before = this.#judged.get(uid);
    const namespace = this.#namespaceOf(server);
    const version = versionOf(server, namespace);
    const standing = before?.version === version ? before.verdicts : NO_VERDICTS;
    if (before !== undefined && areOf(tallies, standing)) return before;
    const work = this.#workOn(uid, version, () => subjectOf(server, namespace, this.#sources.rendering));
    for (const [tally, verdict] of standing) work.verdicts.set(tally, verdict);
    if (!this.#finish(work, tallies, hasTime)) return undefined;
    this.#underway.delete(uid);
    return { version, verdicts: only(tallies, work.verdicts) };
  }

  /** Goes on with what was begun, unless it is about something that is no more. */
  #workOn(uid: string, version: string, subject: () => Subject): Underway {
    const begun = this.#underway.get(uid);
    if (begun?.version === version) return begun;
    const work = { version, subject: subject(), verdicts: new Map<PolicyTally, Verdict>() };
    this.#underway.set(uid, work);
    return work;
  }

  /** @returns whether the time was enough; that for one verdict always is. */
  #finish({ subject, verdicts }: Underway, tallies: readonly PolicyTally[], hasTime: () => boolean): boolean {
    const missing = tallies.filter((tally) => !verdicts.has(tally));
    for (const [index, tally] of missing.entries()) {
      if (index > 0 && !hasTime()) return false;
      verdicts.set(tally, this.#ask(tally, subject));
    }
    return true;
  }

  #ask(tally: PolicyTally, subject: Subject): Verdict {
    const wasSound = tally.problems.length === 0;
    const verdict = tally.judge(subject);
    if (wasSound && tally.problems.length > 0) this.#onFigures(tally);
    return verdict;
  }

  /** Puts `after` in the place of `before` in the sums. Those of an earlier generation stay as they were at its end. */
  #count(before: Verdicts, after: Verdicts): void {
    for (const [tally, verdict] of after) {
      const previous = before.get(tally);
      if (previous === verdict) continue;
      if (previous !== undefined) tally.count(previous, -1);
      tally.count(verdict, 1);
      this.#onFigures(tally);
    }
    for (const [tally, verdict] of before) {
      if (after.has(tally) || this.#tallies.get(uidOf(tally.policy)) !== tally) continue;
      tally.count(verdict, -1);
      this.#onFigures(tally);
    }
  }

  #forgetAllBut(kept: readonly PolicyTally[]): void {
    const uids = new Set(kept.map(({ policy }) => uidOf(policy)));
    for (const uid of this.#tallies.keys()) if (!uids.has(uid)) this.#tallies.delete(uid);
  }

  /** A server may be seen before its namespace is: then only the label that every API server sets is known. */
  #namespaceOf({ metadata: { namespace: name } }: MCPServer): NamespaceFacts {
    const labels = this.#sources.namespaces.get({ namespace: '', name })?.metadata.labels;
    return { name, labels: labels ?? { 'kubernetes.io/metadata.name': name } };
  }
}

function uidOf({ metadata }: Pick<KubernetesObject, 'metadata'>): string {
  return metadata.uid ?? metadata.name;
}

/** The API server writes labels in one order, so equal ones have equal texts. */
function versionOf({ metadata }: MCPServer, namespace: NamespaceFacts): string {
  return JSON.stringify([metadata.generation, metadata.labels, namespace.labels]);
}

/** Whether there is a verdict of each of these, and of no others. */
function areOf(tallies: readonly PolicyTally[], verdicts: Verdicts): boolean {
  return verdicts.size === tallies.length && tallies.every((tally) => verdicts.has(tally));
}

/** Without those of policies that changed or went while the judgement was underway. */
function only(tallies: readonly PolicyTally[], verdicts: Verdicts): Verdicts {
  return new Map(
    tallies.flatMap((tally) => {
      const verdict = verdicts.get(tally);
      return verdict === undefined ? [] : [[tally, verdict] as const];
    }),
  );
}

function brokenOf(verdicts: Verdicts): readonly BrokenPolicy[] {
  const broken: BrokenPolicy[] = [];
  for (const verdict of verdicts.values())
    if (verdict.kind === 'violated') broken.push({ policy: verdict.policy, rules: verdict.rules });
  return broken.toSorted((one, other) => (one.policy < other.policy ? -1 : 1));
}

function isSame(one: readonly BrokenPolicy[], other: readonly BrokenPolicy[]): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
