/**
 * Words to describe the chart's values with. One description is the source of three files: `values.yaml` (defaults and
 * comments), `values.schema.json` (what Helm refuses) and the table of the chart's README. Every section is closed: a
 * misspelt value is an error at `helm install`, not a default that silently stays.
 */

/** A JSON Schema (draft 7) of one value; `default` is what `values.yaml` holds. */
export interface ValueSchema {
  readonly [keyword: string]: unknown;
  readonly description: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, ValueSchema>>;
}

type Keywords = Readonly<Record<string, unknown>>;

/** A closed group of values. */
export function section(description: string, properties: Readonly<Record<string, ValueSchema>>): ValueSchema {
  return { type: 'object', description, additionalProperties: false, properties };
}

export function flag(description: string, byDefault: boolean): ValueSchema {
  return { type: 'boolean', description, default: byDefault };
}

export function text(description: string, byDefault: string, keywords: Keywords = {}): ValueSchema {
  return { type: 'string', description, default: byDefault, ...keywords };
}

export function oneOf(description: string, byDefault: string, allowed: readonly string[]): ValueSchema {
  return { type: 'string', description, default: byDefault, enum: allowed };
}

/** A value that the chart hands to the operator unchanged, described by the operator's own settings. */
export function setting(schema: object, keywords: Keywords = {}): ValueSchema {
  const copy: unknown = JSON.parse(JSON.stringify({ ...schema, ...keywords }));
  if (!isValueSchema(copy)) throw new Error('a setting without description cannot be a value of the chart');
  return copy;
}

function isValueSchema(value: unknown): value is ValueSchema {
  return typeof value === 'object' && value !== null && 'description' in value && 'default' in value;
}

/** A whole number, `minimum` included. */
export function integer(
  description: string,
  byDefault: number,
  minimum: number,
  maximum?: number,
): ValueSchema {
  const range = maximum === undefined ? { minimum } : { minimum, maximum };
  return { type: 'integer', description, default: byDefault, ...range };
}

export function port(description: string, byDefault: number): ValueSchema {
  return integer(description, byDefault, 1, 65535);
}

/** A list whose entries all have the shape of `items`. */
export function list(description: string, items: Keywords, byDefault: readonly unknown[] = []): ValueSchema {
  return { type: 'array', description, default: byDefault, items };
}

/** A map of strings: labels, annotations, node selectors. */
export function strings(description: string, byDefault: Readonly<Record<string, string>> = {}): ValueSchema {
  return { type: 'object', description, default: byDefault, additionalProperties: { type: 'string' } };
}

/** A value of a Kubernetes type, checked by the API server and not again here. */
export function kubernetesObject(description: string, byDefault: Keywords = {}): ValueSchema {
  return { type: 'object', description, default: byDefault };
}

/** Whether `schema` groups other values rather than being one. */
export function isSection(
  schema: ValueSchema,
): schema is ValueSchema & { readonly properties: Readonly<Record<string, ValueSchema>> } {
  return schema.properties !== undefined;
}
