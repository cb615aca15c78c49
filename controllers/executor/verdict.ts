/** Whether a change did what it was approved for: the server has settled, and the checks pass on what it is now. Pure. */
import type { MCPServer } from '../../api/index.ts';
import { CHECK_RULES, subjectOf, type NamespaceFacts } from '../../checks/index.ts';
import type { PreImage } from '../../approval/index.ts';
import type { RenderSettings } from '../../render/index.ts';
import { isReady } from './target.ts';

/** How far a server is after a change. */
export type Settlement =
  | { readonly kind: 'settled' }
  | { readonly kind: 'pending'; readonly message: string }
  | { readonly kind: 'failed'; readonly message: string };

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

/**
 * @returns ids of those of the checks that the server still fails. Checks that ask the server itself are answered by its being Ready. One that cannot
 * be evaluated fails: what nobody can verify does not stay.
 */
export function failedChecks(
  server: MCPServer,
  namespace: NamespaceFacts,
  rendering: RenderSettings,
  checks: readonly string[],
): readonly string[] {
  const fails = (rule: (typeof CHECK_RULES)[number]): boolean => {
    try {
      return rule.evaluate(subjectOf(server, namespace, rendering)).length > 0;
    } catch {
      // Tried again it would crash again, with the change in force all the while.
      return true;
    }
  };
  return CHECK_RULES.filter((rule) => checks.includes(rule.id) && fails(rule)).map(({ id }) => id);
}
