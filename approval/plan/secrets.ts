/** A plan is shown to people, stored and sent: no secret may be in it. */
import { secretClassOf } from '../../checks/secrets/index.ts';
import { isObject, segmentsOf } from './json-patch.ts';
import type { PatchOperation } from './plan.ts';

/** @returns the first place and class of what looks like a secret; undefined when nothing does. Never the value. */
export function secretIn(
  operations: readonly PatchOperation[],
): { readonly path: string; readonly secretClass: string } | undefined {
  for (const operation of operations) {
    if (operation.op === 'remove') continue;
    const name = segmentsOf(operation.path).at(-1) ?? '';
    const secretClass = secretClassIn(name, operation.value);
    if (secretClass !== undefined) return { path: operation.path, secretClass };
  }
  return undefined;
}

function secretClassIn(name: string, value: unknown): string | undefined {
  if (typeof value === 'string') return secretClassOf(name, value);
  if (Array.isArray(value)) return first(value, (entry) => secretClassIn('', entry));
  if (!isObject(value)) return undefined;
  // An environment variable, or a header: its name is a field of its own.
  const own = typeof value['name'] === 'string' ? value['name'] : '';
  return first(Object.entries(value), ([key, member]) => secretClassIn(key === 'value' ? own : key, member));
}

function first<T>(list: readonly T[], find: (entry: T) => string | undefined): string | undefined {
  for (const entry of list) {
    const found = find(entry);
    if (found !== undefined) return found;
  }
  return undefined;
}
