/**
 * Whether the API server and our own validation judge a kind alike: every odd value in every field, and every limit, asked of both.
 */
import type { JsonSchema } from '../../api/schema/json-schema.ts';
import type { AdmissionClient, Verdict } from './admission.ts';

const BATCH = 64;

/** One change of a value that is accepted: what stands at `path` becomes `value`. */
interface Mutation {
  readonly path: string;
  readonly manifest: unknown;
}

// Numbers beyond int32 are not among them: only Kubernetes from 1.34 on refuses those by the format of a field.
const ODD_VALUES = [null, 'text', 1.5, [{}, {}]];

/** Every way to replace one value below `value`, and to add one unknown field to each object. */
function mutations(value: unknown, rebuild: (part: unknown) => unknown, path: string): Mutation[] {
  const replaced = ODD_VALUES.map((odd) => ({
    path: `${path} = ${JSON.stringify(odd)}`,
    manifest: rebuild(odd),
  }));
  return [...replaced, ...children(value, rebuild, path)];
}

function children(value: unknown, rebuild: (part: unknown) => unknown, path: string): Mutation[] {
  if (Array.isArray(value)) {
    const doubled = { path: `${path} doubled`, manifest: rebuild([...value, ...value]) };
    return [
      doubled,
      ...value.flatMap((item, index) =>
        mutations(item, (part) => rebuild(value.with(index, part)), `${path}[${index}]`),
      ),
    ];
  }
  if (typeof value !== 'object' || value === null) return [];
  const surplus = { path: `${path}.surplus`, manifest: rebuild({ ...value, surplus: 'x' }) };
  const below = Object.entries(value).flatMap(([name, field]) => [
    ...mutations(field, (part) => rebuild({ ...value, [name]: part }), `${path}.${name}`),
    {
      path: `${path}.${name} gone`,
      manifest: rebuild(Object.fromEntries(Object.entries(value).filter(([other]) => other !== name))),
    },
  ]);
  return [surplus, ...below];
}

/** @returns every odd value in every field of `spec`. Entries of a list have one schema, so one of them stands for all. */
export function oddValues(spec: unknown, manifestOf: (spec: unknown) => unknown): readonly Mutation[] {
  const rows = mutations(spec, manifestOf, 'spec');
  return [...new Map(rows.map((row) => [row.path.replaceAll(/\[\d+\]/g, '[]'), row])).values()];
}

/** @returns values at and beyond every limit that the fields of a spec state. */
export function limitValues(
  schema: JsonSchema,
  rebuild: (part: unknown) => unknown,
  path = 'spec',
): readonly Mutation[] {
  const own = boundaryValues(schema).map((value) => ({
    path: `${path} = ${JSON.stringify(value).slice(0, 60)}`,
    manifest: rebuild(value),
  }));
  const below = Object.entries(schema.properties ?? {}).flatMap(([name, property]) =>
    limitValues(property, (part) => rebuild({ [name]: part }), `${path}.${name}`),
  );
  const { items } = schema;
  const entries = items?.type === 'string' ? limitValues(items, (part) => rebuild([part]), `${path}[]`) : [];
  return [...own, ...below, ...entries];
}

function boundaryValues(schema: JsonSchema): readonly unknown[] {
  const { minimum, maximum, maxLength, items, maxItems, maxProperties, enum: words = [] } = schema;
  const many = items?.type === 'string' ? manyWords : manyNamed;
  const numbers = [minimum, maximum]
    .filter((limit) => limit !== undefined)
    .flatMap((limit) => [limit - 1, limit, limit + 1]);
  const strings =
    maxLength === undefined
      ? []
      : [`/${'a'.repeat(maxLength - 1)}`, 'a'.repeat(maxLength), 'a'.repeat(maxLength + 1)];
  const lists = maxItems === undefined ? [] : [many(maxItems), many(maxItems + 1)];
  const maps = maxProperties === undefined ? [] : [manyKeys(maxProperties), manyKeys(maxProperties + 1)];
  return [...numbers, ...strings, ...lists, ...maps, ...words];
}

const manyNamed = (length: number): object[] => Array.from({ length }, (_, index) => ({ name: `N${index}` }));
const manyWords = (length: number): string[] => Array.from({ length }, (_, index) => `n${index}`);
const manyKeys = (length: number): object =>
  Object.fromEntries(Array.from({ length }, (_, index) => [`k${index}`, 'v']));

/** Whom to ask, and about what. */
interface Judges {
  readonly api: AdmissionClient;
  /** Where objects of the kind are created. */
  readonly path: string;
  readonly schema: JsonSchema;
  /** Our own verdict. */
  readonly isValid: (manifest: unknown) => boolean;
}

/** @returns the rows on which the two differ, each with what the API server said. */
export async function disagreements(
  { api, path, schema, isValid }: Judges,
  rows: readonly Mutation[],
): Promise<readonly string[]> {
  const rules = celMessages(schema);
  const found: string[] = [];
  for (let start = 0; start < rows.length; start += BATCH) {
    const batch = rows.slice(start, start + BATCH);
    const verdicts = await Promise.all(batch.map(({ manifest }) => api.create(path, manifest)));
    for (const [index, row] of batch.entries()) {
      const verdict = verdicts[index];
      if (verdict === undefined || schemaAccepts(verdict, rules) === isValid(row.manifest)) continue;
      found.push(`${row.path}: ${verdict.accepted ? 'accepted by the API server' : verdict.message}`);
    }
  }
  return found;
}

/** A refusal by CEL rules alone says that the schema had nothing against the object. */
function schemaAccepts(verdict: Verdict, rules: readonly string[]): boolean {
  if (verdict.accepted) return true;
  return (
    verdict.causes.length > 0 &&
    verdict.causes.every((cause) => rules.some((message) => cause.endsWith(`: ${message}`)))
  );
}

/** @returns the message of every CEL rule of the schema. */
export function celMessages(schema: JsonSchema): readonly string[] {
  const { properties = {}, items, additionalProperties } = schema;
  const below = [...Object.values(properties), items, additionalProperties].filter(
    (child) => typeof child === 'object',
  );
  return [
    ...(schema['x-kubernetes-validations'] ?? []).map(({ message }) => message),
    ...below.flatMap(celMessages),
  ];
}
