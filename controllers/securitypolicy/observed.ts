/** Everything that a conclusion about a policy may rest on. */
import type { FieldError, MCPSecurityPolicy } from '../../api/index.ts';
import type { Locks } from './locks.ts';
import type { Figures } from './tally.ts';

/** How old the evaluation of a policy may become before everything is evaluated anew, as an audit of our own bookkeeping. */
export const AUDIT_PERIOD_MS = 10 * 60 * 60 * 1_000;

/** What is known of a policy at its present generation. */
export type Evaluation =
  /** Not every server has been judged yet. */
  | { readonly kind: 'pending' }
  /** A field of it has no meaning, so that it judges nobody. */
  | { readonly kind: 'impossible'; readonly problems: readonly FieldError[] }
  | ({
      readonly kind: 'complete';
      /** In how many milliseconds everything is to be evaluated anew. */
      readonly dueInMs: number;
      /** When an audit confirmed the figures. Wall time in milliseconds; absent until there was one in this process. */
      readonly auditedAtMs: number | undefined;
    } & Figures);

export interface Observed {
  readonly policy: MCPSecurityPolicy;
  readonly evaluation: Exclude<Evaluation, { readonly kind: 'pending' }>;
  readonly locks: Locks;
  /** Wall time in milliseconds. */
  readonly nowMs: number;
}
