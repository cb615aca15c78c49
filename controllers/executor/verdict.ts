/** Whether a change did what it was approved for: the server has settled, and the checks pass on what it is now. Pure. */
import type { MCPServer } from '../../api/index.ts';
import {
  CHECK_RULES,
  subjectOf,
  type CheckRule,
  type NamespaceFacts,
  type Subject,
} from '../../checks/index.ts';
import type { PreImage } from '../../approval/index.ts';
import { errorMessage } from '../../core/errors.ts';
import { excerpt } from '../../core/excerpt.ts';
import type { RenderSettings } from '../../render/index.ts';
import { isReady } from './target.ts';

/** How far a server is after a change. */
export type Settlement =
  | { readonly kind: 'settled' }
  | { readonly kind: 'pending'; readonly message: string }
  | { readonly kind: 'failed'; readonly message: string };

/** Every check of a plan may have crashed; the message goes into the ledger and the status. */
const MAX_MESSAGE = 1_000;

/** What does not get better by waiting. */
const HOPELESS: ReadonlySet<string> = new Set([
  'CrashLooping',
  'ImageRunsAsRoot',
  'MissingSecretKey',
  'MissingConfigKey',
  'PodsRefused',
]);

/** @param wasReady a server that was not Ready before need not be so now: the change was not for that. */
export function settlementOf(server: MCPServer, { wasReady }: Pick<PreImage, 'wasReady'>): Settlement {
  if (!isSeen(server)) return { kind: 'pending', message: 'the operator has not seen the change yet' };
  if (!wasReady || isReady(server)) return { kind: 'settled' };
  const ready = server.status?.conditions?.find(({ type }) => type === 'Ready');
  if (ready === undefined) return { kind: 'pending', message: 'Ready is Unknown (NotYetKnown)' };
  const message = `Ready is ${ready.status} (${ready.reason})`;
  return { kind: HOPELESS.has(ready.reason) ? 'failed' : 'pending', message };
}

function isSeen({ metadata: { generation = 0 }, status }: MCPServer): boolean {
  return (status?.observedGeneration ?? 0) >= generation;
}

/** A check that does not pass. */
export interface FailedCheck {
  readonly id: string;
  /** Present when it could not be evaluated: what was thrown. */
  readonly cause?: unknown;
}

/**
 * @returns those of the checks that the server does not pass. Checks that ask the server itself are answered by its being Ready. One that cannot be
 * evaluated fails: what nobody can verify does not stay, and tried again it would crash again, with the change in force all the while.
 */
export function failedChecks(
  server: MCPServer,
  namespace: NamespaceFacts,
  rendering: RenderSettings,
  checks: readonly string[],
): readonly FailedCheck[] {
  const rules = CHECK_RULES.filter(({ id }) => checks.includes(id));
  try {
    const subject = subjectOf(server, namespace, rendering);
    return rules.flatMap((rule) => failureOf(rule, subject));
  } catch (cause) {
    // The server cannot be rendered, so none of them can be evaluated.
    return rules.map(({ id }) => ({ id, cause }));
  }
}

function failureOf(rule: CheckRule, subject: Subject): readonly FailedCheck[] {
  const { id } = rule;
  try {
    return rule.evaluate(subject).length > 0 ? [{ id }] : [];
  } catch (cause) {
    return [{ id, cause }];
  }
}

/** What is wrong after a change, for people; at most 1,000 characters. */
export function failureMessage(failures: readonly FailedCheck[]): string {
  const failing = failures.filter((failure) => !isCrash(failure)).map(({ id }) => id);
  const crashed = failures
    .filter(isCrash)
    .map(({ id, cause }) => `${id} could not be evaluated: ${excerpt(errorMessage(cause))}`);
  const parts = failing.length === 0 ? crashed : [`${failing.join(', ')} still fails`, ...crashed];
  return excerpt(`after the change ${parts.join('; ')}`, MAX_MESSAGE);
}

/** Whether it could not be evaluated, whatever was thrown. */
export function isCrash(failure: FailedCheck): boolean {
  return 'cause' in failure;
}
