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
  readonly broken: readonly BrokenPolicy[];
}

const NO_VERDICTS: Verdicts = new Map();
const NOTHING_BROKEN: readonly BrokenPolicy[] = [];

/** @see module header. */
export class VerdictStore {
  readonly #sources: VerdictSources;
  readonly #onFigures: (tally: PolicyTally) => void;
  readonly #tallies = new Map<string, PolicyTally>();
  readonly #judged = new Map<string, Judged>();

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

  /** Judges the server of that name as it is stored now, by every policy whose verdict does not stand. */
  judge(key: ObjectKey): Judgement {
    const server = this.#sources.servers.get(key);
    if (server === undefined) return { broken: NOTHING_BROKEN, isNew: false };
    const uid = uidOf(server);
    const before = this.#judged.get(uid);
    const after = this.#judgeBy(this.tallies(), server, before);
    if (after === before) return { broken: before?.broken ?? NOTHING_BROKEN, isNew: false };
    if (after === undefined) this.#judged.delete(uid);
    else this.#judged.set(uid, after);
    this.#count(before?.verdicts ?? NO_VERDICTS, after?.verdicts ?? NO_VERDICTS);
    const broken = after?.broken ?? NOTHING_BROKEN;
    return { broken, isNew: !isSame(before?.broken ?? NOTHING_BROKEN, broken) };
  }

  /** The server of that uid is gone. */
  forget(uid: string): void {
    this.#count(this.#judged.get(uid)?.verdicts ?? NO_VERDICTS, NO_VERDICTS);
    this.#judged.delete(uid);
  }

  /** @returns `before` itself when every verdict stands, nothing when there are no policies. */
  #judgeBy(
    tallies: readonly PolicyTally[],
    server: MCPServer,
    before: Judged | undefined,
  ): Judged | undefined {
    if (tallies.length === 0) return undefined;
    const namespace = this.#namespaceOf(server);
    const version = versionOf(server, namespace);
    const standing = before?.version === version ? before.verdicts : NO_VERDICTS;
    if (standing.size === tallies.length && tallies.every((tally) => standing.has(tally))) return before;
    const subject: Subject = subjectOf(server, namespace, this.#sources.rendering);
    const verdicts = new Map(
      tallies.map((tally) => [tally, standing.get(tally) ?? this.#ask(tally, subject)]),
    );
    return { version, verdicts, broken: brokenOf(verdicts) };
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

function brokenOf(verdicts: Verdicts): readonly BrokenPolicy[] {
  const broken = [...verdicts].flatMap(([{ policy }, verdict]) =>
    verdict.kind === 'violated' ? [{ policy: policy.metadata.name, rules: verdict.rules }] : [],
  );
  if (broken.length === 0) return NOTHING_BROKEN;
  return broken.toSorted((one, other) => (one.policy < other.policy ? -1 : 1));
}

function isSame(one: readonly BrokenPolicy[], other: readonly BrokenPolicy[]): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}
