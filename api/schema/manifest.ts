/** Judging an object of a kind without a cluster: its schema, with defaults filled in as the API server does. */
import { withDefaults } from './defaults.ts';
import { identityErrors } from './identity.ts';
import type { JsonSchema } from './json-schema.ts';
import { type FieldError, createValidator } from './validator.ts';

/** The verdict; a valid object comes with its defaults. */
export type Validation<Manifest> =
  | { readonly valid: true; readonly object: Manifest }
  | { readonly valid: false; readonly errors: readonly FieldError[] };

/** @returns a function that gives the object with its defaults, or every error of its schema. CEL rules are judged by the API server. */
export function manifestValidator<Manifest>(
  schema: JsonSchema,
  identity: { readonly group: string; readonly version: string; readonly kind: string },
): (value: unknown) => Validation<Manifest> {
  const judgeSchema = createValidator(schema);
  return (value) => {
    const complete = withDefaults(schema, value);
    const errors = [...identityErrors(value, identity), ...judgeSchema(complete)];
    if (errors.length > 0) return { valid: false, errors };
    // A boundary: the schema has just said that it is one.
    return { valid: true, object: complete as Manifest };
  };
}
