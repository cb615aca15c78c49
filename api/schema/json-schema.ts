/**
 * The part of JSON Schema that a CustomResourceDefinition can hold ("structural schema"), as plain data. TypeBox schemas
 * have this shape too, so one walker serves defaults, validators, CRDs and references.
 */

/** A CEL rule of a CRD; `message` is what the user reads, so it names the fix. */
export interface ValidationRule {
  readonly rule: string;
  readonly message: string;
  /** Field of the object the rule stands on, to be blamed instead of the object itself: `.url`. */
  readonly fieldPath?: string;
}

/** @see https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema */
export interface JsonSchema {
  /** Only before references are inlined; no CRD may hold one. */
  readonly $ref?: string;
  /** Name of the Kubernetes type this was borrowed from; for documentation, never in a CRD. */
  readonly borrowed?: string;
  readonly type?: string;
  readonly description?: string;
  readonly format?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-map-type'?: 'atomic' | 'granular';
  readonly 'x-kubernetes-validations'?: readonly ValidationRule[];
}

/** The same schema with each direct child (property, item, map value) replaced by what `change` makes of it. */
export function mapChildren(schema: JsonSchema, change: (child: JsonSchema) => JsonSchema): JsonSchema {
  const { properties, items, additionalProperties } = schema;
  return {
    ...schema,
    ...(properties && { properties: mapValues(properties, change) }),
    ...(items && { items: change(items) }),
    ...(typeof additionalProperties === 'object' && { additionalProperties: change(additionalProperties) }),
  };
}

function mapValues(
  properties: Readonly<Record<string, JsonSchema>>,
  change: (child: JsonSchema) => JsonSchema,
): Record<string, JsonSchema> {
  return Object.fromEntries(Object.entries(properties).map(([name, child]) => [name, change(child)]));
}
