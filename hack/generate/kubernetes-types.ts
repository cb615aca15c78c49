/**
 * Copies the schemas of Kubernetes' own types that our kinds borrow (EnvVar, Volume, Affinity ...) out of an API server's
 * OpenAPI v3 documents into `api/kubernetes/types.generated.ts`: trimmed to `api/kubernetes/selection.ts`, made
 * structural, descriptions cut to 60 characters. Taken from the oldest Kubernetes we support, so that whatever our CRD
 * accepts, every supported cluster understands.
 */
import { ROOTS, SELECTION } from '../../api/kubernetes/selection.ts';

/** The OpenAPI v3 documents that hold every borrowed type, as paths below `/openapi/v3/`. */
export const DOCUMENTS = ['api/v1', 'apis/networking.k8s.io/v1'] as const;

const TARGET = 'api/kubernetes/types.generated.ts';
const DESCRIPTION_LENGTH = 60;
const MAX_ITEMS = 100;
/** Kubernetes' own pattern for a resource.Quantity, as every CRD generator writes it. */
const QUANTITY_PATTERN =
  '^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$';
/** No amount takes as many; without a limit one request could hold a million digits, and every policy would calculate with them. */
const QUANTITY_LENGTH = 64;
const KEPT_KEYWORDS = [
  'type',
  'enum',
  'format',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-map-type',
];

interface OpenApiSchema {
  readonly $ref?: string;
  readonly allOf?: readonly OpenApiSchema[];
  readonly description?: string;
  readonly default?: unknown;
  readonly format?: string;
  readonly type?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, OpenApiSchema>>;
  readonly items?: OpenApiSchema;
  readonly additionalProperties?: OpenApiSchema;
}

/** An OpenAPI v3 document as `/openapi/v3/<path>` serves it. */
export interface OpenApiDocument {
  readonly components: { readonly schemas: Readonly<Record<string, OpenApiSchema>> };
}

/** @returns the generated file; throws when a document lacks a type that the selection names. */
export function kubernetesTypes(
  documents: readonly OpenApiDocument[],
  version: string,
): Record<string, string> {
  const known = new Map(
    documents
      .flatMap(({ components }) => Object.entries(components.schemas))
      .map(([id, schema]) => [shortName(id), schema]),
  );
  const types: Record<string, unknown> = {};
  const pending: string[] = [...ROOTS];
  for (let name = pending.shift(); name !== undefined; name = pending.shift()) {
    if (name in types) continue;
    types[name] = copyType(name, known, pending);
  }
  return { [TARGET]: fileText(types, version) };
}

function copyType(name: string, known: ReadonlyMap<string, OpenApiSchema>, pending: string[]): unknown {
  const schema = known.get(name);
  if (schema === undefined)
    throw new Error(`the API server's OpenAPI has no type ${name}: correct api/kubernetes/selection.ts`);
  return copy(select(name, schema), pending);
}

function select(name: string, schema: OpenApiSchema): OpenApiSchema {
  const selected = Object.entries(SELECTION).find(([type]) => type === name)?.[1];
  if (selected === undefined) return schema;
  const properties = Object.fromEntries(selected.map((field) => [field, propertyOf(name, schema, field)]));
  const required = schema.required?.filter((field) => field in properties);
  return { ...schema, properties, ...(required && { required }) };
}

function propertyOf(name: string, schema: OpenApiSchema, field: string): OpenApiSchema {
  const property = schema.properties?.[field];
  if (property === undefined)
    throw new Error(`${name} has no field ${field}: correct api/kubernetes/selection.ts`);
  return property;
}

/** One schema node without what a structural schema may not hold; references become `{$ref: name}` and join `pending`. */
function copy(schema: OpenApiSchema, pending: string[]): Record<string, unknown> {
  const description = schema.description === undefined ? {} : { description: shorten(schema.description) };
  const reference = schema.$ref ?? schema.allOf?.[0]?.$ref;
  if (reference !== undefined) return { ...description, ...copyReference(shortName(reference), pending) };
  return {
    ...description,
    ...Object.fromEntries(Object.entries(schema).filter(([keyword]) => KEPT_KEYWORDS.includes(keyword))),
    ...(isMeaningful(schema.default) && { default: schema.default }),
    ...(schema.required && schema.required.length > 0 && { required: schema.required }),
    ...(schema.properties && { properties: copyProperties(schema.properties, pending) }),
    ...(schema.items && { items: copy(schema.items, pending), maxItems: MAX_ITEMS }),
    ...(schema.additionalProperties && {
      additionalProperties: copy(schema.additionalProperties, pending),
      maxProperties: MAX_ITEMS,
    }),
  };
}

function copyProperties(
  properties: Readonly<Record<string, OpenApiSchema>>,
  pending: string[],
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [name, copy(property, pending)]),
  );
}

function copyReference(name: string, pending: string[]): Record<string, unknown> {
  if (name === 'Quantity')
    return { 'x-kubernetes-int-or-string': true, pattern: QUANTITY_PATTERN, maxLength: QUANTITY_LENGTH };
  if (name === 'IntOrString') return { 'x-kubernetes-int-or-string': true };
  if (name === 'Time') return { type: 'string', format: 'date-time' };
  pending.push(name);
  return { $ref: name };
}

/** Go's zero values (`""`, `0`, `{}`) are published as defaults of required fields; nobody relies on those, and they would hide that the field is missing. */
function isMeaningful(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function shortName(id: string): string {
  return id.slice(id.lastIndexOf('.') + 1);
}

/** The first sentence, cut at a word when it is longer than the limit. */
function shorten(description: string): string {
  const text = description
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ ?\((?:e\.g|i\.e)\.[^)]*\)/g, '')
    .trim();
  const sentence = text.split(/\.(?:\s|$)/)[0] ?? '';
  if (sentence.length <= DESCRIPTION_LENGTH) return sentence;
  const cut = sentence.slice(0, DESCRIPTION_LENGTH);
  return `${cut.slice(0, cut.lastIndexOf(' '))}…`;
}

function fileText(types: Readonly<Record<string, unknown>>, version: string): string {
  const sorted = Object.fromEntries(Object.entries(types).toSorted(([a], [b]) => a.localeCompare(b)));
  return [
    '// Generated by `node hack/generate/main.ts --from-cluster`; do not edit.',
    `// Schemas of Kubernetes ${version}, as its API server publishes them, trimmed to selection.ts.`,
    "import type { JsonSchema } from '../schema/json-schema.ts';",
    '',
    `export const kubernetesTypes: Readonly<Record<string, JsonSchema>> = ${JSON.stringify(sorted, null, 1)};`,
    '',
  ].join('\n');
}
