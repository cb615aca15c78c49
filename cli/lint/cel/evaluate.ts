/**
 * Evaluates one rule as the API server does when an object is created.
 */
import { celEnv, isCelError, parse, plan, type CelInput, type CelResult } from '@bufbuild/cel';
import { strings } from '@bufbuild/cel/ext';
import { errorMessage } from '../../../core/errors.ts';
import type { FieldError } from '../../../api/index.ts';
import type { Occurrence } from './occurrence.ts';
import { toCel } from './value.ts';

type Program = (bindings: { readonly self: CelInput }) => CelResult;

const environment = celEnv({ funcs: strings });
/** A rule of a list applies to each of its items: it is parsed once. */
const programs = new Map<string, Program>();

/** @returns what the rule has against its value, or undefined. A rule that cannot be evaluated refuses, as on the API server. */
export function evaluate(occurrence: Occurrence): FieldError | undefined {
  const { rule, path } = occurrence;
  const result = resultOf(occurrence);
  if (result === true) return undefined;
  if (result === false)
    return { path: `${path}${rule.fieldPath ?? ''}`.replace(/^\./, ''), message: rule.message };
  return { path, message: `${result} evaluating rule: ${rule.message}` };
}

/** The verdict, or why there is none. */
function resultOf({ rule, schema, self }: Occurrence): boolean | string {
  try {
    const result = programOf(rule.rule)({ self: toCel(schema, self) });
    if (typeof result === 'boolean') return result;
    return isCelError(result) ? result.message : 'the result is not a boolean';
  } catch (error) {
    return errorMessage(error);
  }
}

function programOf(rule: string): Program {
  const known = programs.get(rule);
  if (known !== undefined) return known;
  const program: Program = plan(environment, parse(rule));
  programs.set(rule, program);
  return program;
}
