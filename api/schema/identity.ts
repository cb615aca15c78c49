/**
 * What an API server knows of an object from the request's path and not from its schema: group, version, kind and name.
 */
import type { FieldError } from './validator.ts';

/** The identity that objects of one kind share. */
interface KindIdentity {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** @returns everything that keeps `value` from being a named object of this kind. */
export function identityErrors(
  value: unknown,
  { group, version, kind: expected }: KindIdentity,
): readonly FieldError[] {
  const { apiVersion, kind, metadata } = entries(value);
  const expectedVersion = `${group}/${version}`;
  return [
    ...(apiVersion === expectedVersion
      ? []
      : [{ path: 'apiVersion', message: `must be ${expectedVersion}` }]),
    ...(kind === expected ? [] : [{ path: 'kind', message: `must be ${expected}` }]),
    ...(typeof entries(metadata)['name'] === 'string'
      ? []
      : [{ path: 'metadata.name', message: 'is required: set it' }]),
  ];
}

function entries(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}
