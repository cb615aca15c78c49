/**
 * What one policy at one generation says of every server, summed up. Verdicts are counted in and out one by one, so that a change of
 * one server never costs a look at the others.
 */
import type { FieldError, MCPSecurityPolicy } from '../../api/index.ts';
import type { Subject } from '../../checks/index.ts';
import { errorMessage } from '../../core/errors.ts';
import type { BrokenPolicy } from '../mcpserver/index.ts';
import type { PolicyEngine } from './engine.ts';

/** What a policy says of a server. */
export type Verdict =
  | { readonly kind: 'unselected' }
  | { readonly kind: 'satisfied' }
  | ({ readonly kind: 'violated' } & BrokenPolicy);

/** There are as many verdicts as policies times servers, and few of them differ: equal ones are one object. */
const UNSELECTED: Verdict = { kind: 'unselected' };
const SATISFIED: Verdict = { kind: 'satisfied' };

/** The sums. */
export interface Figures {
  readonly matchedServers: number;
  readonly violatingServers: number;
  /** Servers that break it, by rule. Rules that no server breaks any more stay, with 0. */
  readonly serversByRule: ReadonlyMap<string, number>;
}

/** @see module header. */
export class PolicyTally {
  readonly policy: MCPSecurityPolicy;
  readonly #engine: PolicyEngine;
  #problems: readonly FieldError[];
  #matched = 0;
  #violating = 0;
  readonly #serversByRule = new Map<string, number>();
  readonly #violated = new Map<string, Verdict>();

  constructor(policy: MCPSecurityPolicy, engine: PolicyEngine) {
    this.policy = policy;
    this.#engine = engine;
    this.#problems = engine.policyProblems(policy.spec);
  }

  /** Why the policy cannot be evaluated. Then it judges nobody, and its figures say nothing. */
  get problems(): readonly FieldError[] {
    return this.#problems;
  }

  /** Never throws: a rule that fails is a problem of the policy, and no reason to leave servers alone. */
  judge(subject: Subject): Verdict {
    if (this.#problems.length > 0) return UNSELECTED;
    try {
      if (!this.#engine.policySelects(this.policy, subject)) return UNSELECTED;
      const rules = this.#engine.evaluatePolicy(this.policy, subject).map(({ rule }) => rule);
      return rules.length === 0 ? SATISFIED : this.#violatedBy([...new Set(rules)].toSorted());
    } catch (error) {
      this.#problems = [{ path: 'spec', message: `cannot be evaluated: ${errorMessage(error)}` }];
      return UNSELECTED;
    }
  }

  #violatedBy(rules: readonly string[]): Verdict {
    const id = rules.join();
    const known = this.#violated.get(id);
    if (known !== undefined) return known;
    const verdict: Verdict = { kind: 'violated', policy: this.policy.metadata.name, rules };
    this.#violated.set(id, verdict);
    return verdict;
  }

  /** Counts a verdict in (1) or out again (-1). */
  count(verdict: Verdict, change: 1 | -1): void {
    if (verdict.kind === 'unselected') return;
    this.#matched += change;
    if (verdict.kind === 'satisfied') return;
    this.#violating += change;
    for (const rule of verdict.rules)
      this.#serversByRule.set(rule, (this.#serversByRule.get(rule) ?? 0) + change);
  }

  figures(): Figures {
    return {
      matchedServers: this.#matched,
      violatingServers: this.#violating,
      serversByRule: new Map(this.#serversByRule),
    };
  }
}
