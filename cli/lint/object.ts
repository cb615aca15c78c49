/**
 * The verdict on one object by its own kind: metadata, schema and the rules of its CustomResourceDefinition, as the API server gives it
 * when the object is created.
 */
import type { FieldError } from '../../api/index.ts';
import { withDefaults } from '../../api/schema/defaults.ts';
import type { RuleJudge } from './cel/judge.ts';
import type { LintFinding, ObjectName } from './finding.ts';
import { KINDS, type KindName, fieldsOf } from './kinds.ts';
import type { Manifest } from './manifest/parse.ts';
import { metadataErrors } from './metadata.ts';

/** An object of one of our kinds, and what is wrong with its form. */
export interface JudgedObject {
  readonly manifest: Manifest;
  readonly name: ObjectName;
  /** As it would be stored, but for defaults: in a namespace, without a status. */
  readonly value: Readonly<Record<string, unknown>>;
  /** Empty when the API server would take the object. */
  readonly findings: readonly LintFinding[];
}

export interface ObjectSettings {
  /** Where objects are that name no namespace. */
  readonly namespace: string;
  readonly rules: RuleJudge;
}

/** Judges by form alone: no policy is asked. */
export async function judgeObject(
  kind: KindName,
  manifest: Manifest,
  { namespace, rules }: ObjectSettings,
  signal: AbortSignal,
): Promise<JudgedObject> {
  const { schema, namespaced, errors } = KINDS[kind];
  const value = asCreated(manifest.value, namespaced ? namespace : undefined);
  const name = nameOf(kind, value);
  const schemaErrors = first([...errors(value), ...metadataErrors(value)]);
  const ruleErrors = await rules.judge(
    { kind, value: withDefaults(schema, value), broken: schemaErrors.map(({ path }) => path) },
    signal,
  );
  const findings = [
    ...schemaErrors.map((error) => formFinding('schema', error, { manifest, name })),
    ...ruleErrors.map((error) => formFinding('cel', error, { manifest, name })),
  ];
  return { manifest, name, value, findings };
}

/** Each error is looked up in the text, and nobody reads thousands. */
const MAX_ERRORS = 100;

function first(errors: readonly FieldError[]): readonly FieldError[] {
  if (errors.length <= MAX_ERRORS) return errors;
  const message = `has ${errors.length - MAX_ERRORS} more errors: correct these first`;
  return [...errors.slice(0, MAX_ERRORS), { path: '', message }];
}

/** A finding that says with its message alone what would be right. */
export function formFinding(
  rule: LintFinding['rule'],
  { path, message }: FieldError,
  { manifest, name }: Pick<JudgedObject, 'manifest' | 'name'>,
): LintFinding {
  const at = manifest.at(path);
  return { level: 'error', rule, object: name, file: manifest.file, at, path, value: '', message, fix: '' };
}

/** The API server drops the status of an object that is created, and knows its namespace from the request. */
function asCreated(value: unknown, namespace: string | undefined): JudgedObject['value'] {
  const { status: _, metadata, ...fields } = fieldsOf(value);
  if (namespace === undefined || typeof metadata !== 'object') return { ...fields, metadata };
  return { ...fields, metadata: { namespace, ...metadata } };
}

function nameOf(kind: KindName, { metadata }: JudgedObject['value']): ObjectName {
  const { name, namespace } = fieldsOf(metadata);
  return {
    kind,
    ...(typeof namespace === 'string' && KINDS[kind].namespaced && { namespace }),
    name: typeof name === 'string' ? name : '(no name)',
  };
}
