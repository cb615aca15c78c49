/**
 * Judges values by a structural schema as the API server does, without one: for the command line, and for tests. It knows
 * every keyword of the schema itself; CEL rules are for others: the API server, and `kilo-mcp lint`.
 */
import { Ajv, type AnySchemaObject, type ErrorObject, type ValidateFunction } from 'ajv';
import { type JsonSchema, mapChildren } from './json-schema.ts';

/** One thing that is wrong with a value. */
export interface FieldError {
  /** As Kubernetes writes it: `spec.env[0].name`. */
  readonly path: string;
  /** What is wrong and what would be right. */
  readonly message: string;
}

/**
 * @returns a function that lists everything that is wrong with a value; an unknown field is wrong, as with `kubectl apply`.
 * The schema is compiled at the first call, so that a process which never validates does not pay for it.
 */
export function createValidator(schema: JsonSchema): (value: unknown) => readonly FieldError[] {
  let compiled: ValidateFunction | undefined;
  return (value) => {
    compiled ??= createAjv().compile(closed(schema));
    return compiled(value) ? [] : fieldErrors(compiled);
  };
}

function createAjv(): Ajv {
  const ajv = new Ajv({ allErrors: true, strict: true, strictTypes: false, formats: FORMATS });
  ajv.addVocabulary([
    'x-kubernetes-list-map-keys',
    'x-kubernetes-map-type',
    'x-kubernetes-preserve-unknown-fields',
    'x-kubernetes-validations',
  ]);
  ajv.addKeyword({
    keyword: 'x-kubernetes-int-or-string',
    validate: (enabled: boolean, value: unknown) =>
      !enabled || typeof value === 'string' || Number.isInteger(value),
    error: { message: 'must be an integer or a string' },
  });
  ajv.addKeyword({
    keyword: 'x-kubernetes-list-type',
    type: 'array',
    validate: (kind: string, list: readonly unknown[], parent?: AnySchemaObject) =>
      hasNoDuplicate(kind, list, parent),
    error: { message: 'must not hold two entries with the same key' },
  });
  return ajv;
}

const FORMATS = {
  int32: {
    type: 'number',
    validate: (value: number) => Math.abs(value) <= 2 ** 31 - 1 || value === -(2 ** 31),
  },
  int64: { type: 'number', validate: (value: number) => Number.isFinite(value) },
  'date-time': { type: 'string', validate: isDateTime },
} as const;

/** RFC 3339, which `Date.parse` alone is laxer than. */
function isDateTime(text: string): boolean {
  return (
    /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/.test(text) &&
    !Number.isNaN(Date.parse(text))
  );
}

function hasNoDuplicate(kind: string, list: readonly unknown[], parent: AnySchemaObject = {}): boolean {
  if (kind === 'atomic') return true;
  const keys: readonly string[] | undefined = parent['x-kubernetes-list-map-keys'];
  const identities = list.map((entry) => JSON.stringify(keys?.map((key) => fieldOf(entry, key)) ?? entry));
  return new Set(identities).size === identities.length;
}

function fieldOf(entry: unknown, key: string): unknown {
  return typeof entry === 'object' && entry !== null
    ? Object.entries(entry).find(([name]) => name === key)?.[1]
    : undefined;
}

/** Objects with known properties take no others. Only metadata stays open: the API server judges it by rules of its own. */
function closed(schema: JsonSchema): JsonSchema {
  const children = mapChildren(schema, closed);
  return schema.properties === undefined ? children : { ...children, additionalProperties: false };
}

function fieldErrors({ errors }: ValidateFunction): readonly FieldError[] {
  return (errors ?? []).map((error) => ({ path: fieldPath(error), message: message(error) }));
}

/** From JSON pointer `/spec/env/0/name` to `spec.env[0].name`. */
function fieldPath({ instancePath, params }: ErrorObject): string {
  const steps = instancePath.split('/').slice(1).map(unescape);
  const culprit: unknown = params['additionalProperty'] ?? params['missingProperty'];
  const all = typeof culprit === 'string' ? [...steps, culprit] : steps;
  return all.reduce(
    (path, step) => (/^\d+$/.test(step) ? `${path}[${step}]` : path === '' ? step : `${path}.${step}`),
    '',
  );
}

function unescape(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~');
}

function message({ keyword, params, message: text = 'is not valid' }: ErrorObject): string {
  switch (keyword) {
    case 'required':
      return 'is required: set it';
    case 'additionalProperties':
      return 'is not a field of this kind: correct its name or remove it';
    case 'enum':
      return `must be one of ${listOf(params['allowedValues'])}`;
    default:
      return text;
  }
}

function listOf(values: unknown): string {
  return Array.isArray(values) ? values.map(String).join(', ') : String(values);
}
