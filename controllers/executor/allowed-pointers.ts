/**
 * What a patch may change: an allow-list of JSON pointers by action. The executor may `patch mcpservers`, which is more than any plan needs; a row that
 * somebody else wrote must not make it do more than a plan of ours ever would.
 */
import type { ActionKind, PatchOperation } from '../../approval/index.ts';
import { changing } from './target.ts';

/** Each stands for itself and everything below it. Nothing here says which program runs, from which image, or with which secrets. */
const ALLOWED: Readonly<Record<ActionKind, readonly string[]>> = {
  Remediate: [
    '/spec/podTemplate',
    '/spec/resources',
    '/spec/network',
    '/spec/transport/type',
    '/spec/volumes',
    '/spec/volumeMounts',
  ],
  AcceptDefinitions: [],
  Quarantine: [],
  Waive: [],
};

/** @returns the pointers that the patch would change and may not; empty when all is well. */
export function forbiddenPointers(
  kind: ActionKind,
  operations: readonly PatchOperation[],
): readonly string[] {
  return changing(operations)
    .map(({ path }) => path)
    .filter((path) => !ALLOWED[kind].some((allowed) => path === allowed || path.startsWith(`${allowed}/`)));
}
