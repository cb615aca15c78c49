/** The target of a patch as the executor looks at it. Pure. */
import type { MCPServer } from '../../api/index.ts';
import {
  gitOwner,
  inverseOperations,
  valueAt,
  type ApprovalRow,
  type GitOwner,
  type PatchOperation,
  type PreImage,
} from '../../approval/index.ts';
import { digest } from '../../core/canonical-json.ts';
import type { KubernetesObject } from '../../operator/runtime/index.ts';

/** What a target is compared with. */
export type Image = 'pre' | 'post' | 'other' | 'gone';

/** @returns `sha256:` over the canonical JSON of the spec. */
function specHashOf({ spec }: Pick<MCPServer, 'spec'>): string {
  return digest(spec);
}

/** @param expected the target as the API server would store it with the patch: the answer to a dry run. */
export function preImageOf(
  before: MCPServer,
  expected: Pick<MCPServer, 'spec'>,
  operations: readonly PatchOperation[],
): PreImage {
  const { resourceVersion = '', generation = 0 } = before.metadata;
  const paths = changing(operations).map(({ path }) => path);
  const values = paths.map((path) => [path, valueAt(before, path)] as const);
  return {
    resourceVersion,
    generation,
    values: Object.fromEntries(values.filter(([, value]) => value !== undefined)),
    specHash: specHashOf(before),
    expectedSpecHash: specHashOf(expected),
    inverse: inverseOperations(before, operations),
    wasReady: isReady(before),
  };
}

/** @param preImage of the request. @param target undefined when it does not exist. */
export function imageOf(
  { action, preImage }: Pick<ApprovalRow, 'action' | 'preImage'>,
  target: MCPServer | undefined,
): Image {
  if (target === undefined || target.metadata.uid !== action.target.uid) return 'gone';
  const hash = specHashOf(target);
  if (hash === preImage?.expectedSpecHash) return 'post';
  return hash === preImage?.specHash ? 'pre' : 'other';
}

/** @returns the operations that change something, without tests. */
export function changing(
  operations: readonly PatchOperation[],
): readonly Exclude<PatchOperation, { readonly op: 'test' }>[] {
  return operations.filter((operation) => operation.op !== 'test');
}

/** @returns what of Git applies the object as it is now, whoever applied it when the request was opened. */
export function ownerOf({ metadata }: Pick<KubernetesObject, 'metadata'>): GitOwner | undefined {
  const { labels, annotations, managedFields = [] } = metadata;
  const ofObject = managedFields.filter(({ subresource = '' }) => subresource === '');
  return gitOwner({ labels, annotations, managers: ofObject.map(({ manager = '' }) => manager) });
}

/** Whether the server is Ready at its present generation. */
export function isReady({ metadata, status }: MCPServer): boolean {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return ready?.status === 'True' && ready.observedGeneration === metadata.generation;
}
