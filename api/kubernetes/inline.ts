/**
 * From the generated table of Kubernetes types to one schema without references, since a CRD cannot hold any.
 */
import { type JsonSchema, mapChildren } from '../schema/json-schema.ts';
import type { RootType } from './selection.ts';
import { kubernetesTypes } from './types.generated.ts';

/**
 * How deep below a borrowed type its fields keep their descriptions. Below that they are Kubernetes' common knowledge, and an
 * Affinity repeats its selectors eight times: without this limit they would be half of the CRD.
 */
const DESCRIBED_DEPTH = 2;

/** @returns the schema of a Kubernetes type with every reference replaced by what it names. */
export function inlineType(name: RootType): JsonSchema {
  return inline({ $ref: name }, 0);
}

function inline(schema: JsonSchema, depth: number): JsonSchema {
  const { $ref, ...own } = schema;
  if ($ref !== undefined) return { ...inline(referenced($ref), depth), ...described(own, depth) };
  const childDepth = schema.properties === undefined ? depth : depth + 1;
  return described(
    mapChildren(schema, (child) => inline(child, childDepth)),
    depth,
  );
}

function referenced(name: string): JsonSchema {
  const schema = kubernetesTypes[name];
  if (schema === undefined)
    throw new Error(`no Kubernetes type ${name} in types.generated.ts: generate it again`);
  return schema;
}

function described({ description, ...schema }: JsonSchema, depth: number): JsonSchema {
  return description === undefined || depth > DESCRIBED_DEPTH ? schema : { description, ...schema };
}
