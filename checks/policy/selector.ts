/**
 * Label selectors as Kubernetes evaluates them, and what is wrong with one before it is.
 * @see https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/validation/validation.go
 */
import type { FieldError, LabelSelector } from '../../api/index.ts';
import { type Labels, labelKeyProblem, labelOf, labelValueProblem } from './label.ts';

/** One demand on the labels of an object. All of a selector's must be met. */
export interface Requirement {
  /** Where it stands. */
  readonly path: string;
  readonly key: string;
  /** In, NotIn, Exists or DoesNotExist; what else may stand there the schema does not say. */
  readonly operator: string;
  readonly values: readonly string[];
}

/** @returns the demands of the selector at `path`; none for `{}`, which selects everything. */
export function requirementsOf(
  { matchLabels = {}, matchExpressions = [] }: LabelSelector,
  path: string,
): readonly Requirement[] {
  return [
    ...Object.entries(matchLabels).map(([key, value]) => ({
      path: `${path}.matchLabels[${key}]`,
      key,
      operator: 'In',
      values: [value],
    })),
    ...matchExpressions.map(({ key, operator, values = [] }, index) => ({
      path: `${path}.matchExpressions[${index}]`,
      key,
      operator,
      values,
    })),
  ];
}

/** Whether an object with these labels meets the demand. Who has no such label is not in any set, so that NotIn selects it. */
export function isMet({ key, operator, values }: Requirement, labels: Labels | undefined): boolean {
  const value = labelOf(labels, key);
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}

/** @returns what keeps the demand from being understood, as the API server itself would say it of a selector of its own kinds. */
export function requirementProblems({ path, key, operator, values }: Requirement): readonly FieldError[] {
  const keyProblem = labelKeyProblem(key);
  const valueProblems = values
    .map((value) => ({ value, problem: labelValueProblem(value) }))
    .filter(({ problem }) => problem);
  return [
    ...(keyProblem === undefined ? [] : [{ path, message: `the key "${key}" ${keyProblem}` }]),
    ...operatorProblems(operator, values).map((message) => ({ path, message })),
    ...valueProblems.map(({ value, problem }) => ({ path, message: `the value "${value}" ${problem}` })),
  ];
}

function operatorProblems(operator: string, values: readonly string[]): readonly string[] {
  switch (operator) {
    case 'In':
    case 'NotIn':
      return values.length > 0 ? [] : [`the operator ${operator} needs values: list at least one`];
    case 'Exists':
    case 'DoesNotExist':
      return values.length === 0 ? [] : [`the operator ${operator} takes no values: remove them`];
    default:
      return [`the operator "${operator}" does not exist: use In, NotIn, Exists or DoesNotExist`];
  }
}

/** @returns the labels about which the demands contradict each other, so that no object meets all of them. */
export function contradictions(requirements: readonly Requirement[]): readonly string[] {
  const byKey = Map.groupBy(requirements, ({ key }) => key);
  return [...byKey].filter(([, ofKey]) => !canBeMet(ofKey)).map(([key]) => key);
}

/** Demands on one label: met by its absence, by one of the values that are named, by any other value, or not at all. */
function canBeMet(requirements: readonly Requirement[]): boolean {
  const named = new Set(requirements.flatMap(({ values }) => values));
  const other = [...named].join('');
  const candidates = [undefined, ...named, `${other}x`];
  return candidates.some((value) =>
    requirements.every((requirement) =>
      isMet(requirement, value === undefined ? {} : { [requirement.key]: value }),
    ),
  );
}
