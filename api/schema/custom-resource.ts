/**
 * What a CustomResourceDefinition says about a kind, in the words of our schemas.
 */
import type { TSchema } from 'typebox';

/** A column of `kubectl get`; `wide` ones need `-o wide`. */
export interface Column {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'date';
  readonly jsonPath: string;
  readonly wide?: boolean;
}

/** One kind of ours, whole. */
export interface CustomResource {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly schema: TSchema;
  readonly columns: readonly Column[];
  /** JSON paths of fields, beside name and namespace, by which lists and watches can select: `.spec.verb`. */
  readonly selectableFields?: readonly string[];
  /** Where the scale subresource finds its numbers. */
  readonly scale?: { readonly spec: string; readonly status: string; readonly selector: string };
}
