/**
 * Whether somebody holds a verb on policies, asked of the API server's own authorizers: rights that were taken away since a decision was made no
 * longer count. Answers are remembered for a short time, because a thousand requests are often decided by the same few persons.
 */
import { approvalPolicyResource, type ApprovalDecision, type DecisionVerb } from '../../api/index.ts';
import { digest } from '../../core/canonical-json.ts';
import type { Clock } from '../../core/clock.ts';
import { errorMessage } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type { KubernetesClient } from '../../operator/runtime/index.ts';
import { SUBJECT_ACCESS_REVIEW } from './kinds.ts';

/** Who decided, as admission stamped it. */
export type DecidedBy = NonNullable<ApprovalDecision['spec']['decidedBy']>;

/** What is asked. */
export interface AuthorityQuestion {
  readonly who: DecidedBy;
  readonly verb: DecisionVerb;
  /** Of the request. */
  readonly namespace: string;
  /** Names of ApprovalPolicies: the verb must be held on each. */
  readonly policies: readonly string[];
}

/** Answers {@link AuthorityQuestion}s. */
export interface Authority {
  /** @returns whether the verb is held; undefined when that could not be asked. Rejects with the reason of `signal` alone. */
  holds(question: AuthorityQuestion, signal: AbortSignal): Promise<boolean | undefined>;
}

export interface AuthorityOptions {
  readonly client: Pick<KubernetesClient, 'create'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Milliseconds that an answer is remembered; 0 asks each time, as the executor does. */
  readonly rememberMs: number;
}

const MOST_REMEMBERED = 10_000;
const FIELD_MANAGER = 'mcp-operator/decisions';

/** @see module header */
export function createAuthority(options: AuthorityOptions): Authority {
  return new ReviewedAuthority(options);
}

interface Answer {
  readonly isAllowed: boolean;
  readonly untilMs: number;
}

class ReviewedAuthority implements Authority {
  readonly #options: AuthorityOptions;
  readonly #answers = new Map<string, Answer>();

  constructor(options: AuthorityOptions) {
    this.#options = options;
  }

  async holds(question: AuthorityQuestion, signal: AbortSignal): Promise<boolean | undefined> {
    if (question.policies.length === 0) return false;
    try {
      for (const policy of question.policies)
        if (!(await this.#isAllowed(question, policy, signal))) return false;
      return true;
    } catch (error) {
      signal.throwIfAborted();
      this.#options.logger.warn('authority could not be asked', { error: errorMessage(error) });
      return undefined;
    }
  }

  async #isAllowed(question: AuthorityQuestion, policy: string, signal: AbortSignal): Promise<boolean> {
    const { clock, rememberMs } = this.#options;
    const spec = specOf(question, policy);
    const key = digest(spec);
    const known = this.#answers.get(key);
    if (known !== undefined && clock.monotonicMs() < known.untilMs) return known.isAllowed;
    const isAllowed = await this.#ask(spec, signal);
    if (rememberMs > 0) this.#remember(key, { isAllowed, untilMs: clock.monotonicMs() + rememberMs });
    return isAllowed;
  }

  async #ask(spec: object, signal: AbortSignal): Promise<boolean> {
    const { group, version, kind } = SUBJECT_ACCESS_REVIEW;
    const review = { apiVersion: `${group}/${version}`, kind, metadata: { name: '' }, spec };
    const options = { fieldManager: FIELD_MANAGER };
    const { status } = await this.#options.client.create(SUBJECT_ACCESS_REVIEW, review, options, signal);
    return status?.allowed === true;
  }

  /** Forgetting all costs a question each. */
  #remember(key: string, answer: Answer): void {
    if (this.#answers.size >= MOST_REMEMBERED) this.#answers.clear();
    this.#answers.set(key, answer);
  }
}

function specOf({ who, verb, namespace }: AuthorityQuestion, name: string) {
  const { username, uid, groups = [], extra = {} } = who;
  const { group, plural: resource } = approvalPolicyResource;
  return {
    user: username,
    ...(uid !== undefined && uid !== '' && { uid }),
    groups,
    extra,
    resourceAttributes: { group, resource, verb, name, namespace },
  };
}
