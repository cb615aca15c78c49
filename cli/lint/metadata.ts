/**
 * What the API server demands of the metadata of any object: no schema of a CustomResourceDefinition says it.
 * @see https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/apimachinery/pkg/api/validation/objectmeta.go
 */
import type { FieldError } from '../../api/index.ts';
import { labelKeyProblem, labelValueProblem } from '../../checks/policy/label.ts';
import { fieldsOf } from './kinds.ts';

/** The fields of metav1.ObjectMeta. */
const FIELDS = [
  'annotations',
  'creationTimestamp',
  'deletionGracePeriodSeconds',
  'deletionTimestamp',
  'finalizers',
  'generateName',
  'generation',
  'labels',
  'managedFields',
  'name',
  'namespace',
  'ownerReferences',
  'resourceVersion',
  'selfLink',
  'uid',
];

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const MAX_SUBDOMAIN = 253;
const MAX_LABEL = 63;
const MAX_ANNOTATION_BYTES = 256 * 1024;

/** @returns what is wrong with the metadata of an object. That a name must be there is judged elsewhere. */
export function metadataErrors(value: unknown): readonly FieldError[] {
  const metadata = fieldsOf(fieldsOf(value)['metadata']);
  const { name, namespace, labels, annotations } = metadata;
  return [
    ...unknownFields(metadata),
    ...nameErrors('metadata.name', name, (text) => SUBDOMAIN.test(text) && text.length <= MAX_SUBDOMAIN),
    ...nameErrors('metadata.namespace', namespace, (text) => LABEL.test(text) && text.length <= MAX_LABEL),
    ...textMapErrors('metadata.labels', labels, labelErrors),
    ...textMapErrors('metadata.annotations', annotations, annotationErrors),
  ];
}

function unknownFields(metadata: object): readonly FieldError[] {
  const surplus = Object.keys(metadata).filter((field) => !FIELDS.includes(field));
  return surplus.map((field) => ({
    path: `metadata.${field}`,
    message: 'is not a field of any object: correct its name or remove it',
  }));
}

function nameErrors(path: string, value: unknown, isName: (text: string) => boolean): readonly FieldError[] {
  if (typeof value !== 'string' || isName(value)) return [];
  return [
    {
      path,
      message: "must be a DNS name: lower-case letters, digits and '-', with a letter or digit at both ends",
    },
  ];
}

type TextMap = Readonly<Record<string, string>>;

function textMapErrors(
  path: string,
  value: unknown,
  errors: (path: string, map: TextMap) => readonly FieldError[],
): readonly FieldError[] {
  if (value === undefined || value === null) return [];
  const entries = typeof value === 'object' && !Array.isArray(value) ? Object.entries(value) : undefined;
  if (entries === undefined) return [{ path, message: 'must be a map of texts' }];
  const wrong = entries.filter(([, text]) => typeof text !== 'string' && text !== null);
  if (wrong.length === 0)
    return errors(path, Object.fromEntries(entries.filter(([, text]) => text !== null)));
  return wrong.map(([key]) => ({ path: `${path}[${key}]`, message: 'must be a text: put it in quotes' }));
}

function labelErrors(path: string, labels: TextMap): readonly FieldError[] {
  return Object.entries(labels).flatMap(([key, value]) => {
    const problems = [labelKeyProblem(key), labelValueProblem(value)].filter(
      (problem) => problem !== undefined,
    );
    return problems.map((message) => ({ path: `${path}[${key}]`, message }));
  });
}

function annotationErrors(path: string, annotations: TextMap): readonly FieldError[] {
  const keys = Object.keys(annotations);
  // The key of an annotation is that of a label, in whichever case.
  const wrong = keys.filter((key) => labelKeyProblem(key.toLowerCase()) !== undefined);
  const bytes = Object.entries(annotations).reduce(
    (sum, entry) => sum + Buffer.byteLength(entry.join('')),
    0,
  );
  return [
    ...wrong.map((key) => ({
      path: `${path}[${key}]`,
      message: `is no key of an annotation: write [prefix/]name`,
    })),
    ...(bytes > MAX_ANNOTATION_BYTES
      ? [{ path, message: 'must hold at most 256 KiB in all: make them shorter' }]
      : []),
  ];
}
