/**
 * What an object of a file is to `lint`: one of our kinds, a namespace whose labels policies ask about, or somebody else's.
 */
import {
  type FieldError,
  GROUP,
  mcpServerResource,
  mcpServerSchema,
  securityPolicyResource,
  securityPolicySchema,
  validateMCPSecurityPolicy,
  validateMCPServer,
} from '../../api/index.ts';
import type { JsonSchema } from '../../api/schema/json-schema.ts';
import type { Manifest } from './manifest/parse.ts';

/** One of our kinds. */
export type KindName = 'MCPServer' | 'MCPSecurityPolicy';

interface Kind {
  readonly schema: JsonSchema;
  readonly namespaced: boolean;
  /** @returns what is wrong with the form of an object. */
  readonly errors: (value: unknown) => readonly FieldError[];
}

export const KINDS: Readonly<Record<KindName, Kind>> = {
  MCPServer: {
    schema: mcpServerSchema,
    namespaced: mcpServerResource.namespaced,
    errors: (value) => errorsOf(validateMCPServer(value)),
  },
  MCPSecurityPolicy: {
    schema: securityPolicySchema,
    namespaced: securityPolicyResource.namespaced,
    errors: (value) => errorsOf(validateMCPSecurityPolicy(value)),
  },
};

function errorsOf(
  verdict: { readonly valid: true } | { readonly valid: false; readonly errors: readonly FieldError[] },
): readonly FieldError[] {
  return verdict.valid ? [] : verdict.errors;
}

/** The objects of some files, by what they are. */
export interface Sorted {
  readonly servers: readonly Manifest[];
  readonly policies: readonly Manifest[];
  readonly namespaces: readonly Manifest[];
  /** Of our group, and of no kind of it: a typing error that would otherwise pass as somebody else's object. */
  readonly unknown: readonly Manifest[];
  readonly others: readonly Manifest[];
}

export function sort(manifests: readonly Manifest[]): Sorted {
  const groups = Object.groupBy(manifests, ({ value }) => roleOf(value));
  const { servers = [], policies = [], namespaces = [], unknown = [], others = [] } = groups;
  return { servers, policies, namespaces, unknown, others };
}

function roleOf(value: unknown): keyof Sorted {
  const { apiVersion, kind } = fieldsOf(value);
  if (kind === 'MCPServer') return 'servers';
  if (kind === 'MCPSecurityPolicy') return 'policies';
  if (apiVersion === 'v1' && kind === 'Namespace') return 'namespaces';
  return typeof apiVersion === 'string' && apiVersion.startsWith(`${GROUP}/`) ? 'unknown' : 'others';
}

/** The fields of an object; none of anything else. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {};
}

/** The entries of a field that are text, such as the labels of a Namespace. */
export function textsOf(value: unknown): Readonly<Record<string, string>> {
  const texts = Object.entries(fieldsOf(value)).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return Object.fromEntries(texts);
}
