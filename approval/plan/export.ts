/** A proposal in the forms that other tools take: whoever owns the object applies it where it comes from. */
import { stringify } from 'yaml';
import type { ActionTarget } from '../action.ts';
import { isObject, segmentsOf } from './json-patch.ts';
import type { PatchOperation, PlanEffect, ProposalObject } from './plan.ts';

/** An effect with a patch. */
export type PatchEffect = Extract<PlanEffect, { readonly operations: readonly PatchOperation[] }>;

/** @returns what a patch is for. */
export function objectOf(effect: PatchEffect, target: ActionTarget, namespace: string): ProposalObject {
  const { apiVersion, kind, name } = target;
  return (effect.kind === 'Proposal' ? effect.object : undefined) ?? { apiVersion, kind, name, namespace };
}

/** @returns RFC 6902, for `kubectl patch --type json` on the object as it is now. Tests of the object's identity are left to the reader. */
export function exportJson6902({ operations }: PatchEffect): string {
  return `${JSON.stringify(withoutIdentity(operations), undefined, 2)}\n`;
}

/**
 * @returns an entry of `patches` in a kustomization.yaml. Where the patch goes into no list it is a merge patch, which a file without the
 * defaults takes as well; else the operations of RFC 6902, whose parents must stand in the file.
 */
export function exportKustomize(effect: PatchEffect, object: ProposalObject): string {
  const { apiVersion, kind, name, namespace } = object;
  const [version = '', group] = apiVersion.split('/').toReversed();
  const operations = withoutIdentity(effect.operations);
  const merge = mergePatch(operations);
  const patch = merge === undefined ? operations : { apiVersion, kind, metadata: { name }, ...merge };
  return stringify(
    {
      patches: [
        {
          target: {
            ...(group !== undefined && { group }),
            version,
            kind,
            name,
            ...(namespace !== undefined && { namespace }),
          },
          patch: stringify(patch, { lineWidth: 0 }),
        },
      ],
    },
    { lineWidth: 0 },
  );
}

function withoutIdentity(operations: readonly PatchOperation[]): readonly PatchOperation[] {
  return operations.filter(({ op, path }) => op !== 'test' || !/^\/metadata\/(uid|generation)$/.test(path));
}

/** RFC 7396 says nothing of single entries of lists, and takes null for removal. */
function mergePatch(operations: readonly PatchOperation[]): Readonly<Record<string, unknown>> | undefined {
  let merged: Readonly<Record<string, unknown>> = {};
  for (const operation of operations) {
    const segments = segmentsOf(operation.path);
    if (segments.some((segment) => /^(\d+|-)$/.test(segment))) return undefined;
    if (operation.op !== 'test')
      merged = withValue(merged, segments, operation.op === 'remove' ? null : operation.value);
  }
  // The merge would drop the other fields of metadata that it needs to find the object.
  return Object.hasOwn(merged, 'metadata') ? undefined : merged;
}

function withValue(
  object: Readonly<Record<string, unknown>>,
  [segment = '', ...rest]: readonly string[],
  value: unknown,
): Readonly<Record<string, unknown>> {
  const member = object[segment];
  const inner = rest.length === 0 ? value : withValue(isObject(member) ? member : {}, rest, value);
  return { ...object, [segment]: inner };
}
