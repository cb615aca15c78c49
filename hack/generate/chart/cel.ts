/** What the chart's admission policies are written with: pieces of CEL, and the shape of a validation. */

/** One validation of a ValidatingAdmissionPolicy. */
export interface Validation {
  readonly expression: string;
  readonly message?: string;
  readonly messageExpression?: string;
  readonly reason: 'Forbidden' | 'Invalid';
}

/** A named expression that validations refer to as `variables.NAME`. It is computed once, when it is first needed. */
export interface Variable {
  readonly name: string;
  readonly expression: string;
}

/** The part of a ValidatingAdmissionPolicy that judges, after all that says what it is asked about. */
export interface Judgement {
  readonly matchConditions: readonly Variable[];
  readonly variables: readonly Variable[];
  readonly validations: readonly Validation[];
}

/** CEL that joins literal text (even positions) and expressions (odd positions). */
export function sentence(...parts: readonly string[]): string {
  return parts.map((part, index) => (index % 2 === 0 ? JSON.stringify(part) : part)).join(' + ');
}

/** What a message may have (5 KiB), in characters of which the odd one is not ASCII. */
const MAX_MESSAGE_LENGTH = 4_000;

/**
 * A validation that refuses when the list of sentences `variables.LIST` is not empty, and says them all, or as many as a message may have:
 * the first. `otherwise` is said where even that is too long.
 */
export function nothingIn(list: string, otherwise: string): Validation {
  const all = `variables.${list}.join("; ")`;
  return {
    expression: `size(variables.${list}) == 0`,
    message: otherwise,
    messageExpression: `size(${all}) > ${MAX_MESSAGE_LENGTH} ? variables.${list}[0] : ${all}`,
    reason: 'Forbidden',
  };
}

/** CEL for one list of what several lists hold. */
export function joined(...lists: readonly string[]): string {
  return lists.map((list) => `(${list})`).join(' + ');
}

/**
 * CEL that makes one list of a list of lists of texts without line breaks. `flatten()` would do, but Kubernetes 1.33 has none: texts
 * become lines and are split again.
 */
export function flattened(lists: string): string {
  return `${lists}.map(l, l.join("\\n")).join("\\n").split("\\n").filter(l, l != "")`;
}
