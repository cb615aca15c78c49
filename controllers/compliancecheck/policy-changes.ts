/**
 * Changes of MCPSecurityPolicies and ApprovalPolicies, for the ledger: what servers may be, and who must agree to what, is as much of an auditor's
 * concern as what they are checked by. Each spec is recorded once.
 */
import { lastChangedBy } from '../../api/index.ts';
import type { ChangeRecord } from '../../checks/engine/history.ts';
import { digest } from '../../core/canonical-json.ts';
import type { Change, Informer, KubernetesObject } from '../../operator/runtime/index.ts';
import { ChangeRecorder, type ChangeRecorderOptions } from './change-recorder.ts';
import { uidOf } from './kinds.ts';

/** A policy of the cluster. */
type Policy = KubernetesObject & { readonly spec: object };

export interface PolicyChangesOptions<T extends Policy> extends Omit<ChangeRecorderOptions, 'watch'> {
  readonly policies: Pick<Informer<T>, 'addHandler'>;
  /** A few words on what the policy says; its digest is added. */
  readonly describe: (policy: T) => string;
}

/** @see module header. */
export function policyChanges<T extends Policy>({
  policies,
  describe,
  ...parts
}: PolicyChangesOptions<T>): ChangeRecorder {
  const { clock } = parts;
  return new ChangeRecorder({
    ...parts,
    watch: (note) =>
      policies.addHandler((change) => {
        const record = recordOf(change, describe, clock.now().toISOString());
        if (record !== undefined) note(record);
      }),
  });
}

/** @returns undefined for a change that leaves the spec as it is. */
function recordOf<T extends Policy>(
  change: Change<T>,
  describe: (policy: T) => string,
  at: string,
): ChangeRecord | undefined {
  const { metadata, spec, kind } = change.object;
  const { generation = 0, name } = metadata;
  if (change.kind === 'update' && change.previous.metadata.generation === generation) return undefined;
  const isGone = change.kind === 'delete';
  const uid = uidOf(change.object);
  return {
    key: `policy:${uid}:${isGone ? 'deleted' : generation}`,
    kind: 'PolicyChanged',
    object: { kind, namespace: '', name, uid },
    // Who deletes is known to the API server's audit log alone.
    changedBy: isGone ? '' : lastChangedBy(metadata.annotations),
    summary: isGone ? 'deleted' : `${describe(change.object)}, spec ${digest(spec)}`,
    at,
  };
}
